"""Where operations are stored: one set of tables in SQLite or PostgreSQL."""
