"""The command and a real server over a real socket, killed between any two steps."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.serving import BROKER, Broker, plain_environment


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "server")
    broker.start()
    yield broker
    broker.kill()


def test_open_and_close_hold_through_kills(served: Broker) -> None:
    first = served.json("env", "open", "pr-142")
    served.restart()
    assert served.json("env", "open", "pr-142") == first
    served.restart()
    receipt = served.json("env", "close", "pr-142")
    assert receipt["left"] == {}
    served.restart()
    assert served.json("env", "close", "pr-142") == receipt
    late = served.cli("env", "open", "pr-142", check=False)
    assert (late.returncode, "--reopen" in late.stderr) == (5, True)
    served.restart()
    second = served.json("env", "open", "pr-142", "--reopen")
    assert second["name"] == "pr-142"
    assert second["variables"] != first["variables"]
    assert served.json("incidents", "pr-142") == []


def test_the_data_folder_is_enough_on_the_same_machine(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "server", {"BROKER_TOKEN": ""})
    try:
        broker.start()
        alone = plain_environment(tmp_path) | {"BROKER_URL": broker.url}
        refused = subprocess.run([BROKER, "env", "list"], env=alone, cwd=tmp_path, capture_output=True, text=True)
        assert (refused.returncode, "BROKER_TOKEN" in refused.stderr) == (6, True)
        found = subprocess.run([BROKER, "doctor"], env=alone | {"BROKER_DATA": str(broker.data)}, cwd=tmp_path)
        assert found.returncode == 0
        assert (broker.data / "token").stat().st_mode & 0o777 == 0o600
    finally:
        broker.kill()


def test_serve_refuses_what_would_be_unsafe_or_doubled(served: Broker, tmp_path: Path) -> None:
    def serve(*options: str) -> subprocess.CompletedProcess[str]:
        words = [BROKER, "serve", *options]
        return subprocess.run(
            words, env=plain_environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=30
        )

    exposed = serve("--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path / "other"))  # noqa: S104 - the case
    assert (exposed.returncode, "BROKER_TOKEN" in exposed.stderr) == (2, True)
    doubled = serve("--port", "0", "--data", str(served.data))
    assert (doubled.returncode, "another server uses" in doubled.stderr) == (2, True)
    taken = serve("--port", str(served.port), "--data", str(tmp_path / "third"))
    assert (taken.returncode, "choose another port" in taken.stderr) == (2, True)


@pytest.mark.parametrize("path", ["/_broker/healthz", "/_broker/docs", "/_broker/openapi.json", "/_broker/metrics"])
def test_open_pages_of_a_real_server(served: Broker, path: str) -> None:
    with urllib.request.urlopen(served.url + path, timeout=10) as answer:  # noqa: S310 - our own server
        assert answer.status == 200
        assert answer.read()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(served.url + "/_broker/v1/environments", timeout=10)  # noqa: S310 - our own server
    assert refused.value.code == 401
    refused.value.close()
