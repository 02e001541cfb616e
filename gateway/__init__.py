"""Upgrade Gateway: serves the graph and calls Partner Center."""

from importlib.metadata import version

__version__ = version("upgrade-gateway")
