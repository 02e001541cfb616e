"""What an operation is expected to cost in upstream calls, before any is made."""
