"""stripe-node, unmodified, at a real account: by host name, and by the key alone at the root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.serving import Broker
from tests.journeys.accounts import STRIPE_KEY, policy, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.raw import Caller
from tests.journeys.test_stripe_node import FOLDER
from tests.journeys.test_stripe_node import node_modules as node_modules
from tests.standins.localstripe import LocalStripe


@pytest.fixture(scope="module")
def provider(server: Broker) -> Iterator[LocalStripe]:
    with LocalStripe() as payments:
        put_account(server, "node", "stripe", payments.url, {"value": STRIPE_KEY})
        yield payments


@pytest.mark.usefixtures("node_modules", "provider")
@pytest.mark.parametrize("way", ["host", "credential"])
def test_a_customer_of_ones_own(server: Broker, open_environment: OpenEnvironment, way: str) -> None:
    bundle, other = (open_environment(policy=policy(stripe="node")) for _ in range(2))
    with Caller(server.url, other) as caller:
        foreign = caller.stripe("POST", "/v1/customers", {"email": "bob@example.com"}).json()["id"]
    done = subprocess.run(
        ["node", "sandbox_call.mjs"],
        cwd=FOLDER,
        env={
            "PATH": os.defpath + os.pathsep + str(Path(shutil.which("node") or "").parent),
            "HOST": f"stripe.{bundle['name']}.localhost" if way == "host" else "127.0.0.1",
            "PORT": str(server.port),
            "KEY": bundle["variables"]["STRIPE_API_KEY"],
            "FOREIGN": foreign,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["mode"], told["metadata"]) == ("sandbox", {"order": "6735"})
    assert told["listed"] == [told["id"]]
    assert told["foreign"] == {"status": 404, "code": "resource_missing"}
