"""The journal's writer: redacted before it is stored, cut at its cap, and alive whatever fails."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import orjson
import pytest

from broker import recorder
from broker.redact import HIDDEN
from broker.storage.base import Environment, Exchange
from broker.visit import Visit
from contracts.exchange import Headers, Request, Response
from tests.broker.tiny import Gate, tiny

CARD, KEY = "4242424242424242", "sk_live_" + "abcdefghijklmnop"


async def take(
    gate: Gate, home: Environment, *, number: int = 1, response: Response | None = None, **sent: Any
) -> None:
    entry = await gate.directory.by_name(home.name)
    assert entry is not None
    request = Request(**{"method": "POST", "path": "/v1/things", **sent})
    visit = Visit(f"exc_{number}", entry, tiny(), "secret_key", request, gate.clock.now(), gate.clock.monotonic())
    gate.clock.advance(0.25)
    gate.recorder.take(visit, response or Response(200, [("x-one", "1")], b"{}"), gate.clock.monotonic())


async def only(gate: Gate, home: Environment) -> Exchange:
    (found,) = await gate.journal(home)
    return found


async def test_an_exchange_is_stored_as_it_was(gate: Gate) -> None:
    home = await gate.open("pr-1")
    await take(gate, home, query="a=1", headers=Headers([("host", "x"), ("accept", "*/*")]), body=b"name=one")
    found = await only(gate, home)
    assert (found.id, found.method, found.path, found.status) == ("exc_1", "POST", "/v1/things?a=1", 200)
    assert found.duration_ms == 250.0
    assert (list(found.request_headers), found.request_body) == ([("host", "x"), ("accept", "*/*")], "name=one")
    assert (found.request_size, found.response_size) == (8, 2)
    assert (list(found.response_headers), found.response_body) == ([("x-one", "1")], "{}")
    assert (found.service, found.operation, found.mode) == ("tiny", None, "refuse")


async def test_no_secret_is_stored_anywhere(gate: Gate) -> None:
    """The canary: a card and a key in every place that a request and an answer have."""
    home = await gate.open("pr-1")
    own = await gate.key(home)
    canary = f"{CARD} 4242-4242-4242-4242 {KEY} {own}"
    await take(
        gate,
        home,
        path=f"/v1/{KEY}/{CARD}",
        query=f"card={CARD}&key={KEY}&password=hunter2",
        headers=Headers([("authorization", f"Bearer {own}"), ("cookie", "hunter2"), ("x-note", canary)]),
        body=orjson.dumps({"number": CARD, "password": "hunter2", "note": canary}),
        response=Response(200, [("set-cookie", "hunter2"), ("x-note", canary)], canary.encode()),
    )
    stored = repr(await only(gate, home))
    for secret in (CARD, "4242-4242", "abcdefghijklmnop", "hunter2", own):
        assert secret not in stored
    assert stored.count(HIDDEN) >= 12


async def test_even_where_nothing_is_suspicious_the_credential_is_hidden(gate: Gate) -> None:
    home = await gate.open("pr-1")
    await take(gate, home, headers=Headers([("authorization", "Basic YTpi"), ("host", "x")]))
    assert list((await only(gate, home)).request_headers) == [("authorization", HIDDEN), ("host", "x")]


@pytest.mark.parametrize(
    "secret", [CARD, KEY, '"password":"' + "h" * 9000, "-----BEGIN PRIVATE KEY-----" + "h" * 9000], ids=len
)
async def test_a_secret_that_the_cut_divides_is_hidden_too(gate: Gate, secret: str) -> None:
    home = await gate.open("pr-1")
    for number, inside in enumerate((4, 8, len(secret[:20]))):
        await take(gate, home, number=number, body=("{" + " " * (1023 - inside) + secret).encode())
    for found in await gate.journal(home):
        assert len(found.request_body or "") <= 1024
        assert secret[:8].strip('"') not in (found.request_body or "").replace("[hidden]", "") or secret.startswith('"')
        assert "hhhh" not in (found.request_body or "")


async def test_bodies_are_cut_and_only_text_is_kept(gate: Gate) -> None:
    home = await gate.open("pr-1")
    bodies = {
        1: (b"a" * 5000, "a" * 1024),
        2: ("ä".encode() * 3000, "ä" * 1024),
        3: (b"\xff\xfe\x00binary", None),
        4: (b"a" * 100 + b"\xff" + b"b" * 100, None),
        5: (b"", None),
        6: (b"a" + "\U0001f600".encode() * 2000, "a" + "\U0001f600" * 1023),
    }
    for number, (body, _) in bodies.items():
        await take(gate, home, number=number, body=body, response=Response(200, [], body))
    for found in await gate.journal(home):
        body, kept = bodies[int(found.id[4:])]
        assert (found.request_body, found.response_body) == (kept, kept)
        assert (found.request_size, found.response_size) == (len(body), len(body))


async def test_a_streams_size_is_what_was_declared(gate: Gate) -> None:
    home = await gate.open("pr-1")
    await take(
        gate,
        home,
        headers=Headers([("content-length", "1000000")]),
        response=Response(200, [("content-length", "2000000")], b""),
    )
    found = await only(gate, home)
    assert (found.request_size, found.response_size) == (1_000_000, 2_000_000)


async def test_entries_keep_their_order_over_batches(gate: Gate) -> None:
    home, other = await gate.open("pr-1"), await gate.open("pr-2")
    for number in range(50):
        await take(gate, other if number % 5 == 0 else home, number=number)
    assert [found.id for found in await gate.journal(home)] == [
        f"exc_{number}" for number in range(49, -1, -1) if number % 5
    ]
    assert len(await gate.journal(other)) == 10


async def test_of_an_environment_that_closes_nothing_more_is_written(gate: Gate) -> None:
    home, other = await gate.open("pr-1"), await gate.open("pr-2")
    await take(gate, home, number=1)
    await take(gate, other, number=2)
    gate.recorder.forget(home.uid)
    assert await gate.journal(home) == []
    assert len(await gate.journal(other)) == 1
    await take(gate, home, number=3)
    await gate.storage.registry.update_environment(home.uid, status="closing")
    assert await gate.journal(home) == []


async def test_the_oldest_are_dropped_and_counted_when_too_many_wait(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_WAITING", 10)
    home = await gate.open("pr-1")
    await gate.directory.by_name("pr-1")
    for number in range(25):
        await take(gate, home, number=number)
    assert [found.id for found in await gate.journal(home)] == [f"exc_{number}" for number in range(24, 14, -1)]
    assert gate.recorder.dropped == 15


async def test_what_waits_holds_little_memory(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    home = await gate.open("pr-1")
    await take(gate, home, number=1, body=b"a" * 1_000_000, response=Response(200, [], b"b" * 1_000_000))
    (waiting,) = gate.recorder._waiting
    assert waiting.held < 12_000
    assert waiting.visit.request.body == b""
    assert (await only(gate, home)).request_size == 1_000_000
    monkeypatch.setattr(recorder, "_WAITING_BYTES", 10_500)
    for number in range(10):
        await take(gate, home, number=number, body=b"a" * 2000)
    assert [found.id for found in (await gate.journal(home))[:-1]] == [f"exc_{number}" for number in range(9, 4, -1)]
    assert gate.recorder.dropped == 5
    assert gate.recorder._held == 0


@pytest.mark.parametrize(
    "failed",
    [
        sqlite3.OperationalError("database or disk is full"),
        OSError(28, "No space left"),
        LookupError("gone"),
        KeyError(1),
    ],
    ids=["full", "no space", "store gone", "a bug"],
)
async def test_the_journal_goes_on_after_a_failure(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, failed: Exception
) -> None:
    home = await gate.open("pr-1")
    store = await gate.storage.open(home)

    async def broken(exchanges: Any) -> None:
        raise failed

    with monkeypatch.context() as patched:
        patched.setattr(store.journal, "add", broken)
        await take(gate, home, number=1)
        assert await gate.journal(home) == []
    assert gate.recorder.dropped == 1
    assert store.users == 0
    await take(gate, home, number=2)
    assert [found.id for found in await gate.journal(home)] == ["exc_2"]


async def test_an_exchange_that_cannot_be_redacted_is_dropped_alone(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await gate.open("pr-1")
    await take(gate, home, number=1, body=b"password=1")
    await take(gate, home, number=2)

    def broken(text: str) -> str:
        raise RecursionError

    monkeypatch.setattr(gate.recorder._redactor, "text", broken)
    assert [found.id for found in await gate.journal(home)] == ["exc_2"]
    assert gate.recorder.dropped == 1


async def test_flush_waits_for_what_is_taken_meanwhile(gate: Gate) -> None:
    home = await gate.open("pr-1")
    await gate.recorder.flush()
    await take(gate, home, number=1)
    flushing = asyncio.gather(gate.recorder.flush())
    await asyncio.sleep(0)
    await take(gate, home, number=2)
    await flushing
    assert len(await (await gate.storage.open(home)).journal.exchanges()) == 2


async def test_settling_waits_for_what_was_taken_and_for_nothing_more(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await gate.open("pr-1")
    monkeypatch.setattr(recorder, "_BATCH", 2)
    await gate.recorder.settle()
    for number in range(3):
        await take(gate, home, number=number)
    settled = asyncio.ensure_future(gate.recorder.settle())  # noqa: TID251 - awaited below
    more = 3
    while not settled.done():
        await take(gate, home, number=more)
        more += 1
        await asyncio.sleep(0)
    await settled
    assert gate.recorder._waiting, "it went on without waiting for the rest"
    assert (await gate.journal(home))[0].id == f"exc_{more - 1}"


async def test_settling_ends_when_what_waits_is_forgotten(gate: Gate) -> None:
    home = await gate.open("pr-1")
    await take(gate, home)
    settled = asyncio.ensure_future(gate.recorder.settle())  # noqa: TID251 - awaited below
    await asyncio.sleep(0)
    gate.recorder.forget(home.uid)
    await asyncio.wait_for(settled, 10)
