"""The ports of a caller who may access only some customers."""
