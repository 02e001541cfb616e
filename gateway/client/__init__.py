"""A client of a gateway's public GraphQL API, for the command line."""
