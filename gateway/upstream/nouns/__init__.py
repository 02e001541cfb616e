"""Resources that are decoded straight into what the graph reads: no object is made of another.

A model here stands in for a type of `schema`: it has every attribute of it and says that it is
one of its instances, which Strawberry, the engine and `isinstance` believe. Members that the graph
shows as they came are read from the model itself. What is shown otherwise (enums, instants, lists,
links) is made when it is asked for, and what few ask for is not even decoded before that.

CONTRACT 0, rule 6: absent, null and empty are the same. `Reader` makes empty texts null.
"""
