"""An application with the official stripe-node, unmodified: by host name, and by the key alone at the root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from demo.serving import Broker, free_port
from tests.journeys.conftest import OpenEnvironment
from tests.standins import npm

FOLDER = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the installed SDK; skips where there is no Node.js. Installed once, from the lock file."""
    if not npm.available():
        pytest.skip("Node.js 20 or newer with npm is not installed, so stripe-node cannot be tried on this machine")
    return npm.installed(FOLDER)


@pytest.mark.parametrize("way", ["host", "credential"])
def test_a_shop(node_modules: Path, server: Broker, open_environment: OpenEnvironment, way: str) -> None:
    bundle, other = open_environment(), open_environment()
    host = f"stripe.{bundle['name']}.localhost" if way == "host" else "127.0.0.1"
    done = subprocess.run(
        ["node", "stripe_journey.mjs"],
        cwd=FOLDER,
        env={
            "PATH": os.defpath + os.pathsep + str(Path(shutil.which("node") or "").parent),
            "HOST": host,
            "PORT": str(server.port),
            "KEY": bundle["variables"]["STRIPE_API_KEY"],
            "OTHER_KEY": other["variables"]["STRIPE_API_KEY"],
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    _check(json.loads(done.stdout), way)


def _check(told: dict[str, Any], way: str) -> None:
    assert (told["customer"], told["paid"], told["charged"]) == ("ada@example.org", "succeeded", 4200)
    assert told["captured"] == ["succeeded", 4000]
    assert told["refund"] == ["succeeded", 1200]
    assert told["waiting"] == ["requires_action", "redirect_to_url"]
    assert told["names"] == [f"product {number}" for number in reversed(range(12))]
    assert (told["once"], told["event"]) == (1, "evt_1")
    declined = told["declined"]
    assert (declined["type"], declined["code"], declined["status"]) == ("StripeCardError", "card_declined", 402)
    assert (declined["decline_code"], declined["intent"]) == ("generic_decline", "requires_payment_method")
    assert (told["missing"]["status"], told["missing"]["code"]) == (404, "resource_missing")
    assert (told["unknown"]["status"], told["unknown"]["param"]) == (400, "nonsense")
    # By host the other environment's key does not open the door; by itself it leads to the other environment.
    assert told["foreign"]["status"] == (401 if way == "host" else 404)
    assert told["stranger"]["type"] == "StripeAuthenticationError"
    assert told["request"].startswith("req_")
    assert told["version"]


def test_a_shop_with_a_webhook_handler(node_modules: Path, server: Broker, open_environment: OpenEnvironment) -> None:
    listen = free_port()
    bundle = open_environment(webhooks={"stripe": f"http://127.0.0.1:{listen}/hook"})
    done = subprocess.run(
        ["node", "stripe_flows.mjs"],
        cwd=FOLDER,
        env={
            "PATH": os.defpath + os.pathsep + str(Path(shutil.which("node") or "").parent),
            "HOST": f"stripe.{bundle['name']}.localhost",
            "PORT": str(server.port),
            "LISTEN": str(listen),
            "KEY": bundle["variables"]["STRIPE_API_KEY"],
            "SECRET": bundle["variables"]["STRIPE_WEBHOOK_SECRET"],
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "once": [1, 1],
        "shipped": True,
        "lied": 400,
        "forged": 1,
        "refunds": [["succeeded", 1000], ["succeeded", 200]],
        "refunded": [1200, False],
        "invoices": [["paid", 2000], ["paid", 2000], ["paid", 0]],
        "late": "past_due",
        "recovered": "active",
        "dispute": ["needs_response", "won"],
        "sold": "succeeded",
        "reversal": 2500,
        "theirs": 6000,
        "walked": 251,
        "found": 25,
        "heard": True,
    }
