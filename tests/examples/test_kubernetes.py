"""The manifests are Kubernetes', and what they name exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from broker.bundle import render
from broker.control.routes import ROUTES
from broker.settings import unknown_variables
from tests.house import reference
from tests.house.tree import ROOT

FOLDER = ROOT / "examples" / "kubernetes"
MANIFESTS: list[tuple[str, dict[str, Any]]] = [
    (f"{path.name} {one['kind']} {one['metadata']['name']}", one)
    for path in sorted(FOLDER.glob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text())
]
#: The oldest and the newest version that they are held against.
VERSIONS = ("1.29", "1.37")


def pods() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, namespace and pod of everything that runs."""
    for name, manifest in MANIFESTS:
        spec = manifest.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            yield name, manifest["metadata"]["namespace"], spec["template"]["spec"]


def containers() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, _, pod in pods():
        for container in pod["containers"]:
            yield name, pod, container


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", [one for _, one in MANIFESTS], ids=[name for name, _ in MANIFESTS])
def test_each_is_valid(manifest: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


def test_the_check_can_fail() -> None:
    _, broken = MANIFESTS[0]
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**broken, "spec": {"nonsense": 1}}, VERSIONS[1], strict=True)


def test_the_bundle_is_a_valid_secret_under_the_name_that_they_read() -> None:
    bundle = {"name": "pr-142", "variables": {"BROKER_ENVIRONMENT": "pr-142"}}
    secret = yaml.safe_load(render(bundle, "k8s"))
    kubernetes_validate.validate(secret, VERSIONS[1], strict=True)
    read = {source["secretRef"]["name"] for _, _, container in containers() for source in container.get("envFrom", ())}
    assert read == {secret["metadata"]["name"]}


def test_the_brokers_containers_hold_no_more_than_they_need() -> None:
    seen = 0
    for name, pod, container in containers():
        assert pod["automountServiceAccountToken"] is False, name
        if not container["image"].startswith("preview-broker"):
            continue
        seen += 1
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
    assert seen == 4


def test_the_control_token_stays_in_the_brokers_namespace() -> None:
    for name, namespace, pod in pods():
        holds = "BROKER_TOKEN" in str(pod)
        assert holds == (namespace == "preview-broker"), name


def test_arguments_are_commands_of_the_broker() -> None:
    tree = {name: command for name, _, command in reference.command_tree()}
    seen = []
    for name, _, container in containers():
        if not container["image"].startswith("preview-broker"):
            continue
        words = container["args"]
        command = words[0] if words[0] in tree else " ".join(words[:2])
        assert command in tree, name
        known = {option for parameter in tree[command].params for option in parameter.opts}
        known |= {"--host", "--port", "--data"} if command == "serve" else set()
        assert {word for word in words if word.startswith("--")} <= known, name
        seen.append(command)
    assert seen == ["serve", "env close", "env renew", "github reconcile"]


def test_variables_are_settings_and_keys_are_in_the_secret() -> None:
    (secret,) = [one for _, one in MANIFESTS if one["kind"] == "Secret"]
    named = set()
    for name, _, container in containers():
        variables = {one["name"]: one for one in container.get("env", ())}
        assert unknown_variables(dict.fromkeys(variables, "")) == [], name
        named |= {one["valueFrom"]["secretKeyRef"]["key"] for one in variables.values() if "valueFrom" in one}
    assert named == set(secret["stringData"])
    assert all(value.startswith("REPLACE") for value in secret["stringData"].values()), "no secret is published here"


def test_probes_ask_what_is_there() -> None:
    open_paths = {route.path for route in ROUTES if not route.token}
    (probes,) = [
        {name: probe["httpGet"]["path"] for name, probe in container.items() if name.endswith("Probe")}
        for _, _, container in containers()
        if "readinessProbe" in container
    ]
    assert set(probes) == {"startupProbe", "readinessProbe", "livenessProbe"}
    assert set(probes.values()) <= open_paths


def test_commands_in_the_comments_exist() -> None:
    text = "".join(path.read_text() for path in FOLDER.glob("*.yaml"))
    assert (
        {"env open"}
        <= set(re.findall(r"broker (env [a-z]+)", text))
        <= {name for name, _, _ in reference.command_tree()}
    )
    assert (ROOT / "integrations" / "attest.sh").is_file()
    assert "--from-file=integrations/attest.sh" in text
