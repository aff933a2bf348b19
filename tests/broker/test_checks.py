"""Checks of drift through the whole way: two environments, the gateway, the ledger, a real side on a socket, the
events that it sends, and the closing. The real side is our own mock, behind a wrapper that plants drift."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from broker.errors import Conflict, InvalidInput, NotFound
from broker.storage.drift import Run
from contracts import probes
from contracts.exchange import Request, Response
from mocks.stripe.service import SERVICE
from sandboxes.stripe.provider import PROVIDER
from tests.broker.planted import ACCOUNT, KEY, Pair, Plant, edited, pair
from tests.broker.targets import until

PROBES = """
version: 1
service: stripe
compare: {ignore: ["**.invoice_prefix"]}
scenarios:
  customers:
    steps:
      - call: POST /v1/customers
        form: {email: jenny@example.com, name: "Probe ${run}"}
        capture: {customer: id}
        expect: 200
      - call: GET /v1/customers/${customer}
        expect: 200
        compare: {headers: [stripe-version]}
      - call: GET /v1/customers/cus_${run}
        expect: 404
      - call: POST /v1/customers/${customer}
        form: {tax_exempt: sometimes}
        expect: 400
      - call: DELETE /v1/customers/${customer}
        expect: 200
  charges:
    steps:
      - call: POST /v1/payment_intents
        form: {amount: 1000, currency: usd, payment_method: pm_card_visa, confirm: true, description: "Probe ${run}",
          "automatic_payment_methods": {enabled: true, allow_redirects: never}}
        capture: {intent: id}
        expect: 200
  balance:
    shared: true
    steps:
      - call: GET /v1/balance
        expect: 200
        compare: {ignore: [body.available, body.pending]}
