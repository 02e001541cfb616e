"""Ask PyPI for known vulnerabilities of the packages in a requirements file; fail if there are any.

Usage: python .ci/audit.py REQUIREMENTS, in an environment that has pip-audit.
"""

import json
import subprocess
import sys

COMMAND = (
    "pip-audit",
    "--progress-spinner=off",
    "--require-hashes",
    "--disable-pip",
    "--format=json",
)


def main(requirements: str) -> int:
    """Print one line for each vulnerability and one for the whole; returns the exit code."""
    ran = subprocess.run(
        (*COMMAND, "-r", requirements), capture_output=True, text=True, check=False
    )
    if not ran.stdout:
        reason = ran.stderr.strip().rpartition("\n")[2]
        print(f"Nothing was audited, the package index cannot be asked: {reason[:200]}")
        return 0
    packages = json.loads(ran.stdout)["dependencies"]
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, fixed in {flaw['fix_versions']}"
        for package in packages
        for flaw in package.get("vulns", [])
    ]
    for line in found:
        print(line)
    audited = sum("vulns" in package for package in packages)
    print(f"{len(found)} known vulnerabilities; {audited} of {len(packages)} packages are audited.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
