"""The Compose file: what it names exists, and the broker in it is the image's."""

from __future__ import annotations

import re
from typing import Any

import yaml

from broker.settings import unknown_variables
from tests.house import reference
from tests.house.tree import ROOT

PATH = ROOT / "examples" / "docker-compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(PATH.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_the_broker_is_this_checkouts_and_its_state_a_volume() -> None:
    broker = SERVICES["broker"]
    assert (PATH.parent / broker["build"] / "Dockerfile").is_file()
    volume, target = broker["volumes"][0].split(":")
    assert volume in COMPOSE["volumes"]
    assert f"VOLUME {target}\n" in (ROOT / "Dockerfile").read_text()
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(), "what service_healthy waits for"
    assert broker["ports"] == ["127.0.0.1:4600:4600"], "not open to the network"
    assert unknown_variables(broker["environment"]) == []
    assert broker["environment"]["BROKER_PUBLIC_URL"] == "http://broker:4600", "the service's name on its network"
    assert "?" in broker["environment"]["BROKER_TOKEN"], "Compose refuses to start without one"


def test_components_get_the_bundle_and_attest_without_the_token() -> None:
    for name in ("web", "worker"):
        service = SERVICES[name]
        assert service["env_file"] == ["preview.env"]
        assert "BROKER_TOKEN" not in str(service)
        source, target, mode = service["volumes"][0].split(":")
        assert (PATH.parent / source).is_file()
        assert mode == "ro"
        assert f"{target} {name};" in service["command"][-1]
        assert service["depends_on"] == {"broker": {"condition": "service_healthy"}}


def test_commands_in_the_comments_exist() -> None:
    shown = re.findall(r"exec (?:-T )?broker broker (env [a-z]+)", PATH.read_text())
    assert shown == ["env open", "env verify", "env close"]
    assert set(shown) <= {name for name, _, _ in reference.command_tree()}
