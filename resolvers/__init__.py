"""Verbs: how questions are answered. Needs from outside are Protocols in `ports`."""
