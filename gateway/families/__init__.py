"""How operations, which know no HTTP, meet the vendor; one file for each kind."""
