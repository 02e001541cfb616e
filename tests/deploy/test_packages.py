"""The wheel and the source distribution."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
GIT: Final = shutil.which("git")

pytestmark = pytest.mark.skipif(GIT is None or not (ROOT / ".git").exists(), reason="not a clone")


def build(folder: Path, umask: int, timezone: str) -> dict[str, Path]:
    """Build both from the committed files; returns them by the end of their names."""
    source = folder / "source"
    source.mkdir(parents=True, mode=0o755)
    archive = subprocess.check_output([str(GIT), "archive", "HEAD"], cwd=ROOT)  # noqa: S603
    unpack = ["tar", "-x", "-C", str(source)]
    subprocess.run(unpack, input=archive, check=True, umask=umask)  # noqa: S603
    subprocess.run(  # noqa: S603 - the build backend
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=source,
        env={**os.environ, "TZ": timezone},
        umask=umask,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return {path.suffix: path for path in folder.iterdir() if path.is_file()}


def test_two_builds_are_identical_and_complete(tmp_path: Path) -> None:
    one = build(tmp_path / "one", 0o022, "UTC")
    other = build(tmp_path / "elsewhere/other", 0o077, "Asia/Tokyo")
    assert set(one) == {".whl", ".gz"}
    for suffix, path in one.items():
        same = other[suffix]
        assert path.name == same.name
        assert _digest(path) == _digest(same), f"{path.name} is not reproducible"

    packaged = set(zipfile.ZipFile(one[".whl"]).namelist())
    tracked = subprocess.check_output(  # noqa: S603
        [str(GIT), "ls-files", "gateway", "resolvers", "schema"], cwd=ROOT, text=True
    )
    assert set(tracked.splitlines()) <= packaged
    top = {name.partition("/")[0] for name in packaged if ".dist-info" not in name}
    assert top == {"gateway", "resolvers", "schema"}
    with tarfile.open(one[".gz"]) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {"pyproject.toml", "uv.lock", "deploy/Containerfile", "LICENSE"} <= names


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
