"""For 10,000 random documents the linear counts equal those of the expanded documents."""

import pytest
from graphql import ArgumentNode, DocumentNode, GraphQLError, Visitor, parse, visit

from gateway.limits.depth import measure_depths
from gateway.limits.document_rules import (
    count_aliases,
    count_directives,
    count_root_fields,
    count_selections,
)
from gateway.limits.document_values import measure_nesting
from gateway.limits.flat_document import flatten
from tests.gateway.limits import expanded_counts
from tests.gateway.limits.expanded_counts import ExpandedDocument, FragmentCycle
from tests.gateway.limits.random_documents import RandomDocuments

DOCUMENTS = 10_000
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_counts_equal_those_of_the_expanded_document(part: int) -> None:
    documents = RandomDocuments(part)
    cycles = with_fragments = 0
    for _ in range(DOCUMENTS // PARTS):
        text = documents.text()
        cycles += not _has_equal_counts(parse(text, no_location=True))
        with_fragments += "..." in text
    assert 0 < cycles < DOCUMENTS // PARTS // 10
    assert with_fragments > DOCUMENTS // PARTS // 2


def _has_equal_counts(document: DocumentNode) -> bool:
    """Compare all counts. Returns false for a document whose fragments form a cycle."""
    try:
        expected = ExpandedDocument(document)
    except FragmentCycle:
        with pytest.raises(GraphQLError, match="within itself"):
            flatten(document)
        return False
    flat = flatten(document)
    assert count_selections(flat) == expected.selections()
    assert count_aliases(flat) == expected.aliases()
    assert count_directives(flat) == expected.directives()
    assert count_root_fields(flat) == expected.root_fields()
    assert [tuple(depths[:2]) for depths in measure_depths(flat)] == expected.depths()
    visit(document, _NestingCheck())
    return True


class _NestingCheck(Visitor):
    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        assert measure_nesting(node.value) == expanded_counts.nesting(node.value)
