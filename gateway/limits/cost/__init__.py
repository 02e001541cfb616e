"""Estimates how many upstream calls an operation needs, before any is made."""
