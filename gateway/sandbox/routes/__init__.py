"""One handler for each operation: reads the request, asks the rules, writes the body."""
