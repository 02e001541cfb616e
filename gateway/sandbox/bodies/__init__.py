"""Builds the vendor's resources from records, with the members of its samples (CONTRACT 5)."""
