"""Executes compiled plans."""
