from pathlib import Path

import schema
from resolvers.graph import build_graph


def test_the_committed_graph_is_the_graph() -> None:
    committed = Path(schema.__file__).with_name("schema.graphql").read_text("utf-8")
    assert committed == build_graph().as_str() + "\n", "run `make schema` and review the change"
