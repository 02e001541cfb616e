"""The vendor's resources, one file each: the wire model, and how it becomes the graph's type.

A wire model lists every member of CONTRACT 5, named as sent. The strict decoder rejects everything
else, and such a body is decoded leniently (`decoding.py`). Absent, null and empty mean the same
(CONTRACT 0, rule 6): empty texts become null, absent lists become empty.

There are two ways from a wire model to a type of `schema`:

- Resources that are read in large numbers are used as they are. Their wire model states the
  graph's type as its `__class__`, and has every attribute of that type. Members that look alike in
  the vendor's body and in the graph are attributes; the others (enums, dates, links) are properties
  over an attribute `wire_…`, and cost something only where they are selected (ADR 0006).
- All others are converted by a function `to_…`.
"""
