"""What browsers are allowed and told, whatever the protocol."""
