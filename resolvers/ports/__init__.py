"""What resolvers need from outside, as Protocols: a port a file."""