"""


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Pair]:
    async with pair(tmp_path, SERVICE, PROVIDER, KEY, probes.parse(PROBES, "stripe")) as made:
        yield made


async def checked(two: Pair) -> Run:
    return await two.broker.drift.checks.check("stripe", ACCOUNT)


async def test_a_true_mock_is_green_and_nothing_is_left(two: Pair) -> None:
    run = await checked(two)
    assert (run.status, list(run.errors)) == ("done", [])
    assert lines(run) == []
    assert list(run.skipped) == [], "every call was compared, refused ones and unknown ids too, and the events"
    assert (run.scenarios, run.finished) == (3, 3)
    assert {name: (each.passed, each.failed) for name, each in run.operations.items()} == {
        "balance.retrieve": (1, 0),
        "customers.create": (1, 0),
        "customers.delete": (1, 0),
        "customers.retrieve": (2, 0),
        "customers.update": (1, 0),
        "payment_intents.create": (1, 0),
    }
    assert await two.broker.drift.store.last("stripe") == run
    assert two.provider.keys == {f"Bearer {KEY}"}, "no virtual key left"
    await nothing_left(two)


async def test_every_probe_goes_the_whole_way_and_tells_nothing_of_a_true_mock(tmp_path: Path) -> None:
    async with pair(tmp_path, SERVICE, PROVIDER, KEY, probes.load("stripe")) as two:
        run = await checked(two)
        assert (run.status, list(run.errors)) == ("done", [])
        assert lines(run) == []
        # Nothing is left out but what no teardown could take back (the broker's own webhook endpoints among it), what
        # shows the whole account, and what stands on that.
        refused = {
            each.scenario
            for each in run.skipped
            if each.operation not in PROVIDER.rules or "in the provider's place" in each.why
        }
        assert refused >= {each.scenario for each in run.skipped}
        assert any(each.operation.startswith("webhook_endpoints.") for each in run.skipped)
        assert sum(each.passed for each in run.operations.values()) > 450
        await nothing_left(two)


async def nothing_left(two: Pair) -> None:
    """Both environments are closed, and what was made has been taken back."""
    names = [each.name for each in await two.broker.environments.list()]
    assert len(names) % 2 == 0
    assert all(name.startswith("drift-") for name in names)
    assert await two.broker.environments.list(status="open") == []
    assert await two.broker.environments.list(status="closing") == []
    ledger = two.broker.storage.external.ledger
    assert await ledger.entries(left=True) == []
    assert "customer" in {entry.kind for entry in await ledger.entries()}
    assert two.broker.outside.probed == {}


def lines(run: Run) -> list[tuple[str, str, str | None, str]]:
    return [(each.severity, each.rule, each.operation, each.place) for each in run.findings]


def without(name: str) -> Callable[[Any], None]:
    return lambda value: value.pop(name)


def put(**members: Any) -> Callable[[Any], None]:
    return lambda value: value.update(members)


def status(code: int, method: str) -> Plant:
    def plant(request: Request, response: Response) -> Response | None:
        return replace(response, status=code) if request.method == method and response.status == 200 else None

    return plant


def without_header(name: str) -> Plant:
    def plant(request: Request, response: Response) -> Response:
        return replace(response, headers=[pair for pair in response.headers if pair[0] != name])

    return plant


CUSTOMER = "/v1/customers/"
PLANTS = {
    "field removed": (
        edited(without("email"), "GET", CUSTOMER),
        ("breaking", "field-removed", "customers.retrieve", "response.200.body.email"),
    ),
    "type changed": (
        edited(put(balance="0"), "GET", CUSTOMER),
        ("breaking", "type-changed", "customers.retrieve", "response.200.body.balance"),
    ),
    "enum value added": (
        edited(put(tax_exempt="sometimes"), "GET", CUSTOMER),
        ("risky", "enum-value-added", "customers.retrieve", "response.200.body.tax_exempt"),
    ),
    "status changed": (
        status(202, "DELETE"),
        ("breaking", "status-changed", "customers.delete", "response.200.status"),
    ),
    "header gone": (
        without_header("stripe-version"),
        ("breaking", "header-removed", "customers.retrieve", "response.200.header.stripe-version"),
    ),
    "error code renamed": (
        edited(lambda value: value["error"].update(code="missing_resource"), "GET", CUSTOMER, 404),
        ("breaking", "error-code-changed", "customers.retrieve", "response.404.body.error.code"),
    ),
}


@pytest.mark.parametrize("what", PLANTS)
async def test_planted_drift_is_caught_and_gone_with_the_plant(two: Pair, what: str) -> None:
    plant, line = PLANTS[what]
    two.provider.plants.append(plant)
    run = await checked(two)
    assert (run.status, list(run.errors)) == ("done", [])
    assert lines(run) == [line]
    assert run.operations[str(line[2])].failed == 1
    two.provider.plants.clear()
    assert lines(await checked(two)) == []
    await nothing_left(two)


async def test_events_in_another_order(two: Pair) -> None:
    two.provider.swapped = True
    run = await checked(two)
    assert lines(run) == [("risky", "event-order-changed", None, "events.charges")]
    two.provider.swapped = False
    assert lines(await checked(two)) == []


async def test_an_event_that_does_not_come(two: Pair) -> None:
    two.provider.muted = {"charge.succeeded"}
    run = await checked(two)
    assert lines(run) == [("breaking", "event-missing", None, "events.charges.charge.succeeded")]


async def test_where_no_event_comes_none_is_compared(two: Pair) -> None:
    two.provider.muted = {"customer.created", "customer.deleted", *CHARGED}
    run = await checked(two)
    assert lines(run) == []
    assert [each.why for each in run.skipped] == [
        "events: none came from the real side within 2 s, so they were not compared"
    ]
    await two.broker.hooks.endpoints.retire(ACCOUNT)
    run = await checked(two)
    assert [each.why for each in run.skipped] == [
        "events were not compared: the account's endpoint for webhooks is off"
    ]


CHARGED = {"payment_intent.created", "payment_intent.succeeded", "charge.succeeded", "charge.updated"}


async def test_a_check_that_cannot_be_run_is_no_green_one(two: Pair) -> None:
    two.provider.plants.append(status(401, "POST"))
    run = await checked(two)
    assert run.status == "failed"
    assert run.errors[0].startswith("the real side does not take the account's credential")
    two.provider.plants.clear()
    account = await two.broker.storage.external.account(ACCOUNT)
    assert account is not None
    await two.broker.storage.external.put_account(replace(account, environments=("pr-*",)))
    run = await checked(two)
    assert run.status == "failed"
    assert "drift-" in run.errors[0]
    assert run.operations == {}
    await nothing_left(two)


async def test_an_answer_that_does_not_come_fails_the_check(two: Pair) -> None:
    async with refusing(two) as called:
        run = await checked(two)
        assert called
    assert run.status == "failed"
    assert any("gave no answer" in words for words in run.errors)


@asynccontextmanager
async def refusing(two: Pair) -> AsyncIterator[list[str]]:
    """The provider cuts every connection that asks for the balance."""
    answer, called = two.site.answer, []

    async def cut(request: web.Request, number: int) -> web.StreamResponse:
        if request.path == "/v1/balance":
            called.append(request.path)
            assert request.transport is not None
            request.transport.abort()
        return await answer(request, number)

    two.site.answer = cut
    yield called
    two.site.answer = answer


async def test_what_can_be_asked_for(two: Pair) -> None:
    checks = two.broker.drift.checks
    with pytest.raises(NotFound):
        await checks.begin("stripe", "nobody")
    with pytest.raises(InvalidInput, match="is of stripe"):
        await checks.begin("s3", ACCOUNT)
    run = await checks.begin("stripe", ACCOUNT)
    assert run.status == "running"
    found = await two.broker.drift.store.run(run.id)
    assert found is not None
    assert (found.status, found.account) == ("running", ACCOUNT)
    with pytest.raises(Conflict, match="is running"):
        await checks.begin("stripe", ACCOUNT)
    checks.load = lambda service, pattern: []
    with pytest.raises(InvalidInput, match="no probe of stripe"):
        await checks.begin("stripe", ACCOUNT, "x*")


async def test_what_the_end_of_the_server_interrupts_is_failed_and_closed_at_the_next_start(two: Pair) -> None:
    checks = two.broker.drift.checks
    run = await checks.begin("stripe", ACCOUNT)

    async def begun() -> bool:
        return bool(await two.broker.storage.external.ledger.entries())

    await until(begun)
    await checks.stop()
    assert len(await two.broker.environments.list(status="open")) == 2
    await checks.start()
    found = await two.broker.drift.store.run(run.id)
    assert found is not None
    assert (found.status, list(found.errors)) == ("failed", ["the server ended before the check did"])
    for environment in await two.broker.environments.list():
        await two.broker.workflows.close(environment.name, wait=20)
    await nothing_left(two)
    assert (await checked(two)).status == "done"


async def test_only_a_running_check_reaches_the_provider_with_what_its_contract_refuses(two: Pair) -> None:
    """Whatever an environment is called, and whatever ids it makes up."""
    broker = two.broker
    policy = broker.environments.parse_policy(
        {"version": 1, "services": {"stripe": {"mode": "sandbox", "sandbox": {"account": ACCOUNT}}}}
    )
    await broker.environments.open("drift-mine-real", policy)
    environment = await broker.environments.get_open("drift-mine-real")
    variables = (await broker.environments.bundle(environment))["variables"]
    two.provider.asked.clear()
    headers = {"authorization": f"Bearer {variables['STRIPE_API_KEY']}"}
    transport = httpx.ASGITransport(broker.application)
    async with httpx.AsyncClient(transport=transport, base_url=variables["STRIPE_API_BASE"], headers=headers) as app:  # noqa: TID251 - speaks to the application in this process
        refused = await app.post("/v1/customers", data={"tax_exempt": "sometimes"})
        missing = await app.get("/v1/customers/cus_abcdefghijkl")
    assert (refused.status_code, missing.status_code) == (400, 404)
    assert two.provider.asked == []
