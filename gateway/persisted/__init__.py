"""Persisted documents: GraphQL documents that clients send by name or hash.

Some are registered in a manifest that is checked against the schema. Others are cached from their
first request (automatic persisted queries). A policy decides which documents must be registered.
"""
