"""The driver against localstripe: an independent server that knows nothing of ours.

Where localstripe is not like Stripe, the test says so; the driver is Stripe's.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from contracts.exchange import Request, Response
from sandboxes.base import Account, Found, Marker, Outgoing, Resource, Secret
from sandboxes.stripe import asking
from sandboxes.stripe.provider import PROVIDER
from tests.sandboxes.stripe.calls import MARKER, NOW, OTHER, Pairs, call
from tests.standins.localstripe import LocalStripe

#: Long before anything that localstripe, which has the machine's clock, makes here.
SINCE = NOW - timedelta(days=365 * 50)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalStripe]:
    with LocalStripe() as running:
        yield running


class Real:
    """The account: sends what the driver writes, over a socket."""

    def __init__(self, server: LocalStripe) -> None:
        self.account = Account("main", server.url, Secret("sk_test_thereal1"))
        self._port = server.port

    def _exchange(self, request: Request) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            target = request.path + (f"?{request.query}" if request.query else "")
            connection.request(request.method, target, request.body or None, dict(request.headers.pairs))
            answer = connection.getresponse()
            return Response(
                answer.status, [(name.lower(), value) for name, value in answer.getheaders()], answer.read()
            )
        finally:
            connection.close()

    async def send(self, request: Request) -> Response:
        """As the broker for drivers: signed."""
        return await asyncio.to_thread(self._exchange, PROVIDER.sign(request, self.account, NOW))

    async def passed(self, asked: Outgoing, marker: Marker = MARKER) -> Response:
        """As the broker for applications."""
        sent = PROVIDER.outbound(asked, self.account, marker, NOW)
        return PROVIDER.inbound(asked, await asyncio.to_thread(self._exchange, sent), marker)

    async def make(self, path: str, form: Pairs = (), marker: Marker = MARKER) -> dict[str, Any]:
        asked = call("POST", path, form)
        answer = await self.passed(asked, marker)
        assert answer.status == 200, answer.body
        value: dict[str, Any] = json.loads(answer.body)
        assert PROVIDER.made(asked, answer)[0] == Resource(asked.rule.kind, value["id"])
        return value

    async def revoke(self, kind: str, key: str, parent: str = "") -> str:
        return await PROVIDER.revoke(Resource(kind, key, parent=parent), self.send, lambda parts: None)

    async def find(self, marker: Marker) -> list[Found]:
        return [found async for found in PROVIDER.find(marker, SINCE, self.send)]


@pytest.fixture
async def real(server: LocalStripe) -> Real:
    await asyncio.to_thread(server.flush)
    return Real(server)


def _owned(*own: str) -> Callable[[Sequence[str]], Any]:
    async def visible(ids: Sequence[str]) -> Mapping[str, str]:
        return {each: "" for each in ids if each in own}

    return visible


async def test_what_is_made_carries_the_marker_and_does_not_show_it(real: Real) -> None:
    customer = await real.make("/v1/customers", [("name", "Ada"), ("metadata[team]", "red")])
    assert customer["metadata"] == {"team": "red"}
    there = json.loads((await real.send(Request(method="GET", path=f"/v1/customers/{customer['id']}"))).body)
    assert there["metadata"] == {"team": "red", "preview_broker": MARKER.text}


async def test_an_application_changes_its_metadata_and_not_the_marker(real: Real) -> None:
    customer = await real.make("/v1/customers")
    path = f"/v1/customers/{customer['id']}"
    changed = await real.passed(
        call("POST", path, [("metadata[preview_broker]", OTHER.text), ("metadata[team]", "red")])
    )
    assert json.loads(changed.body)["metadata"] == {"team": "red"}
    assert [found.resource.id for found in await real.find(MARKER)] == [customer["id"]]


async def test_each_environment_finds_its_own_and_takes_back_its_own(real: Real) -> None:
    own = await real.make("/v1/customers", [("name", "Ada")])
    plan = await real.make("/v1/coupons", [("id", "SUMMER"), ("percent_off", "10"), ("duration", "once")])
    foreign = await real.make("/v1/customers", [("name", "Bob")], OTHER)
    assert (await asking.post(real.send, "/v1/customers", [("name", "Hand")])).status == 200
    found = await real.find(MARKER)
    assert {(each.resource.kind, each.resource.id) for each in found} == {
        ("customer", own["id"]),
        ("coupon", plan["id"]),
    }
    assert {each.owner for each in found} == {MARKER.uid}
    for each in found:
        assert await PROVIDER.revoke(each.resource, real.send, lambda parts: None) == "deleted"
        assert await PROVIDER.revoke(each.resource, real.send, lambda parts: None) == "absent"
    assert await real.find(MARKER) == []
    assert [each.resource.id for each in await real.find(Marker(MARKER.instance))] == [foreign["id"]]
    left = json.loads((await real.send(Request(method="GET", path="/v1/customers"))).body)
    assert {each["name"] for each in left["data"]} == {"Bob", "Hand"}


async def test_a_list_shows_the_environments_own(real: Real) -> None:
    """localstripe lists the oldest first and counts with ``total_count``; paging forward is the same."""
    made = [await real.make("/v1/customers", [("name", str(number))]) for number in range(12)]
    own = [each["id"] for each in made[1::3]]
    asked = call("GET", "/v1/customers", query="limit=3")

    async def resend(request: Request) -> Response:
        return await real.passed(Outgoing(asked.operation, asked.rule, asked.params, request))

    page = json.loads((await PROVIDER.narrow(asked, resend, _owned(*own))).body)
    assert (len(page["data"]), page["has_more"]) == (3, True)
    assert {each["id"] for each in page["data"]} < set(own)
    assert "total_count" not in page
    asked = call("GET", "/v1/customers", query=f"limit=3&starting_after={page['data'][-1]['id']}")
    rest = json.loads((await PROVIDER.narrow(asked, resend, _owned(*own))).body)
    assert rest["has_more"] is False
    assert {each["id"] for each in [*page["data"], *rest["data"]]} == set(own)


async def test_a_payment_and_what_it_brings(real: Real) -> None:
    """localstripe charges at once with a payment method's own id, and tells of the charge inside of ``charges``."""
    card = [
        ("type", "card"),
        ("card[number]", "4242424242424242"),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2050"),
    ]
    method = await real.make("/v1/payment_methods", [*card, ("card[cvc]", "123")])
    customer = await real.make("/v1/customers")
    await real.passed(call("POST", f"/v1/payment_methods/{method['id']}/attach", [("customer", customer["id"])]))
    form = [("amount", "500"), ("currency", "eur"), ("customer", customer["id"]), ("payment_method", method["id"])]
    asked = call("POST", "/v1/payment_intents", [*form, ("confirm", "true")])
    answer = await real.passed(asked)
    made = PROVIDER.made(asked, answer)
    assert (made[0].kind, made[0].derived) == ("payment_intent", False)
    assert "charge" in {each.kind for each in made[1:]}
    assert "customer" not in {each.kind for each in made}
    open_one = await real.make("/v1/payment_intents", [("amount", "500"), ("currency", "eur")])
    assert await real.revoke("payment_intent", open_one["id"]) == "canceled"
    assert await real.revoke("payment_intent", made[0].id) == "kept"
    assert await real.revoke("payment_method", method["id"]) == "archived"
    assert await real.revoke("charge", made[1].id) == "kept"


