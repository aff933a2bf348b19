"""Triggers and listening through the control API of a whole server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker.app import Broker
from broker.settings import Settings
from tests.broker.control.conftest import TOKEN, Bench

V1 = "/_broker/v1"
Client = httpx.AsyncClient  # noqa: TID251 - speaks to the application in this process


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    broker = Broker(Settings(data=tmp_path, token=TOKEN, strict_replies=True))
    transport = httpx.ASGITransport(broker.application)
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with Client(transport=transport, base_url="http://broker.test", headers=headers) as made:
        await made.put(f"{V1}/environments/pr-1", json={})
        yield made
    await broker.storage.close()


async def ask(client: Client, path: str, **query: Any) -> Any:
    answer = await client.get(f"{V1}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_types_are_listed_with_their_calls(client: Client) -> None:
    found = (await ask(client, "triggers"))["items"]
    [refunded] = [each for each in found if each["type"] == "charge.refunded"]
    assert refunded["service"] == "stripe"
    assert refunded["calls"] == [
        {"name": "charge", "call": "POST /v1/charges"},
        {"name": "refund", "call": "POST /v1/refunds"},
    ]
    assert (await ask(client, "triggers", service="s3"))["items"] == []


async def test_a_trigger_is_fired_and_heard(client: Client) -> None:
    begun = await ask(client, "environments/pr-1/listen")
    body = {"type": "charge.refunded", "override": {"charge:amount": "700"}, "remove": ["charge:description"]}
    answer = await client.post(f"{V1}/environments/pr-1/triggers", json=body)
    assert answer.status_code == 200, answer.text
    fired = answer.json()
    assert [call["status"] for call in fired["calls"]] == [200, 200]
    assert fired["event"] in [event["id"] for event in fired["events"] if event["type"] == "charge.refunded"]
    heard = await ask(
        client, "environments/pr-1/listen", after=begun["next"], events="charge.refunded, payout.*", wait=100
    )
    [one] = heard["items"]
    assert (one["id"], one["payload"]["data"]["object"]["amount_refunded"]) == (fired["event"], 700)
    assert '"amount_refunded": 700' in one["delivery"]["body"]
    assert "stripe-signature" in [name for name, _ in one["delivery"]["headers"]]
    assert heard["secrets"]["stripe"].startswith("whsec_")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"type": "charge.refundet"}, 400, "charge.refunded"),
        ({"type": "charge.refunded", "override": {"refund:amount": "9000000"}}, 409, "call 2, refund"),
        ({"type": "charge.refunded", "override": {"amount": 5}}, 400, "override"),
        ({}, 400, "type"),
    ],
)
async def test_what_cannot_be_fired_is_a_problem(client: Client, body: Any, status: int, words: str) -> None:
    answer = await client.post(f"{V1}/environments/pr-1/triggers", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]


async def test_of_nobody_nothing_is_heard(client: Client) -> None:
    assert (await client.get(f"{V1}/environments/nobody/listen")).status_code == 404
    assert (await client.get(f"{V1}/environments/pr-1/listen", params={"wait": 60000})).status_code == 400


async def test_a_server_without_triggers_says_so(bench: Bench) -> None:
    await bench.client.put(f"{V1}/environments/pr-1", json={})
    assert (await bench.client.get(f"{V1}/triggers")).status_code == 404


async def test_a_secret_is_rolled(client: Client) -> None:
    before = (await ask(client, "environments/pr-1/listen"))["secrets"]["stripe"]
    answer = await client.post(f"{V1}/environments/pr-1/secrets/roll", json={"service": "stripe", "overlap": "1h"})
    assert answer.status_code == 200, answer.text
    rolled = answer.json()
    assert rolled["secret"] == (await ask(client, "environments/pr-1/listen"))["secrets"]["stripe"] != before
    assert rolled["until"]
    long = await client.post(f"{V1}/environments/pr-1/secrets/roll", json={"service": "stripe", "overlap": "2d"})
    assert (long.status_code, long.headers["content-type"]) == (400, "application/problem+json")
