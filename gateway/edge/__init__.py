"""Bytes to GraphQL and back: the addresses that the gateway answers, with no rules of its own."""
