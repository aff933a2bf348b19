"""Handlers run in one transaction: state, events, deliveries and mails come together or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import pytest

from broker.backends.mock import BrokenReply, MockBackend, described
from broker.storage.sqlite_state import SqliteTransaction
from broker.visit import Visit
from contracts.contract import Match, Violation
from contracts.exchange import Request, Response
from mocks.base import Call, Missing, MockService, Reply, Result, ServiceError, Target
from tests.broker.tiny import HANDLERS, OPERATIONS, Gate, tiny, value
from tests.clocks import HeldClock

BY_ID = {operation.id: operation for operation in OPERATIONS}


async def answer(gate: Gate, service: MockService, operation: str = "things.list", **path: str) -> Response:
    entry = await gate.directory.by_name("pr-1")
    assert entry is not None
    match = Match(BY_ID[operation], path)
    request = Request(method=match.operation.method, path="/", body=b'{"name":"n"}')
    visit = Visit("v1", entry, service, "secret_key", request, gate.clock.now(), 0.0, match=match)
    return await gate.backend.answer(visit, service, match)


def doing(handler: Any, **changes: Any) -> MockService:
    """The service, with another handler for ``things.list``."""
    return tiny(operations={**HANDLERS, "things.list": handler}, **changes)


async def counted(gate: Gate) -> Any:
    entry = await gate.directory.by_name("pr-1")
    assert entry is not None
    return await (await gate.storage.open(entry.environment)).inventory()


HOOKED = {"services": {"tiny": {"webhooks": [{"url": "http://127.0.0.1:9/hook", "events": ["thing.created"]}]}}}


async def test_events_are_stored_with_their_deliveries_and_told_after_the_commit(gate: Gate) -> None:
    home = await gate.open("pr-1", HOOKED)
    key = await gate.key(home)
    await gate.call("POST", "/v1/things", key=key, json={"name": "one", "event": "thing.created"})
    store = await gate.storage.open(home)
    (event,) = await store.outbox.events()
    (delivery,) = await store.outbox.deliveries()
    assert (event.service, event.type, event.created_at) == ("tiny", "thing.created", gate.clock.now())
    assert event.id == event.payload["id"]
    assert (delivery.event_id, delivery.url, delivery.status) == (event.id, "http://127.0.0.1:9/hook", "pending")
    # Signed with the environment's own webhook secret.
    assert gate.vault.unseal(delivery.secret_sealed) == (await gate.keys(home))["webhook_secret"][0]
    assert gate.notified == [delivery.id]


async def test_without_targets_there_is_an_event_and_no_delivery(gate: Gate) -> None:
    home = await gate.open("pr-1")
    await gate.call("POST", "/v1/things", key=await gate.key(home), json={"name": "one", "event": "thing.created"})
    found = await counted(gate)
    assert (found["events"], found["deliveries"], gate.notified) == (1, 0, [])


async def test_targets_that_were_made_through_the_api_hear_too(gate: Gate) -> None:
    home = await gate.open("pr-1", HOOKED)
    seen = []

    async def targets(state: Any, unseal: Any) -> list[Target]:
        seen.append(len(await state.page("thing")))
        return [Target("http://127.0.0.1:9/made", "their own", endpoint="we_1")]

    service = tiny(targets=targets)
    await answer(gate, service, "things.create")
    assert seen == []  # nothing happened, nobody is asked

    async def emitting(call: Call) -> Result:
        await call.state.put("thing", "x", {})
        call.emit("thing.created", {"id": "evt_1"})
        return {}

    await answer(gate, doing(emitting, targets=targets))
    deliveries = await (await gate.storage.open(home)).outbox.deliveries()
    assert [(each.url, each.endpoint) for each in deliveries] == [
        ("http://127.0.0.1:9/hook", None),
        ("http://127.0.0.1:9/made", "we_1"),
    ]
    assert seen == [2]  # in the same transaction


@pytest.mark.parametrize("keep", [True, False])
async def test_a_service_error_keeps_what_it_says_it_keeps(gate: Gate, keep: bool) -> None:
    home = await gate.open("pr-1", HOOKED)
    key = await gate.key(home)
    declined = await gate.call("POST", "/v1/decline", key=key, json={"name": "d", "keep": keep})
    assert declined.status == 402
    assert (await gate.call("GET", "/v1/things/d", key=key)).status == (200 if keep else 404)
    assert (await counted(gate))["events"] == int(keep)


async def test_mails_come_with_the_commit(gate: Gate) -> None:
    home = await gate.open("pr-1")
    await gate.call("POST", "/v1/mail", key=await gate.key(home), json={"name": "ann@example.com"})
    (mail,) = await (await gate.storage.open(home)).mailbox.mails(to="ann@example.com")
    assert (mail["service"], mail["sent_at"]) == ("tiny", gate.clock.now().isoformat())


@pytest.mark.parametrize("failure", [ZeroDivisionError(), Missing("thing", "x"), asyncio.CancelledError()], ids=repr)
async def test_whatever_is_raised_leaves_nothing_and_the_way_free(gate: Gate, failure: BaseException) -> None:
    home = await gate.open("pr-1")

    async def failing(call: Call) -> Result:
        async def one() -> Any:
            yield b"x" * 200_000

        await call.state.write_blob(one())
        await call.state.put("thing", "half", {})
        call.emit("thing.created", {"id": "evt_1"})
        assert call.claim("key")
        raise failure

    with pytest.raises(type(failure)):
        await answer(gate, doing(failing))
    found = await counted(gate)
    assert (found["records"], found["blobs"]["count"], found["events"]) == ({}, 0, 0)
    assert (await gate.storage.open(home)).users == 0
    # The claim is free again.
    with pytest.raises(type(failure)):
        await answer(gate, doing(failing))


async def test_a_claim_holds_until_its_call_ends(gate: Gate) -> None:
    await gate.open("pr-1")
    go_on, claims = asyncio.Event(), []

    async def claiming(call: Call) -> Result:
        claims.append(call.claim("key"))
        if claims == [True]:
            await go_on.wait()
        return {}

    service = doing(claiming)
    first = asyncio.gather(answer(gate, service))
    await asyncio.sleep(0.01)
    await answer(gate, service)
    await answer(gate, doing(claiming, name="signed"))  # another service's key is another
    go_on.set()
    await first
    await answer(gate, service)
    assert claims == [True, False, True, True]


async def test_what_a_handler_sees(gate: Gate) -> None:
    home = await gate.open("pr-1", {"services": {"tiny": {"seed": 5, "options": {"speed": "slow"}}}})
    seen: list[Call] = []

    async def looking(call: Call) -> Result:
        seen.append(call)
        sealed = call.seal("secret")
        assert (call.unseal(sealed), "secret" in sealed) == ("secret", False)
        first, second = call.new_id("thi_"), call.new_id("thi_", 10)
        assert (len(first), len(second)) == (28, 14)
        assert first[4:9] == second[4:9] == home.tag
        return {}

    service = doing(looking)
    await answer(gate, service)
    (call,) = seen
    assert (call.operation.id, call.now, call.seed) == ("things.list", gate.clock.now(), 5)
    assert (dict(call.options), call.credential, call.contract) == ({"speed": "slow"}, "secret_key", service.contract())


async def test_around_wraps_handler_and_generic_engine(gate: Gate) -> None:
    await gate.open("pr-1")
    seen = []

    async def around(call: Call, handler: Any) -> Result:
        seen.append(call.operation.id)
        return {"around": await handler(call)}

    assert value(await answer(gate, tiny(around=around))) == {"around": {"data": []}}
    assert value(await answer(gate, tiny(around=around), "other.made_up"))["around"]["made_up"] is True
    assert seen == ["things.list", "other.made_up"]


async def test_every_form_of_a_result(gate: Gate) -> None:
    await gate.open("pr-1")
    ready = Response(299, [("x", "y")], b"ready")

    async def stream() -> Any:
        yield b"a"

    chunks = stream()
    for result, status, body, header in (
        ({"a": 1}, 200, b'{"a":1}', None),
        (Reply({"a": 1}), 200, b'{"a":1}', None),
        (Reply({"a": 1}, 201, [("x", "y")]), 201, b'{"a":1}', "y"),
        (Reply(None, 204), 204, b"", None),
        (ready, 299, b"ready", "y"),
        (Reply(None, 200, stream=chunks), 200, b"", None),
    ):

        async def handler(call: Call, result: Any = result) -> Result:
            return result

        response = await answer(gate, doing(handler))
        assert (response.status, response.body, response.header("x")) == (status, body, header)
    assert response.stream is chunks


async def test_a_broken_reply_is_recorded_and_in_strict_mode_refused(tmp_path: Path, clock: HeldClock) -> None:
    for strict in (True, False):
        gate = Gate(tmp_path / str(strict), clock, strict=strict)
        await gate.open("pr-1")
        if strict:
            with pytest.raises(BrokenReply, match=r"things\.break: body\.broken: is not part"):
                await answer(gate, tiny(), "things.break")
        else:
            assert value(await answer(gate, tiny(), "things.break")) == {"broken": True}
        assert (await counted(gate))["records"] == ({} if strict else {"tiny": {"thing": 1}})
        await gate.close()


async def test_a_slow_body_keeps_no_other_call_waiting(gate: Gate) -> None:
    home = await gate.open("pr-1")
    key, go_on = await gate.key(home), asyncio.Event()

    async def slow() -> Any:
        yield b"a"
        await go_on.wait()
        yield b"b"

    putting = asyncio.gather(gate.call("PUT", "/v1/files/a", key=key, body=slow()))
    await asyncio.sleep(0.01)
    store = await gate.storage.open(home)
    assert store.users == 1
    made = await asyncio.wait_for(gate.call("POST", "/v1/things", key=key, json={"name": "x"}), 5)
    assert made.status == 200
    go_on.set()
    (put,) = await putting
    assert value(put) == {"size": 2}
    assert store.users == 0


def test_a_described_violation_never_holds_its_value() -> None:
    found = described(Violation("body", ("card", 0), "type", "must be a number", "number", "secret"), "request")
    assert found == {"side": "request", "where": "body.card[0]", "rule": "type", "message": "must be a number"}


def test_the_backend_names_its_error_after_the_operation() -> None:
    broken = BrokenReply(BY_ID["things.list"], [Violation("body", (), "type", "x")] * 9)
    assert len(broken.violations) == 9
    assert str(broken).count("body: x") == 5
    assert issubclass(ServiceError, Exception)
    assert MockBackend.__doc__


async def test_a_call_of_many_events_lets_others_have_their_turn(gate: Gate) -> None:
    await gate.open("pr-1")
    turns: list[int] = []

    async def telling(call: Call) -> Result:
        for number in range(200):
            call.emit("thing.created", {"id": f"evt_{number}"})
        return {"object": "list", "data": []}

    async def others() -> None:
        for turn in range(1000):
            turns.append(turn)
            await asyncio.sleep(0)

    beside = asyncio.ensure_future(others())  # noqa: TID251 - awaited below
    await answer(gate, doing(telling))
    assert 5 <= len(turns) < 1000
    await beside
    assert (await counted(gate))["events"] == 200


async def test_a_deletion_goes_through_on_a_full_disk(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    home = await gate.open("pr-1")
    key = await gate.key(home)
    made = await gate.call("POST", "/v1/things", key=key, json={"name": "a"})
    given_up: list[str] = []
    monkeypatch.setattr(gate.storage, "make_room", lambda: given_up.append("the reserve"))
    commit = SqliteTransaction.commit

    async def full(self: SqliteTransaction) -> None:
        if not given_up:
            raise sqlite3.OperationalError("database or disk is full")
        await commit(self)

    monkeypatch.setattr(SqliteTransaction, "commit", full)
    refused = await gate.call("POST", "/v1/things", key=key, json={"name": "b"})
    assert (refused.status, given_up) == (507, [])
    path = f"/v1/things/{orjson.loads(made.body)['id']}"
    assert (await gate.call("DELETE", path, key=key)).status == 204
    assert given_up == ["the reserve"]
    assert (await gate.call("GET", path, key=key)).status == 404


async def test_what_a_call_brings_about_is_of_its_scope(gate: Gate) -> None:
    home = await gate.open("pr-1", HOOKED)
    made = {"name": "one", "event": "thing.created"}
    for scope in ("one", ""):
        await gate.call(
            "POST", "/v1/things", key=await gate.key(home), json=made, headers={"broker-scope": scope} if scope else {}
        )
    store = await gate.storage.open(home)
    assert [event.scope for event in await store.outbox.events()] == ["", "one"]
    assert [delivery.scope for delivery in await store.outbox.deliveries()] == ["one", ""]
