"""Limits for one document, one request and one caller.

`document_rules.py` applies the limits for documents, `requests.py` those for requests; `cost/`
estimates upstream calls.
"""
