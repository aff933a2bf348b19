"""What happens to an environment on a real account while its application goes on calling: other modes, other keys,
leases that end, its own end, and the time after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from demo.serving import Broker, CommandFailed
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, STRIPE_KEY, policy, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.raw import Caller
from tests.standins.between import Between
from tests.standins.localstripe import LocalStripe
from tests.standins.moto import Moto

MOCK = {"version": 1}


@pytest.fixture(scope="module")
def provider(server: Broker) -> Iterator[Between]:
    with LocalStripe() as payments, Between(payments.url) as between:
        put_account(server, "lives", "stripe", between.url, {"value": STRIPE_KEY})
        yield between


REAL = policy(stripe="lives")


class Shop(threading.Thread):
    """An application that makes one customer after another and counts what it is told."""

    def __init__(self, server: Broker, bundle: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self._server, self._bundle = server, bundle
        self._over, self._answered = threading.Event(), threading.Condition()
        self.answers: list[httpx.Response] = []

    def run(self) -> None:
        with Caller(self._server.url, self._bundle) as caller:
            while not self._over.is_set():
                answer = caller.stripe("POST", "/v1/customers", {"email": f"c{len(self.answers)}@example.com"})
                with self._answered:
                    self.answers.append(answer)
                    self._answered.notify_all()

    def wait(self, more: int = 5) -> None:
        """Until so many more calls have an answer."""
        with self._answered:
            enough = len(self.answers) + more
            assert self._answered.wait_for(lambda: len(self.answers) >= enough, timeout=30)

    def stop(self) -> None:
        self._over.set()
        self.join()

    def made(self, mode: str) -> set[str]:
        found = [each for each in self.answers if each.status_code == 200 and each.headers["broker-mode"] == mode]
        return {each.json()["id"] for each in found}


def customers(provider: Between) -> set[str]:
    """What the account's owner sees."""
    url, found, after = f"{provider.behind}/v1/customers", set[str](), {}
    while True:
        query = {"limit": "100", **after}
        answer = httpx.get(url, params=query, headers={"Authorization": f"Bearer {STRIPE_KEY}"}).json()
        found |= {each["id"] for each in answer["data"]}
        if not answer["has_more"]:
            return found
        after = {"starting_after": answer["data"][-1]["id"]}


