"""10,000 random documents: the memoised counts are those of documents that are written out."""

import pytest
from graphql import ArgumentNode, DocumentNode, GraphQLError, Visitor, parse, visit

from gateway.limits.aliases import aliases_of
from gateway.limits.depth import depths_of
from gateway.limits.directives import directives_of
from gateway.limits.literals import nesting
from gateway.limits.outline import outline_of
from gateway.limits.root_fields import root_fields_of
from gateway.limits.selections import selections_of
from tests.gateway.limits import oracle
from tests.gateway.limits.oracle import Cycle, Oracle
from tests.gateway.limits.random_documents import RandomDocuments

DOCUMENTS = 10_000
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_counts_equal_those_of_documents_written_out(part: int) -> None:
    documents = RandomDocuments(part)
    cycles = expanded = 0
    for _ in range(DOCUMENTS // PARTS):
        text = documents.text()
        cycles += not _agree(parse(text, no_location=True))
        expanded += "..." in text
    assert 0 < cycles < DOCUMENTS // PARTS // 10
    assert expanded > DOCUMENTS // PARTS // 2


def _agree(document: DocumentNode) -> bool:
    """Compare all counts; whether the document has an end."""
    try:
        expected = Oracle(document)
    except Cycle:
        with pytest.raises(GraphQLError, match="within itself"):
            outline_of(document)
        return False
    outline = outline_of(document)
    assert selections_of(outline) == expected.selections()
    assert aliases_of(outline) == expected.aliases()
    assert directives_of(outline) == expected.directives()
    assert root_fields_of(outline) == expected.root_fields()
    assert [tuple(depths[:2]) for depths in depths_of(outline)] == expected.depths()
    visit(document, _Nesting())
    return True


class _Nesting(Visitor):
    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        assert nesting(node.value) == oracle.nesting(node.value)
