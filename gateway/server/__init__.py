"""Runs the gateway and the sandbox: sockets, processes, threads, signals."""
