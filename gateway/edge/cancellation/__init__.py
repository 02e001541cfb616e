"""When work ends early: its client disconnects, its credential is revoked, the gateway stops."""
