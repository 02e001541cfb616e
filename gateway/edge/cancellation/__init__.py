"""How long work lasts: as long as its client, beyond it, until the gateway ends."""