def test_modes_keys_and_leases_change_under_running_calls(
    server: Broker, provider: Between, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=REAL)
    name = bundle["name"]
    shops = [Shop(server, bundle) for _ in range(3)]
    for shop in shops:
        shop.start()
    try:
        for _ in range(3):
            for wanted in (MOCK, REAL):
                server.control("PUT", f"environments/{name}", {"policy": wanted})
                shops[0].wait()
            [lease] = server.control("GET", f"environments/{name}/leases")["items"]
            server.control("DELETE", f"leases/{lease['lease_id']}")
            shops[0].wait()
            server.control("DELETE", f"environments/{name}/leases")
            shops[1].wait()
        rotated = server.control("POST", f"environments/{name}/rotate", {"service": "stripe", "overlap": "1h"})
        shops[2].wait()
        fresh = Shop(server, rotated["bundle"])
        fresh.start()
        fresh.wait()
        fresh.stop()
        before = [len(shop.answers) for shop in shops]
        server.control("POST", f"environments/{name}/rotate", {"service": "stripe", "overlap": "0"})
        after = [len(shop.answers) for shop in shops]
        for shop in shops:
            shop.wait()
    finally:
        for shop in shops:
            shop.stop()
    refused = {
        answer.status_code for shop, start in zip(shops, after, strict=True) for answer in shop.answers[start + 1 :]
    }
    assert refused == {401}, "the old key opens nothing any more"
    shops.append(fresh)
    known = [answer for shop, start in zip(shops, [*before, None], strict=True) for answer in shop.answers[:start]]
    assert {answer.status_code for answer in known} == {200}, "no call failed for a change"
    real, mocked = (set[str]().union(*(shop.made(mode) for shop in shops)) for mode in ("sandbox", "mock"))
    assert real == customers(provider)
    assert mocked
    assert not mocked & customers(provider)
    with Caller(server.url, rotated["bundle"]) as caller:
        assert caller.stripe("GET", "/v1/customers").status_code == 401, "rotated twice"
    receipt = server.control("DELETE", f"environments/{name}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert receipt["external"]["stripe"]["kinds"]["customer"]["deleted"] == len(real)
    assert not real & customers(provider)


def test_a_close_under_running_calls_leaves_nothing(
    server: Broker, provider: Between, open_environment: OpenEnvironment
) -> None:
    bundle, other = open_environment(policy=REAL), open_environment(policy=REAL)
    shops = [Shop(server, bundle) for _ in range(4)]
    neighbour = Shop(server, other)
    for shop in (*shops, neighbour):
        shop.start()
    try:
        shops[0].wait(10)
        receipt = server.control("DELETE", f"environments/{bundle['name']}?wait=60")
        assert (receipt["status"], receipt["left"]) == ("closed", {})
        asked = sum(one.target.startswith("/v1/customers") and one.method == "POST" for one in provider.asked)
        for shop in shops:
            shop.stop()
            shop.answers.clear()
    finally:
        for shop in (*shops, neighbour):
            shop.stop()
    kept = neighbour.made("sandbox")
    assert customers(provider) == kept
    assert {answer.status_code for answer in neighbour.answers} == {200}
    # Late calls: refused here, and never sent.
    with Caller(server.url, bundle) as late:
        for _ in range(3):
            assert late.stripe("POST", "/v1/customers", {"email": "late@example.com"}).status_code in (401, 410)
    sent = sum(one.target.startswith("/v1/customers") and one.method == "POST" for one in provider.asked)
    assert sent - asked <= len(kept), "a call of the closed environment was sent"
    assert customers(provider) == kept
    with pytest.raises(CommandFailed, match="answered with 4"):
        server.control("PUT", f"environments/{bundle['name']}", {"policy": REAL})


def test_an_environment_that_is_opened_again_begins_empty(
    server: Broker, provider: Between, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=REAL)
    name = bundle["name"]
    with Caller(server.url, bundle) as first:
        old = first.stripe("POST", "/v1/customers", {"email": "ada@example.com"}).json()["id"]
        server.control("DELETE", f"environments/{name}?wait=60")
        again = server.control("PUT", f"environments/{name}", {"policy": REAL, "reopen": True})
        assert first.stripe("GET", "/v1/customers").status_code == 410, "its old key is no key of the new one"
    with Caller(server.url, again) as second:
        assert second.stripe("GET", "/v1/customers").json()["data"] == []
        assert second.stripe("GET", f"/v1/customers/{old}").status_code == 404
        new = second.stripe("POST", "/v1/customers", {"email": "ada@example.com"}).json()["id"]
        assert [each["id"] for each in second.stripe("GET", "/v1/customers").json()["data"]] == [new]
    resources = server.control("GET", f"environments/{name}/resources")["items"]
    assert [each["external_id"] for each in resources] == [new]
    assert server.control("DELETE", f"environments/{name}?wait=60")["external"]["stripe"]["kinds"] == {
        "customer": {"deleted": 1}
    }
    assert new not in customers(provider)


def test_an_environment_whose_time_is_over_takes_back_what_it_made(own_server: Broker) -> None:
    own_server.variables |= {"BROKER_SANDBOX_SETTLE_SECONDS": "1"}
    own_server.start()
    with LocalStripe() as payments, Moto() as storage, Between(payments.url) as provider:
        put_account(own_server, "one", "stripe", provider.url, {"value": STRIPE_KEY})
        put_account(own_server, "two", "s3", storage.url, {"value": {"key": AWS_KEY, "secret": AWS_SECRET}})
        wanted = {"policy": policy(stripe="one", s3="two"), "ttl": "4s"}
        bundle = own_server.control("PUT", "environments/pr-1", wanted)
        with Caller(own_server.url, bundle) as caller:
            assert caller.stripe("POST", "/v1/customers", {"email": "ada@example.com"}).status_code == 200
            assert caller.s3("PUT", "/invoices").status_code == 200
            assert caller.s3("PUT", "/invoices/1", b"x" * 1000).status_code == 200
            assert len(customers(provider)) == 1
            wait(lambda: own_server.control("GET", "environments/pr-1")["status"] == "closed")
            assert caller.stripe("GET", "/v1/customers").status_code in (401, 410)
        receipt = own_server.control("GET", "environments/pr-1/receipt")
        assert (receipt["left"], set(receipt["external"])) == ({}, {"stripe", "s3"})
        assert customers(provider) == set()
        assert b"<Bucket>" not in httpx.get(storage.url, headers=UNSIGNED).content


#: Moto looks at no signature, only at which service it is for.
UNSIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=, Signature="
}


def wait(happened: Callable[[], bool]) -> None:
    """Until it has, or a minute is over."""
    pause = threading.Event()
    for _ in range(600):
        if happened():
            return
        pause.wait(0.1)
    raise AssertionError("it did not happen within a minute")
