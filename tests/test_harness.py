"""The harness does what the gateway does, minus the caller's key: the services' own tests lean on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.backends.mock import BrokenReply
from tests.broker.tiny import code, pieces, tiny
from tests.clocks import START, HeldClock
from tests.harness import Harness, read, value


@pytest.fixture
async def harness(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Harness]:
    opened = Harness(tiny(), tmp_path, clock=clock)
    yield opened
    await opened.close()


async def test_state_lasts_from_call_to_call(harness: Harness) -> None:
    made = await harness.call("POST", "/v1/things", json={"name": "one"})
    found = await harness.call("GET", f"/v1/things/{value(made)['id']}")
    assert (made.status, value(found)) == (200, value(made))
    assert (made.header("x-tiny-request") or "").startswith("req_")


async def test_errors_are_rendered_by_the_service(harness: Harness) -> None:
    for method, path, body, status, expected in (
        ("GET", "/v1/things/none", None, 404, "resource_missing"),
        ("GET", "/v9/unknown", None, 404, "unknown_operation"),
        ("POST", "/v1/things", {}, 400, "invalid"),
    ):
        refused = await harness.call(method, path, json=body)
        assert (refused.status, code(refused)) == (status, expected)


async def test_a_broken_reply_raises(harness: Harness) -> None:
    with pytest.raises(BrokenReply):
        await harness.call("GET", "/v1/break")


async def test_streams_both_ways(harness: Harness) -> None:
    body = b"0123456789" * 100_000
    await harness.call("PUT", "/v1/files/a", stream=pieces(body))
    assert await read(await harness.call("GET", "/v1/files/a")) == body


async def test_events_and_what_is_told_about_them(tmp_path: Path) -> None:
    policy: dict[str, Any] = {"services": {"tiny": {"webhooks": [{"url": "http://127.0.0.1:9/", "events": ["*"]}]}}}
    harness = Harness(tiny(webhook_credential=None), tmp_path, policy=policy)
    await harness.call("POST", "/v1/things", json={"name": "one", "event": "thing.created"})
    store = await harness.store()
    assert [event.type for event in await store.outbox.events()] == ["thing.created"]
    assert harness.notified == []
    await harness.close()


def test_the_held_clock_moves_only_by_hand() -> None:
    clock = HeldClock()
    assert (clock.now(), clock.now()) == (START, START)
    before = clock.monotonic()
    assert clock.advance(30, hours=1) == clock.now()
    assert clock.monotonic() - before == 3630
    assert (clock.now() - START).total_seconds() == 3630
    assert HeldClock().text(24) == HeldClock().text(24)
