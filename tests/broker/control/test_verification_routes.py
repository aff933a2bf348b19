"""Verifications and expectations through the control API."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import jsonschema
import pytest

from broker.control import app
from broker.verification.schema import SCHEMA
from broker.verification.waiting import MOST
from tests.broker.control.conftest import Bench, exchange

HOME = "/_broker/v1/environments/pr-1"


@pytest.fixture
async def home(bench: Bench) -> Bench:
    await bench.client.put(HOME)
    await bench.happen()
    return bench


async def post(bench: Bench, path: str, **body: Any) -> Any:
    answer = await bench.client.post(HOME + path, json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def test_each_kind_is_verified(home: Bench) -> None:
    for kind, match, count in (
        ("exchanges", {"method": "POST", "path": "/v1/things", "response.body": {}}, 3),
        ("mails", {"to": "A@example.com", "text": {"$startsWith": "Dear"}}, 1),
        ("events", {"type": "thing.created"}, 1),
        ("deliveries", {"status": "pending", "payload.type": "thing.created"}, 1),
    ):
        found = await post(home, "/verifications", kind=kind, match=match, count=count)
        assert (found["ok"], found["count"]) == (True, count), found["message"]
        missing = await post(home, "/verifications", kind=kind, match={**match, "nothing": 1})
        assert (missing["ok"], missing["near_misses"][0]["differences"][0]["place"]) == (False, "nothing")


async def test_what_is_asked_wrongly_is_told_with_its_place(home: Bench) -> None:
    for body, where in (
        ({}, "body"),
        ({"kind": "things"}, "body.kind"),
        ({"kind": "mails", "match": {"a": {"$near": 1}}}, "body.match.a.$near"),
        ({"kind": "mails", "match": []}, "body.match"),
        ({"kind": "mails", "count": -1}, "body.count"),
        ({"kind": "mails", "count": {"exactly": 1, "about": 2}}, "body.count"),
        ({"kind": "mails", "scope": "a b"}, "body.scope"),
    ):
        answer = await home.client.post(HOME + "/verifications", json=body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["where"] == where
    for body in ({"kind": "mails", "since": "yesterday"}, {"kind": "mails", "count": {"at_least": 2, "at_most": 1}}):
        assert (await home.client.post(HOME + "/verifications", json=body)).status_code == 400
    assert (await home.client.post(HOME + "x/verifications", json={"kind": "mails"})).status_code == 404


async def test_a_call_that_was_just_answered_is_seen(home: Bench) -> None:
    """What is due and what waits for the journal comes first."""
    done: list[str] = []

    async def settle() -> None:
        done.append("settled")

    async def caught_up(environment: Any) -> None:
        done.append(environment.name)

    parts = replace(home.parts, settle=settle, caught_up=caught_up)
    async with httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
        transport=httpx.ASGITransport(app.build(parts)), base_url="http://b", headers=home.client.headers
    ) as client:
        assert (await client.post(HOME + "/verifications", json={"kind": "mails"})).json()["ok"]
    assert done == ["pr-1", "settled"]


async def test_a_wait_ends_with_what_it_waits_for(home: Bench) -> None:
    store = await home.environments.store(await home.environments.get("pr-1"))
    waiting = asyncio.gather(post(home, "/wait", kind="exchanges", count=4, timeout=30))
    for _ in range(20):
        await asyncio.sleep(0)
    await store.journal.add([exchange("ex_3", home.clock.now())])
    assert (await waiting)[0]["count"] == 4
    late = await post(home, "/wait", kind="exchanges", count=9, timeout=0.01)
    assert (late["ok"], late["count"]) == (False, 4)
    assert (await home.client.post(HOME + "/wait", json={"kind": "mails", "timeout": 61})).status_code == 400


async def test_more_waits_than_there_may_be_are_refused(home: Bench) -> None:
    home.parts.waits._of["pr-1"] = MOST
    refused = await home.client.post(HOME + "/wait", json={"kind": "mails"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")


async def test_expectations_from_declaring_to_forgetting(home: Bench) -> None:
    store = await home.environments.store(await home.environments.get("pr-1"))
    once = await post(home, "/expectations", kind="exchanges", match={"status": 201}, count=1, scope="one", name="made")
    never = await post(home, "/expectations", kind="exchanges", match={"status": 500}, count=0, scope="one")
    await post(home, "/expectations", kind="mails", since="2000-01-01T00:00:00Z")
    assert (once["state"], never["state"], once["name"], once["scope"]) == ("unmet", "met", "made", "one")
    judged = await post(home, "/expectations/verify", scope="one")
    assert (judged["ok"], [one["state"] for one in judged["expectations"]]) == (False, ["unmet", "met"])
    made = replace(exchange("ex_a", home.clock.now()), scope="one", status=201)
    await store.journal.add([made, replace(exchange("ex_b", home.clock.now()), scope="one")])
    assert (await post(home, "/expectations/verify", scope="one"))["ok"]
    strict = await post(home, "/expectations/verify", scope="one", strict=True)
    assert (strict["ok"], [one["id"] for one in strict["unmatched"]]) == (False, ["ex_b"])
    loose = (await home.client.get(HOME + "/unmatched", params={"scope": "one"})).json()
    assert [one["id"] for one in loose["unmatched"]] == ["ex_b"]
    await store.journal.add([replace(exchange("ex_c", home.clock.now()), scope="one", status=500)])
    shown = (await home.client.get(f"{HOME}/expectations/{never['id']}")).json()
    assert (shown["state"], shown["found"]) == ("violated", ["ex_c"])
    listed = (await home.client.get(HOME + "/expectations")).json()["items"]
    assert [(one["kind"], one["state"]) for one in listed] == [
        ("exchanges", "met"),
        ("exchanges", "violated"),
        ("mails", "met"),
    ]
    assert (await home.client.delete(f"{HOME}/expectations/{once['id']}")).json() == {"deleted": 1}
    assert (await home.client.delete(f"{HOME}/expectations/{once['id']}")).status_code == 404
    assert (await home.client.get(f"{HOME}/expectations/{once['id']}")).status_code == 404
    assert (await home.client.delete(HOME + "/expectations", params={"scope": "one"})).json() == {"deleted": 1}
    assert (await home.client.delete(HOME + "/expectations")).json() == {"deleted": 1}
    assert (await post(home, "/expectations/verify"))["ok"]


async def test_there_are_never_too_many_expectations(home: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.verification.expected.MOST", 1)
    await post(home, "/expectations", kind="mails")
    assert (await home.client.post(HOME + "/expectations", json={"kind": "mails"})).status_code == 409


async def test_the_language_has_a_schema(home: Bench) -> None:
    answer = await home.client.get("/_broker/match.schema.json", headers={"authorization": ""})
    assert (answer.headers["content-type"], answer.json()) == ("application/schema+json", SCHEMA)
    jsonschema.Draft202012Validator.check_schema(answer.json())
