"""The HTTP and WebSocket edge: turns bytes into GraphQL requests and responses into bytes."""
