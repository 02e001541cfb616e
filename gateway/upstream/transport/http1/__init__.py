"""A client for HTTP/1.1 over the running loop: as much of the protocol as one API needs.

`head.py` writes requests, `connection.py` reads answers (with httptools, the parser the server
uses as well), `pool.py` opens connections and keeps them. What an exchange means to its caller is
decided in `gateway/upstream/transport/asyncio_transport.py`.
"""
