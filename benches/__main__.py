"""Runs all benches one after another: `python -m benches [FOLDER]`.

With a folder, each writes its figures there as JSON. The soak bench by itself takes ten minutes
and the engine's equality bench 15; both run shorter here.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

BENCHES: Final = {
    "throughput": [],
    "latency": [],
    "scaling": [],
    "startup": [],
    "edge": [],
    "engine": [],
    "upstream": [],
    "transports": [],
    "mutations": [],
    "batches": ["--lines", "500"],
    "hostile_documents": [],
    "chaos": ["--keys", "200", "--lines", "100"],
    "takeovers": ["--rounds", "4", "--work-s", "2"],
    "engine_equality": ["--documents", "1000"],
    "soak": ["--seconds", "60"],
}


def main(folder: Path | None) -> int:
    """Run each bench in its own process. Returns how many failed."""
    failed = 0
    for name, arguments in BENCHES.items():
        command = [sys.executable, "-m", f"benches.{name}", *arguments]
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            command += ["--json", str(folder / f"{name}.json")]
        print(f"== {name}", flush=True)
        failed += subprocess.run(command, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
