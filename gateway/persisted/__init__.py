"""Persisted documents: GraphQL texts that clients name instead of sending them.

Some are registered beforehand, in a manifest that is checked against the graph; others are
remembered from their first request (automatic persisted queries). A policy says which
documents may run without being registered.
"""
