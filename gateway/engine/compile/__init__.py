"""Compiles operations to plans."""
