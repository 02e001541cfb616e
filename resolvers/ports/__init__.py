"""The protocols of what resolvers need from outside: one port a module."""
