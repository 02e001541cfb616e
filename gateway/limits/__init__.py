"""What one document, one request and one caller may ask for: one rule a file.

`documents.py` applies the rules on documents in order, `cost/` estimates upstream calls.
"""
