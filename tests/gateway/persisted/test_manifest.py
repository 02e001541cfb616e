"""The file of registered documents."""

from codecs import BOM_UTF8
from pathlib import Path

import msgspec
import pytest

from gateway.persisted import manifest
from gateway.persisted.manifest import ManifestError

QUERY = "query Ask { __typename }"


def test_a_written_manifest_can_be_read(tmp_path: Path) -> None:
    documents = [manifest.parse_document("mutation Zeal { a }"), manifest.parse_document(QUERY)]
    file = tmp_path / "persisted.json"
    manifest.write_manifest(file, documents)
    assert manifest.read_documents(file) == [documents[1], documents[0]]
    assert '"format": "apollo-persisted-query-manifest"' in file.read_text("utf-8")


def test_a_graphql_file_is_a_document_named_by_its_hash(tmp_path: Path) -> None:
    file = tmp_path / "ask.graphql"
    file.write_text(QUERY, "utf-8")
    (document,) = manifest.read_documents(file)
    assert (document.id, document.name, document.type) == (
        manifest.hash_document(QUERY),
        "Ask",
        "query",
    )


def test_a_byte_order_mark_belongs_to_no_document(tmp_path: Path) -> None:
    file, listed = tmp_path / "ask.graphql", tmp_path / "persisted.json"
    file.write_text(QUERY, "utf-8-sig")
    manifest.write_manifest(listed, manifest.read_documents(file))
    listed.write_bytes(BOM_UTF8 + listed.read_bytes())
    (document,) = manifest.read_documents(listed)
    assert (document.id, document.body) == (manifest.hash_document(QUERY), QUERY)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.graphql", b"{ __typename }", "its query has no name; add a name"),
        ("a.graphql", b"query A { a } query B { b }", "has 2 operations; expected one"),
        ("a.graphql", b"query {", "Syntax Error"),
        ("a.graphql", b"\xff", "expected text in UTF-8"),
        ("a.json", b"\xff\xfe{", "expected text in UTF-8"),
        ("a.json", b"{", "neither a manifest"),
        ("a.json", b"[]", "Expected `object`"),
        ("a.json", b'{"format": "other", "version": 1, "operations": []}', "Invalid enum value"),
    ],
    ids=[
        "unnamed",
        "two",
        "not GraphQL",
        "not text",
        "in UTF-16",
        "not JSON",
        "a list",
        "another format",
    ],
)
def test_an_invalid_file_is_an_error_with_the_reason(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ManifestError, match=words):
        manifest.read_documents(file)


def test_two_documents_with_one_id_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "persisted.json"
    document = manifest.parse_document(QUERY)
    manifest.write_manifest(file, [document, msgspec.structs.replace(document, name="Again")])
    with pytest.raises(ManifestError, match="several documents have the id"):
        manifest.read_documents(file)


def test_an_object_of_texts_by_their_hashes_keeps_the_hashes(tmp_path: Path) -> None:
    file, listed = tmp_path / "persisted-documents.json", tmp_path / "persisted.json"
    mutation = "mutation Buy { a { ...F } }\nfragment F on A { b }"
    file.write_bytes(msgspec.json.encode({"5c1d": QUERY, "md5:0a": mutation}))
    documents = manifest.read_documents(file)
    assert [(each.id, each.name, each.type) for each in documents] == [
        ("5c1d", "Ask", "query"),
        ("md5:0a", "Buy", "mutation"),
    ]
    manifest.write_manifest(listed, documents)
    assert manifest.read_documents(listed) == documents


@pytest.mark.parametrize(
    ("text", "words"),
    [("query {", "document 'x': Syntax Error"), ("{ a }", "document 'x': its query has no name")],
)
def test_a_text_in_an_object_that_cannot_be_registered_is_named(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "persisted-documents.json"
    file.write_bytes(msgspec.json.encode({"x": text}))
    with pytest.raises(ManifestError, match=words):
        manifest.read_documents(file)
