"""The families of upgrades: how each turns orders into upstream calls, one file each."""
