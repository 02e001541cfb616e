"""10,000 random documents: the memoised counts are those of documents that are written out."""

import pytest
from graphql import ArgumentNode, DocumentNode, GraphQLError, Visitor, parse, visit

from gateway.limits.aliases import count_aliases
from gateway.limits.depth import measure_depths
from gateway.limits.directives import count_directives
from gateway.limits.flat_document import flatten
from gateway.limits.root_fields import count_root_fields
from gateway.limits.selections import count_selections
from gateway.limits.value_depth import measure_nesting
from tests.gateway.limits import expanded_counts
from tests.gateway.limits.expanded_counts import Cycle, Oracle
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
            flatten(document)
        return False
    outline = flatten(document)
    assert count_selections(outline) == expected.selections()
    assert count_aliases(outline) == expected.aliases()
    assert count_directives(outline) == expected.directives()
    assert count_root_fields(outline) == expected.root_fields()
    assert [tuple(depths[:2]) for depths in measure_depths(outline)] == expected.depths()
    visit(document, _Nesting())
    return True


class _Nesting(Visitor):
    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        assert measure_nesting(node.value) == expanded_counts.nesting(node.value)
