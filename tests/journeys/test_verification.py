"""Verifications over a real socket: commands, parallel scopes, and expectations that outlive the server."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from broker.cli import codes
from demo.serving import Broker

pytestmark = pytest.mark.slow


def client(bundle: dict[str, str], scope: str = "") -> stripe.StripeClient:
    base = bundle["STRIPE_API_BASE"]
    if scope:
        base = base.replace(f"/e/{bundle['BROKER_ENVIRONMENT']}/", f"/e/{bundle['BROKER_ENVIRONMENT']}~{scope}/")
    return stripe.StripeClient(bundle["STRIPE_API_KEY"], base_addresses={"api": base})


@pytest.fixture
def running(own_server: Broker) -> Broker:
    own_server.start()
    return own_server


def test_commands_say_what_is_so_by_their_exit_code(running: Broker) -> None:
    bundle = running.open("pr-1")["variables"]
    client(bundle, "one").v1.customers.create({"email": "ada@example.com"})
    good = running.cli("verify", "pr-1", "exchanges", "-w", "request.body.email=ada@example.com", "--count", "1")
    assert good.stdout == "expected exactly 1 of the exchanges to match, found 1\n"
    bad = running.cli("verify", "pr-1", "events", "--type", "customer.created", "--scope", "two", check=False)
    assert bad.returncode == codes.UNMET
    near = running.cli("verify", "pr-1", "exchanges", "-w", "request.body.email=bob@example.com", check=False)
    assert 'request.body.email: expected "bob@example.com", found "ada@example.com"' in near.stdout


def test_expectations_outlive_a_killed_server(running: Broker) -> None:
    bundle = running.open("pr-1")["variables"]
    running.cli("expect", "add", "pr-1", "exchanges", "--operation", "customers.create", "--count", "1", "--scope", "a")
    running.restart()
    client(bundle, "a").v1.customers.create({"name": "Ada"})
    found = json.loads(running.cli("expect", "verify", "pr-1", "--scope", "a", "--strict", "--json").stdout)
    assert (found["ok"], found["expectations"][0]["count"]) == (True, 1)


def test_waits_of_many_threads_hear_of_their_own(running: Broker) -> None:
    bundle = running.open("pr-1")["variables"]
    path = "environments/pr-1/wait"

    def waiting(number: int) -> dict[str, object]:
        body = {"kind": "exchanges", "match": {"operation": "customers.create"}, "count": 2, "scope": f"s{number}"}
        answer: dict[str, object] = running.control("POST", path, {**body, "timeout": 30})
        return answer

    with ThreadPoolExecutor(16) as pool:
        waits = [pool.submit(waiting, number) for number in range(8)]
        made = [pool.submit(client(bundle, f"s{number % 8}").v1.customers.create, {}) for number in range(16)]
        assert all(one.result().id for one in made)
        assert [one.result()["count"] for one in waits] == [2] * 8


def test_a_close_ends_the_waits(running: Broker) -> None:
    running.open("pr-1")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(running.cli, "wait", "pr-1", "mails", "--timeout", "60", check=False)
        running.cli("env", "close", "pr-1")
        assert waiting.result().returncode == codes.CONFLICT
