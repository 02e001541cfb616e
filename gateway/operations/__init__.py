"""Writes that are recorded before they are sent, and performed once."""
