"""The ledger on SQLite: one owner for an id, pending before it is made, counted by what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.storage.external import Entry
from broker.storage.sqlite import SqliteStorage

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def entry(number: int, **fields: Any) -> Entry:
    given: dict[str, Any] = {
        "uid": "pr-1-aaaaaaaaaa",
        "service": "tiny",
        "account": "main",
        "kind": "thing",
        "status": "pending",
        "origin": "made",
        "created_at": NOW + timedelta(seconds=number),
        "changed_at": NOW,
    }
    return Entry(id=f"res_{number}", **{**given, **fields})


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[SqliteStorage]:
    storage = SqliteStorage(tmp_path, lambda: "x")
    yield storage
    await storage.close()


async def test_an_entry_is_what_was_added(storage: SqliteStorage) -> None:
    one = entry(1, alias="mine", parent="p", operation="things.create", exchange="ex", external_id="t_1")
    await storage.external.ledger.add([one])
    assert await storage.external.ledger.entry("res_1") == one
    assert await storage.external.ledger.entry("res_2") is None


async def test_an_update_changes_what_it_names(storage: SqliteStorage) -> None:
    ledger = storage.external.ledger
    await ledger.add([entry(1)])
    later = NOW + timedelta(minutes=1)
    await ledger.update("res_1", changed_at=later, status="live", external_id="t_1")
    assert await ledger.entry("res_1") == replace(entry(1), status="live", external_id="t_1", changed_at=later)


async def test_the_first_to_know_an_id_owns_it(storage: SqliteStorage) -> None:
    ledger = storage.external.ledger
    await ledger.add([entry(1, external_id="t_1", status="live")])
    await ledger.add([entry(2, external_id="t_1", status="live", uid="pr-2-bbbbbbbbbb")])
    assert {one.id for one in await ledger.entries()} == {"res_1"}
    # By an answer about its parent the object was known before the answer to its own create came.
    await ledger.add([entry(3)])
    await ledger.update("res_3", changed_at=NOW, status="live", external_id="t_1")
    merged = await ledger.entry("res_3")
    assert merged is not None
    assert (merged.status, merged.outcome, merged.external_id) == ("gone", "merged", None)


async def test_a_name_may_come_again_once_it_is_gone(storage: SqliteStorage) -> None:
    ledger = storage.external.ledger
    await ledger.add([entry(1, external_id="bucket", status="gone", outcome="deleted")])
    await ledger.add([entry(2, external_id="bucket", status="live")])
    assert (await ledger.known("main", ["bucket", "other"]))["bucket"].id == "res_2"
    assert await ledger.known("elsewhere", ["bucket"]) == {}


async def test_many_ids_are_looked_up_at_once(storage: SqliteStorage) -> None:
    ledger = storage.external.ledger
    await ledger.add([entry(number, external_id=f"t_{number}", status="live") for number in range(1200)])
    found = await ledger.known("main", [f"t_{number}" for number in range(2400)])
    assert len(found) == 1200


async def test_an_alias_finds_the_newest_that_is_left(storage: SqliteStorage) -> None:
    ledger = storage.external.ledger
    await ledger.add(
        [
            entry(1, alias="invoices", external_id="a", status="gone"),
            entry(2, alias="invoices", external_id="b", status="live"),
            entry(3, alias="invoices", external_id="c", status="live", uid="pr-2-bbbbbbbbbb"),
        ]
    )
    found = await ledger.named("pr-1-aaaaaaaaaa", "tiny", "thing", "invoices")
    assert found is not None
    assert found.external_id == "b"
    assert await ledger.named("pr-1-aaaaaaaaaa", "tiny", "other", "invoices") is None


async def test_entries_come_newest_first_by_page_and_filter(storage: SqliteStorage) -> None:
    ledger = storage.external.ledger
    states = ["live", "gone", "stuck", "live"]
    await ledger.add([entry(number, status=state, external_id=str(number)) for number, state in enumerate(states)])
    assert [one.id for one in await ledger.entries(limit=2)] == ["res_3", "res_2"]
    assert [one.id for one in await ledger.entries(after="res_2")] == ["res_1", "res_0"]
    assert [one.id for one in await ledger.entries(left=True)] == ["res_3", "res_2", "res_0"]
    assert [one.id for one in await ledger.entries(status="stuck", account="main")] == ["res_2"]
    assert await ledger.entries("pr-2-bbbbbbbbbb") == []


async def test_counts_tell_what_became_of_it(storage: SqliteStorage) -> None:
    ledger = storage.external.ledger
    await ledger.add(
        [
            entry(1, status="live", external_id="1"),
            entry(2, status="gone", outcome="deleted", external_id="2"),
            entry(3, status="gone", outcome="kept", external_id="3", kind="record"),
        ]
    )
    assert await ledger.counts("pr-1-aaaaaaaaaa") == {
        "tiny": {"thing": {"live": 1, "deleted": 1}, "record": {"kept": 1}}
    }
    assert await ledger.accounts("pr-1-aaaaaaaaaa") == [("tiny", "main")]
    assert await ledger.accounts("pr-2-bbbbbbbbbb") == []


async def test_it_is_still_there_after_the_file_is_opened_again(storage: SqliteStorage, tmp_path: Path) -> None:
    await storage.external.ledger.add([entry(1)])
    again = SqliteStorage(tmp_path, lambda: "x")
    assert await again.external.ledger.entry("res_1") == entry(1)
    await again.close()
