"""The Kustomize base, checked against the schemas of Kubernetes."""

import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gateway.edge.site.probes import PATHS
from gateway.settings import Settings
from gateway.settings.loading import load_settings
from tests.deploy.test_containers import read_environment, run_tool

BASE: Final = Path(__file__).parents[2] / "deploy/kubernetes"
KUBECTL: Final = shutil.which("kubectl")
GRACE_S: Final = Settings().operations.shutdown_grace_s


def read(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((BASE / name).read_text())
    return parsed


def container() -> dict[str, Any]:
    (only,) = read("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = only
    return found


def test_every_file_is_a_valid_resource_of_the_base() -> None:
    resources = read("kustomization.yaml")["resources"]
    assert {*resources, "kustomization.yaml"} == {path.name for path in BASE.glob("*.yaml")}
    run_tool("kubernetes-validate", "--strict", *(BASE / name for name in resources))


@pytest.mark.skipif(KUBECTL is None, reason="no kubectl; that of Debian 12 is too old for the base")
def test_kustomize_renders_valid_resources(tmp_path: Path) -> None:
    rendered = tmp_path / "rendered.yaml"
    with rendered.open("wb") as file:
        subprocess.run([str(KUBECTL), "kustomize", str(BASE)], stdout=file, check=True)  # noqa: S603
    run_tool("kubernetes-validate", "--strict", rendered)
    kinds = {each["kind"] for each in yaml.safe_load_all(rendered.read_text())}
    assert kinds == {"ConfigMap", "Deployment", "PodDisruptionBudget", "Service"}


def test_a_pod_is_stopped_after_the_grace_period_of_the_gateway() -> None:
    _, delay_s = container()["lifecycle"]["preStop"]["exec"]["command"]
    pod = read("deployment.yaml")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > GRACE_S + float(delay_s)


def test_probes_are_those_of_the_gateway() -> None:
    probes = [container()[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness")]
    assert {probe["path"] for probe in probes} == {PATHS[0]}
    assert container()["readinessProbe"]["httpGet"]["path"] == PATHS[1]


def test_the_budget_and_the_service_select_the_pods() -> None:
    labels = read("deployment.yaml")["spec"]["template"]["metadata"]["labels"]
    assert read("disruption-budget.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert read("service.yaml")["spec"]["selector"] == labels


def test_the_settings_are_valid_together_with_the_secret_that_the_guide_names() -> None:
    secret = {"TENANT_ID": "contoso.example", "CLIENT_ID": "id", "CLIENT_SECRET": "s"}
    environment = {f"UPGRADE_GATEWAY_PARTNER__{name}": value for name, value in secret.items()}
    settings = load_settings({**read_environment(BASE / "settings.env"), **environment})
    assert settings.profile == "production"
