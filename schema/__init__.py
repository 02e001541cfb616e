"""Nouns: what may be asked of the graph, in types and words. No input, no output, no upstream."""
