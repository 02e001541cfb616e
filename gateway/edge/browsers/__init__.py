"""Rules for browsers: allowed origins, CORS and security headers."""
