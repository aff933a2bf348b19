"""Whose an event is: by its object, what that belongs to, its markers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.attribution import Attribution, Nobody, Owner
from broker.storage.external import HookRow
from sandboxes.base import Marker
from tests.broker.hooked import Hooked, marker
from tests.broker.sandbox import INSTANCE
from tests.clocks import HeldClock


@pytest.fixture
async def world(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Hooked]:
    made = Hooked(tmp_path, clock)
    yield made
    await made.close()


async def found(world: Hooked, *ids: str, markers: tuple[str, ...] = (), account: str = "one") -> Any:
    attribution = Attribution(world.storage.registry, world.ledger, world.accounts.marker)
    row = HookRow(
        account=account, event_id="e", type="t", received_at=world.clock.now(), payload={}, ids=ids, markers=markers
    )
    return await attribution.of(row)


async def test_the_first_id_that_is_known_decides(world: Hooked) -> None:
    one, two = await world.open("pr-1"), await world.open("pr-2")
    await world.owns(one, "thi_1")
    await world.owns(two, "thi_2")
    assert await found(world, "thi_1") == Owner(one.uid, "ledger")
    assert await found(world, "thi_9", "thi_2") == Owner(two.uid, "parent")
    assert await found(world, "thi_9", "thi_8", "thi_1", "thi_2") == Owner(one.uid, "parent")
    assert await found(world, "thi_1", "thi_2") == Owner(one.uid, "ledger"), "the object itself before its parents"


async def test_ids_are_those_of_the_account(world: Hooked) -> None:
    one = await world.open("pr-1")
    await world.owns(one, "thi_1", account="two")
    assert await found(world, "thi_1") == Nobody()
    assert await found(world, "thi_1", account="two") == Owner(one.uid, "ledger")


async def test_what_is_gone_is_still_known(world: Hooked) -> None:
    one = await world.open("pr-1")
    await world.owns(one, "thi_1")
    await world.ledger.deleted("one", ["thi_1"])
    assert await found(world, "thi_1") == Owner(one.uid, "ledger")


async def test_a_marker_counts_where_no_id_is_known(world: Hooked) -> None:
    one, two = await world.open("pr-1"), await world.open("pr-2")
    await world.owns(two, "thi_2")
    assert await found(world, "thi_1", markers=("text", marker(one))) == Owner(one.uid, "marker")
    assert await found(world, "thi_1", markers=(Marker(INSTANCE, one.uid).label + "name",)) == Owner(one.uid, "marker")
    assert await found(world, "thi_1", "thi_2", markers=(marker(two),)) == Owner(two.uid, "parent")
    assert await found(world, markers=(marker(two), marker(one))) == Owner(two.uid, "marker"), "the first of them"


async def test_the_ledger_decides_against_a_marker_and_says_so(world: Hooked) -> None:
    one, two = await world.open("pr-1"), await world.open("pr-2")
    await world.owns(one, "thi_1")
    assert await found(world, "thi_1", markers=(marker(two),)) == Owner(one.uid, "ledger", two.uid)
    assert await found(world, "thi_1", markers=(marker(one),)) == Owner(one.uid, "ledger")


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("pb:zzz999:pr-1-aaaaaaaaaa", True),
        ("pb-zzz999-aaaaaaaaaa-bucket", True),
        (f"pb:{INSTANCE}:pr-1-never-opened", False),
        (f"pb-{INSTANCE}-aaaaaaaaaa-bucket", False),
        (f"about pb:{INSTANCE}:pr-1", False),
        ("", False),
    ],
)
async def test_other_brokers_markers_are_told_from_none(world: Hooked, text: str, foreign: bool) -> None:
    await world.open("pr-1")
    assert await found(world, "thi_1", markers=(text,)) == Nobody(foreign)


async def test_a_marker_of_ours_counts_beside_a_foreign_one(world: Hooked) -> None:
    one = await world.open("pr-1")
    assert await found(world, markers=("pb:zzz999:pr-1-aaaaaaaaaa", marker(one))) == Owner(one.uid, "marker")
