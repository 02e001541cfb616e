"""Upgrade Gateway: how the graph is served and how its answers are fetched."""

from importlib.metadata import version

__version__ = version("upgrade-gateway")
