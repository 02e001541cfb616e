"""Validation rules that replace slow parts of graphql-core."""
