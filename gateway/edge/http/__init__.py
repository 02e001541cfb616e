"""GraphQL over HTTP: single responses, multipart responses and Server-Sent Events."""
