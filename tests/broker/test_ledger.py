"""The ledger: each line's life, from the intent to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.ledger import Ledger
from broker.storage.sqlite import SqliteStorage
from sandboxes.base import Resource
from tests.clocks import HeldClock

UID = "pr-1-aaaaaaaaaa"


@pytest.fixture
async def ledger(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Ledger]:
    storage = SqliteStorage(tmp_path, lambda: "x")
    yield Ledger(storage.external.ledger, clock)
    await storage.close()


async def test_an_intent_becomes_what_was_made(ledger: Ledger) -> None:
    entry = await ledger.intend(UID, "tiny", "one", Resource("bucket", "", alias="mine"), operation="op", exchange="ex")
    assert (entry.status, entry.external_id, entry.alias, entry.origin) == ("pending", None, "mine", "made")
    await ledger.made(entry, Resource("bucket", "real-1", parent="p"))
    (live,) = await ledger.left(UID)
    assert (live.status, live.external_id, live.alias, live.parent) == ("live", "real-1", "mine", "p")
    assert (live.operation, live.exchange) == ("op", "ex")
    assert await ledger.named(UID, "tiny", "bucket", "mine") == live
    assert (await ledger.known("one", ["real-1"]))["real-1"] == live


async def test_what_was_refused_is_nothing_to_take_back(ledger: Ledger) -> None:
    entry = await ledger.intend(UID, "tiny", "one", Resource("thing", ""))
    await ledger.never(entry)
    assert await ledger.left(UID) == []


async def test_what_others_mention_is_the_first_ones(ledger: Ledger) -> None:
    await ledger.learn(UID, "tiny", "one", [Resource("log", "l1"), Resource("log", "l2")])
    await ledger.learn("pr-2-bbbbbbbbbb", "tiny", "one", [Resource("log", "l1")])
    assert {key: entry.uid for key, entry in (await ledger.known("one", ["l1", "l2", "l3"])).items()} == {
        "l1": UID,
        "l2": UID,
    }
    assert await ledger.known("one", []) == {}


async def test_what_the_application_deleted_is_gone(ledger: Ledger) -> None:
    await ledger.learn(UID, "tiny", "one", [Resource("thing", "t1"), Resource("thing", "t2")])
    await ledger.deleted("one", ["t1", "unknown"])
    assert [entry.external_id for entry in await ledger.left(UID)] == ["t2"]
    assert (await ledger.known("one", ["t1"]))["t1"].outcome == "deleted"


async def test_a_hindered_line_keeps_the_providers_words_until_it_ends(ledger: Ledger) -> None:
    await ledger.learn(UID, "tiny", "one", [Resource("thing", "t1")])
    (entry,) = await ledger.left(UID)
    await ledger.deleting(entry)
    await ledger.hindered(entry, "it has notes")
    (stuck,) = await ledger.left(UID)
    assert (stuck.status, stuck.error, stuck.attempts) == ("stuck", "it has notes", 1)
    await ledger.hindered(stuck, "x" * 5000)
    (stuck,) = await ledger.left(UID)
    assert (len(stuck.error), stuck.attempts) == (2000, 2)
    await ledger.ended(stuck, "deleted")
    assert await ledger.left(UID) == []
    assert (await ledger.known("one", ["t1"]))["t1"].error == ""
