"""Checks a configuration step by step, and says how to fix problems."""
