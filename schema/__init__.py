"""The types of the graph and their descriptions. Nothing here does input or output."""
