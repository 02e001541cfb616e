"""Upgrade Gateway: how the graph is served and how its answers are fetched."""

__version__ = "0.1.0"
