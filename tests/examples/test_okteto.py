"""The Okteto manifest's commands, run against a real server with a kubectl that writes down what it is given."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from demo.serving import Broker, plain_environment
from tests.house.tree import ROOT

MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "okteto.yaml").read_text())


def run(command: str, broker: Broker, folder: Path) -> subprocess.CompletedProcess[str]:
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    kubectl = tools / "kubectl"
    kubectl.write_text('#!/bin/sh\necho "$@" >> calls\n[ "$5" = - ] && cat > applied.yaml\nexit 0\n')
    kubectl.chmod(0o755)
    environment = plain_environment(folder)
    environment["PATH"] = f"{tools}{os.pathsep}{environment['PATH']}"
    variables = {"BROKER_URL": broker.url, "BROKER_TOKEN": broker.token, "OKTETO_NAMESPACE": "preview-ada"}
    return subprocess.run(
        ["sh", "-c", command], env=environment | variables, cwd=folder, capture_output=True, text=True, timeout=60
    )


def test_deploy_opens_and_injects_and_destroy_closes(broker: Broker, tmp_path: Path) -> None:
    for step in MANIFEST["deploy"]:
        done = run(step["command"], broker, tmp_path)
        assert done.returncode == 0, done.stderr
    secret = yaml.safe_load((tmp_path / "applied.yaml").read_text())
    assert (secret["kind"], secret["metadata"]["name"]) == ("Secret", "broker-preview-ada")
    assert secret["stringData"] == broker.json("env", "open", "preview-ada")["variables"]
    assert (tmp_path / "calls").read_text().splitlines() == [
        "--namespace preview-ada apply -f -",
        "--namespace preview-ada apply -f application.yaml",
    ]
    assert run(MANIFEST["deploy"][0]["command"], broker, tmp_path).returncode == 0, "deploys are repeated"
    (close,) = MANIFEST["destroy"]
    assert run(close["command"], broker, tmp_path).returncode == 0
    assert broker.json("env", "show", "preview-ada")["status"] == "closed"
    assert run(MANIFEST["deploy"][0]["command"], broker, tmp_path).returncode == 0, "and deployed again"


def test_a_refusal_fails_the_step(broker: Broker, tmp_path: Path) -> None:
    (close,) = MANIFEST["destroy"]
    done = run(close["command"].replace("$OKTETO_NAMESPACE", "nobody"), broker, tmp_path)
    assert (done.returncode != 0, "no environment is called nobody" in done.stdout) == (True, True)
