"""Install from the lock with old and new pip, beside an index that has newer releases.

Later releases must change nothing: neither whether packages are installed nor which versions.
Needs a clone of the repository, make and the package index; prints one line for each pip.
"""

import contextlib
import functools
import http.server
import os
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

PIPS = ("22.0.4", "23.2.1", "24.3.1", "25.3", "26.0")
NEWER = "9999"
REPOSITORY = Path(__file__).parents[1]
# `make setup PYTHON=…` makes its environment with this, which has the pip that is asked for.
PYTHON_WITH_PIP = """#!/bin/sh
"{python}" "$@" || exit
[ "$1 $2" != "-m venv" ] || "$3/bin/python" -m pip install -q --index-url {index} pip=={pip}
"""
PYPI = "https://pypi.org/simple"


def main() -> int:
    """Install with each pip; returns how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder, newer_releases(Path(folder)) as index:
        for pip in PIPS:
            problem = install(Path(folder) / pip, pip, index)
            print(f"pip {pip}: {problem or 'installs what is locked'}", flush=True)
            failed += problem is not None
    return failed


def install(clone: Path, pip: str, index: str) -> str | None:
    """Run `make setup` in a new clone; returns what was wrong with the result."""
    run("git", "clone", "-q", str(REPOSITORY), str(clone))
    python = clone / "python"
    python.write_text(PYTHON_WITH_PIP.format(python=sys.executable, pip=pip, index=PYPI))
    python.chmod(0o755)
    environment = os.environ | {"PIP_EXTRA_INDEX_URL": index, "UV_INDEX": index}
    made = run("make", "-C", str(clone), "setup", f"PYTHON={python}", env=environment)
    if made.returncode:
        return f"make setup failed: {made.stderr.strip()[-2000:]}"
    listed = run(clone / ".venv/bin/python", "-m", "pip", "list", "--format=freeze").stdout
    if f"pip=={pip}" not in listed:
        return f"another pip was used: {listed}"
    if NEWER in listed:
        return f"newer releases were installed: {listed}"
    return None if "strawberry-graphql==" in listed else f"nothing was installed: {listed}"


@contextlib.contextmanager
def newer_releases(folder: Path) -> Iterator[str]:
    """Serve an empty wheel of a later version for each package in the lock, and for uv."""
    names = re.findall(r'^name = "(.+)"', (REPOSITORY / "uv.lock").read_text(), re.MULTILINE)
    for name in {*names, "uv"} - {"upgrade-gateway"}:
        write_wheel(folder / "simple" / name, name)
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


def write_wheel(folder: Path, name: str) -> None:
    """Write an empty wheel, and the page that links to it."""
    folder.mkdir(parents=True)
    distribution = f"{name.replace('-', '_')}-{NEWER}"
    wheel = folder / f"{distribution}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWER}\n"
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        for member, text in (("METADATA", about), ("WHEEL", tags), ("RECORD", "")):
            file.writestr(f"{distribution}.dist-info/{member}", text)
    (folder / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def run(
    *command: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