async def test_a_subscription_goes_before_its_customer(real: Real) -> None:
    """localstripe knows plans and no prices, and deletes a product that has some."""
    product = await real.make("/v1/products", [("name", "Tea")])
    form = [("product", product["id"]), ("currency", "eur"), ("interval", "month"), ("amount", "500")]
    plan = await real.make("/v1/plans", form)
    customer = await real.make("/v1/customers")
    source = call("POST", f"/v1/customers/{customer['id']}/sources", [("source", "tok_visa")])
    assert PROVIDER.references(source)[0].id == customer["id"]
    asked = call(
        "POST",
        "/v1/subscriptions",
        [("customer", customer["id"]), ("items[0][plan]", plan["id"]), ("trial_period_days", "30")],
    )
    answer = await real.passed(asked)
    assert answer.status == 200, answer.body
    made = PROVIDER.made(asked, answer)
    assert made[0].kind == "subscription"
    assert {"product", "plan", "price", "customer"}.isdisjoint(each.kind for each in made)
    order = {kind: place for place, kind in enumerate(PROVIDER.order)}
    found = sorted(await real.find(MARKER), key=lambda each: order[each.resource.kind])
    kinds = [each.resource.kind for each in found]
    assert kinds.index("subscription") < kinds.index("customer") < kinds.index("product")
    for each in found:
        assert await PROVIDER.revoke(each.resource, real.send, lambda parts: None) in ("canceled", "deleted")
    assert await real.revoke("plan", plan["id"]) in ("deleted", "absent")
    assert await real.find(MARKER) == []
    assert await real.revoke("subscription", made[0].id) in ("canceled", "absent")


async def test_a_wrong_key_is_refused_as_the_accounts(real: Real) -> None:
    """localstripe takes every key that begins with ``sk_`` and words no error."""
    real.account = Account("main", real.account.endpoint, Secret("nonsense1"))
    answer = await real.send(Request(method="GET", path="/v1/customers"))
    assert answer.status == 401
