"""The propagation check for components without Python, against a real server."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from demo.serving import Broker, plain_environment
from tests.house.tree import ROOT

SCRIPT = str(ROOT / "integrations" / "attest.sh")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    served = Broker(tmp_path_factory.mktemp("broker"))
    served.start()
    yield served
    served.kill()


def attest(folder: Path, shell: str, variables: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shell, SCRIPT, *words],
        env=plain_environment(folder) | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("shell", [name for name in ("sh", "bash", "dash") if shutil.which(name)])
def test_it_reports_what_the_command_reports(broker: Broker, tmp_path: Path, shell: str) -> None:
    name = f"by-{shell}"
    bundle: dict[str, str] = broker.json("env", "open", name)["variables"]
    values = {"DATABASE_URL": f"postgres://ü:p$w'\"\\@db/{name} \n", "SEARCH": f"for {name}", "CACHE_KEY_PREFIX": ""}
    done = attest(tmp_path, shell, bundle | values, "web", "SEARCH", "UNSET")
    assert done.returncode == 0, done.stderr
    assert '"variables":["DATABASE_URL","EXTERNAL_API_ENDPOINT","SEARCH"]' in done.stderr
    # The command in another component sees the same values: each says whether the script's digests are right.
    command = subprocess.run(
        ["broker", "env", "attest", "--component", "worker", "--variable", "SEARCH"],
        env=plain_environment(tmp_path) | bundle | values,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert command.returncode == 0, command.stderr
    verdict = broker.json("env", "verify", name, "--component", "web", "--component", "worker")
    assert verdict["faults"] == 0
    assert [one["because"] for one in verdict["findings"] if one["variable"] == "SEARCH"] == [
        "is the same in 1 other"
    ] * 2
    other: dict[str, str] = broker.json("env", "open", f"{name}-2")["variables"]
    assert attest(tmp_path, shell, other | values, "web", "SEARCH").returncode == 0
    leaking = broker.cli("env", "verify", f"{name}-2", check=False)
    assert (leaking.returncode, f"is the same as in {name}'s web" in leaking.stdout) == (1, True)


def test_what_cannot_be_is_said(broker: Broker, tmp_path: Path) -> None:
    bundle: dict[str, str] = broker.json("env", "open", "pr-1")["variables"]
    assert "attest.sh COMPONENT" in attest(tmp_path, "sh", bundle).stderr
    assert "BROKER_ATTEST_KEY" in attest(tmp_path, "sh", {}, "web").stderr
    injected = attest(tmp_path, "sh", bundle, "web", "A}; touch broken; x=${A")
    assert (injected.returncode, "cannot name a variable" in injected.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
    foreign = attest(tmp_path, "sh", bundle | {"BROKER_ENVIRONMENT": "pr-2"}, "web")
    assert foreign.returncode != 0
    broker.json("env", "open", "pr-2")
    foreign = attest(tmp_path, "sh", bundle | {"BROKER_ENVIRONMENT": "pr-2"}, "web")
    assert (foreign.returncode != 0, "this key is pr-1's" in foreign.stderr) == (True, True)


def test_a_fork_reports_without_a_salt(broker: Broker, tmp_path: Path) -> None:
    bundle: dict[str, str] = broker.json("env", "open", "pr-3")["variables"]
    del bundle["BROKER_ATTEST_SALT"]
    done = attest(tmp_path, "sh", bundle | {"DATABASE_URL": "x"}, "web")
    assert done.returncode == 0, done.stderr
    assert broker.json("env", "verify", "pr-3")["faults"] == 0
