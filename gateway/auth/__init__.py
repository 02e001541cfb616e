"""Authentication and scopes of callers."""
