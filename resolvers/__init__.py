"""Resolvers of the root fields. What they need from outside are the protocols in `ports`."""
