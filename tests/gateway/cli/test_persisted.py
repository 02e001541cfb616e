"""`upgrade-gateway persisted`, run in this process."""

from pathlib import Path

from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.persisted.manifest import hash_document

ASK = 'query Ask { offer(id: "a") { id } }'
BUY = "query Buy { nothingLikeThis }"


def invoke(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"UPGRADE_GATEWAY_CONFIG": None, **environ})


def files(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.graphql").write_text(text, "utf-8")
    return [str(folder / f"{name}.graphql") for name in texts]


def test_documents_are_added_listed_and_checked(tmp_path: Path) -> None:
    manifest = str(tmp_path / "persisted.json")
    added = invoke("persisted", "add", *files(tmp_path, ask=ASK), "--manifest", manifest)
    assert (added.exit_code, added.stdout) == (0, f"1 added, 1 in {manifest}\n")
    again = invoke("persisted", "add", *files(tmp_path, ask=ASK), "--manifest", manifest)
    assert again.stdout == f"0 added, 1 in {manifest}\n"
    listed = invoke("persisted", "list", "--manifest", manifest)
    assert listed.stdout == f"{hash_document(ASK)}  query         Ask\n"
    checked = invoke("persisted", "check", "--manifest", manifest)
    assert (checked.exit_code, checked.stdout) == (0, "1 documents are valid\n")


def test_nothing_is_added_when_one_document_does_not_fit(tmp_path: Path) -> None:
    manifest = tmp_path / "persisted.json"
    two = files(tmp_path, ask=ASK, buy=BUY)
    added = invoke("persisted", "add", *two, "--manifest", str(manifest))
    assert added.exit_code == 1
    assert added.stderr.startswith("invalid: query Buy (")
    assert "Cannot query field 'nothingLikeThis'" in added.stderr
    assert not manifest.exists()


def broken_manifest(folder: Path) -> Path:
    manifest = folder / "persisted.json"
    fine = invoke("persisted", "add", *files(folder, ask=ASK), "--manifest", str(manifest))
    assert fine.exit_code == 0
    manifest.write_text(manifest.read_text("utf-8").replace("{ id }", "{ gone }"), "utf-8")
    return manifest


def test_a_document_that_the_graph_no_longer_fits_fails_both_checks(tmp_path: Path) -> None:
    manifest = broken_manifest(tmp_path)
    for result in (
        invoke("persisted", "check", "--manifest", str(manifest)),
        invoke("schema", "check", UPGRADE_GATEWAY_PERSISTED__FILE=str(manifest)),
    ):
        assert result.exit_code == 1
        assert "invalid: query Ask" in result.stderr
        assert "Cannot query field 'gone'" in result.stderr


def test_a_missing_manifest_is_an_error(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.json")
    for verb in (
        ["persisted", "check", "--manifest", missing],
        ["persisted", "list", "--manifest", missing],
    ):
        result = invoke(*verb)
        assert result.exit_code == 1
        assert f"cannot read '{missing}' (No such file or directory); check" in result.stderr
    result = invoke("schema", "check", UPGRADE_GATEWAY_PERSISTED__FILE=missing)
    assert "(No such file or directory); check the path" in result.stderr


def test_a_document_beyond_the_limits_is_not_registered(tmp_path: Path) -> None:
    manifest = tmp_path / "persisted.json"
    aliases = " ".join(f"a{number}: id" for number in range(16))
    file = files(tmp_path, many=f'query Many {{ offer(id: "a") {{ {aliases} }} }}')
    arguments = ("persisted", "add", *file, "--manifest", str(manifest))

    refused = invoke(*arguments)
    added = invoke(*arguments, UPGRADE_GATEWAY_LIMITS__MAX_ALIASES="16")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("invalid: query Many (")
    assert "aliases" in refused.stderr
    assert added.exit_code == 0
