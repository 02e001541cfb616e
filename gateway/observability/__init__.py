"""What is emitted, in one place: logs."""
