"""An HTTP/1.1 client on the running loop, with as much of the protocol as one API needs.

`request_serializer.py` writes requests, `connection.py` reads responses (with httptools, the parser
that the server also uses), `pool.py` opens and keeps connections. `asyncio_transport.py` decides
what the result of an exchange means.
"""
