"""GraphQL over HTTP: bodies in; JSON, parts and event streams out."""
