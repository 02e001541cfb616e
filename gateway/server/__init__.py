"""Runs the gateway and the sandbox: sockets, processes, threads, signals.

These files build on parts of uvicorn that it does not document, and `pyproject.toml` limits uvicorn
to the versions that their tests were run with:

- `strict_http.py` and `bounded_http.py` reject request smuggling and endless heads, which uvicorn
  accepts. They are needed for security, whatever they cost.
- `draining.py` lets the app end its streams and WebSockets, for which uvicorn would wait forever or
  which it would cut off.
- `fast_path.py` and `repeated_head.py` save work for each request: `{ __typename }` took 50
  instead of 63 µs of CPU time with the responder alone (medians of seven alternating runs of 6,000
  requests).
- `uvicorn_runner.py` subclasses the supervisor of worker processes, to handle SIGHUP like SIGTERM.
"""
