"""Wire becomes schema here and nowhere else: one pure function for each resource.

Absent, null and empty are the same (CONTRACT 0, rule 6): text that is empty becomes null, lists
that are absent become empty.
"""
