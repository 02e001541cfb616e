"""Wire models: the vendor's resources, members named as sent, camelCase.

Every member of CONTRACT 5 stands here, so that the strict decoder may refuse what it does not
know: a body with another casing or an unknown member is unusual and takes the tolerant way of
`reading.py`. Enums and dates stay as sent; `mapping` reads them.
"""
