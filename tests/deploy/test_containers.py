"""The container image and the Compose file, as far as linters can tell without containers."""

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import yaml

from gateway.edge.site.probes import PATHS
from gateway.settings import Settings
from gateway.settings.loading import load_settings

ROOT: Final = Path(__file__).parents[2]
CONTAINERFILE: Final = ROOT / "deploy/Containerfile"
COMPOSE: Final = ROOT / "deploy/compose.yaml"
EXAMPLE: Final = ROOT / "deploy/gateway.example.env"
GRACE_S: Final = Settings().operations.shutdown_grace_s


def run_tool(name: str, *arguments: str | Path) -> None:
    """Run a tool of this environment, which must report nothing."""
    program = shutil.which(name, path=Path(sys.executable).parent)
    assert program is not None
    done = subprocess.run(  # noqa: S603 - a linter
        [program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return parsed


def read_environment(file: Path) -> dict[str, str]:
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def test_linters_find_no_fault() -> None:
    run_tool("hadolint", CONTAINERFILE)
    run_tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE.read_text(), re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    for path in " ".join(copied).split():
        assert (ROOT / path).exists()
        assert any(fnmatch(path, each) for each in kept), path


def test_the_image_runs_as_an_unprivileged_user_with_a_health_check() -> None:
    final = CONTAINERFILE.read_text().rpartition("\nFROM ")[2]
    users = re.findall(r"^USER (\d+):(\d+)$", final, re.MULTILINE)
    assert [int(user) > 0 for user, _ in users] == [True]
    (checked,) = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", final)
    assert checked in PATHS


def test_services_stop_after_the_grace_period_of_the_gateway() -> None:
    gateways = [each for name, each in compose()["services"].items() if "gateway" in name]
    assert len(gateways) == 2
    for each in gateways:
        assert int(each["stop_grace_period"].removesuffix("s")) > GRACE_S
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]


def test_the_example_and_the_services_have_valid_settings(tmp_path: Path) -> None:
    environment = compose()["services"]["gateway-1"]["environment"]
    settings = load_settings({**read_environment(EXAMPLE), **environment})
    assert (settings.profile, settings.auth.mode) == ("production", "keys")


def test_prometheus_scrapes_every_gateway() -> None:
    prometheus = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    targets = prometheus["scrape_configs"][0]["static_configs"][0]["targets"]
    gateways = [name for name in compose()["services"] if "gateway" in name]
    assert targets == [f"{name}:8000" for name in gateways]
