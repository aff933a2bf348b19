"""The registry: who exists, whose key is this, what was tried, what was deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.storage.base import Environment, NameTaken, Storage
from tests.broker.storage.samples import credential, environment, incident
from tests.clocks import START

CLOSED = START + timedelta(hours=1)


async def tombstone(storage: Storage, made: Environment) -> Environment:
    await storage.registry.add_environment(made, [])
    return await storage.registry.update_environment(made.uid, status="closed", closed_at=CLOSED)


async def test_an_environment_is_found_by_name_uid_and_tag(storage: Storage) -> None:
    made = environment("pr-1", policy={"version": 1, "services": {"alpha": {"mode": "mock"}}})
    await storage.registry.add_environment(made, [])
    for found in (
        await storage.registry.environment("pr-1"),
        await storage.registry.environment_by_uid(made.uid),
        await storage.registry.environment_by_tag(made.tag),
    ):
        assert found == made
    assert await storage.registry.environment("pr-2") is None
    assert await storage.registry.environment_by_uid("pr-2") is None
    assert await storage.registry.environment_by_tag("zzzzz") is None


@pytest.mark.parametrize("status", ["open", "closing"])
async def test_a_name_is_taken_until_it_is_closed(storage: Storage, status: Any) -> None:
    first, second = environment("pr-1", 1), environment("pr-1", 2)
    await storage.registry.add_environment(first, [])
    await storage.registry.update_environment(first.uid, status=status)
    with pytest.raises(NameTaken):
        await storage.registry.add_environment(second, [credential(second)])
    assert await storage.registry.credential(b"key") is None
    await storage.registry.update_environment(first.uid, status="closed", closed_at=CLOSED)
    await storage.registry.add_environment(second, [credential(second)])
    assert await storage.registry.environment("pr-1") == second


async def test_a_taken_tag_and_a_taken_key_are_refused_whole(storage: Storage) -> None:
    first = environment("pr-1")
    await storage.registry.add_environment(first, [credential(first)])
    second = environment("pr-2")
    with pytest.raises(NameTaken):
        await storage.registry.add_environment(replace(second, tag=first.tag), [])
    with pytest.raises(NameTaken):
        await storage.registry.add_environment(second, [credential(second)])
    assert await storage.registry.environment("pr-2") is None


async def test_a_tombstone_stays_and_the_newest_opening_answers(storage: Storage) -> None:
    first = await tombstone(storage, environment("pr-1", 1))
    assert (first.status, first.closed_at) == ("closed", CLOSED)
    assert await storage.registry.environment("pr-1") == first
    second = environment("pr-1", 2, created_at=START + timedelta(hours=2))
    await storage.registry.add_environment(second, [])
    assert await storage.registry.environment("pr-1") == second
    assert await storage.registry.environment_by_uid(first.uid) == first
    assert await storage.registry.environment_by_tag(first.tag) == first


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=-1)], ids=["same instant", "clock set back"])
async def test_the_newest_opening_is_the_last_one_whatever_the_clock_says(storage: Storage, later: timedelta) -> None:
    await tombstone(storage, environment("pr-1", 1))
    second = environment("pr-1", 2, created_at=START + later)
    await storage.registry.add_environment(second, [])
    assert await storage.registry.environment("pr-1") == second
    assert await storage.registry.environments() == [second]


async def test_environments_are_listed_by_name_once_each(storage: Storage) -> None:
    for name in ("pr-3", "pr-1", "pr-2"):
        await storage.registry.add_environment(environment(name), [])
    await storage.registry.update_environment("pr-2-00001", status="closed", closed_at=CLOSED)
    await storage.registry.add_environment(environment("pr-2", 2, tag="other"), [])
    await storage.registry.update_environment("pr-3-00001", status="closing")

    async def names(**selection: Any) -> list[tuple[str, str]]:
        return [(found.name, found.status) for found in await storage.registry.environments(**selection)]

    assert await names() == [("pr-1", "open"), ("pr-2", "open"), ("pr-3", "closing")]
    assert await names(limit=1) == [("pr-1", "open")]
    assert await names(after="pr-1", limit=1) == [("pr-2", "open")]
    assert await names(status="closing") == [("pr-3", "closing")]
    assert await names(status="closed") == []
    assert await names(status="open", after="pr-1") == [("pr-2", "open")]


async def test_expired_ones_are_open_and_past_their_time(storage: Storage) -> None:
    for name, hours in (("pr-1", 1), ("pr-2", 2), ("pr-3", 3), ("pr-4", 1)):
        await storage.registry.add_environment(environment(name, expires_at=START + timedelta(hours=hours)), [])
    await storage.registry.update_environment("pr-4-00001", status="closing")

    async def names(moment: Any) -> list[str]:
        return [found.name for found in await storage.registry.expired(moment)]

    assert await names(START) == []
    assert await names(START + timedelta(hours=1)) == ["pr-1"]
    assert await names(START + timedelta(hours=2)) == ["pr-1", "pr-2"]


async def test_an_update_changes_what_it_names_only(storage: Storage) -> None:
    made = environment("pr-1")
    await storage.registry.add_environment(made, [])
    assert await storage.registry.update_environment(made.uid) == made
    later = START + timedelta(days=30)
    assert await storage.registry.update_environment(made.uid, expires_at=later) == replace(made, expires_at=later)
    changed = await storage.registry.update_environment(made.uid, policy={"version": 1, "seed": 3})
    assert changed == replace(made, expires_at=later, policy={"version": 1, "seed": 3})
    frozen = await storage.registry.update_environment(made.uid, clock=(later, timedelta(days=2)))
    assert (frozen.frozen_at, frozen.ahead) == (later, timedelta(days=2))
    freed = await storage.registry.update_environment(made.uid, clock=(None, timedelta(seconds=-1)))
    assert (freed.frozen_at, freed.ahead) == (None, timedelta(seconds=-1))
    with pytest.raises(LookupError, match="pr-9"):
        await storage.registry.update_environment("pr-9", status="closed")


async def test_a_dead_credential_is_recognised_and_shows_nothing(storage: Storage) -> None:
    made, other = environment("pr-1"), environment("pr-2")
    mine = [
        credential(made, b"one", spec="access_key"),
        credential(made, b"two", spec="webhook_secret", secret_sealed=None, presented=False),
    ]
    await storage.registry.add_environment(made, mine)
    await storage.registry.add_environment(other, [credential(other, b"three")])
    assert await storage.registry.credentials(made.uid) == mine
    assert await storage.registry.credential(b"two") == mine[1]
    assert await storage.registry.kill_credentials(made.uid) == 2
    dead = await storage.registry.credential(b"one")
    assert dead == replace(mine[0], key_sealed="", secret_sealed=None)
    assert await storage.registry.kill_credentials(made.uid) == 0
    assert await storage.registry.credential(b"three") == credential(other, b"three")
    assert await storage.registry.credential(b"unknown") is None


async def test_incidents_are_paged_newest_first(storage: Storage) -> None:
    made, other = environment("pr-1"), environment("pr-2")
    for each in (made, other):
        await storage.registry.add_environment(each, [])
    for number in range(4):
        await storage.registry.add_incident(incident(number, made))
    await storage.registry.add_incident(incident(4, other))
    await storage.registry.add_incident(incident(5))

    async def numbers(name: str | None, **selection: Any) -> list[int]:
        return [int(found.id[4:]) for found in await storage.registry.incidents(name, **selection)]

    assert await numbers("pr-1") == [3, 2, 1, 0]
    assert await numbers("pr-1", limit=2) == [3, 2]
    assert await numbers("pr-1", after="inc_00002") == [1, 0]
    assert await numbers("pr-2") == [4]
    assert await numbers(None) == [5, 4, 3, 2, 1, 0]
    assert await storage.registry.incidents("pr-2") == [incident(4, other)]


async def test_incidents_are_capped_for_each_environment_alone(storage: Storage) -> None:
    made, other = environment("pr-1"), environment("pr-2")
    for each in (made, other):
        await storage.registry.add_environment(each, [])
    await storage.registry.add_incident(incident(1000, other))
    for number in range(12):
        await storage.registry.add_incident(incident(number, made))
    assert [found.id for found in await storage.registry.incidents("pr-1")] == [
        f"inc_{number:05}" for number in range(11, 6, -1)
    ]
    assert len(await storage.registry.incidents("pr-2")) == 1


async def test_incidents_of_names_that_do_not_exist_share_one_cap(storage: Storage) -> None:
    for number in range(50):
        await storage.registry.add_incident(incident(number, environment=f"made-up-{number}"))
    assert len(await storage.registry.incidents(None)) == 5
    assert [found.id for found in await storage.registry.incidents("made-up-49")] == ["inc_00049"]


async def test_incidents_of_a_name_are_those_of_its_newest_opening(storage: Storage) -> None:
    first = await tombstone(storage, environment("pr-1", 1))
    await storage.registry.add_incident(incident(1, first))
    assert len(await storage.registry.incidents("pr-1")) == 1
    second = environment("pr-1", 2)
    await storage.registry.add_environment(second, [])
    assert await storage.registry.incidents("pr-1") == []
    await storage.registry.add_incident(incident(2, second))
    assert [found.id for found in await storage.registry.incidents("pr-1")] == ["inc_00002"]


async def test_a_receipt_is_replaced(storage: Storage) -> None:
    assert await storage.registry.receipt("pr-1-00001") is None
    await storage.registry.put_receipt("pr-1-00001", {"status": "closing"})
    await storage.registry.put_receipt("pr-1-00001", {"status": "closed", "left": {}})
    assert await storage.registry.receipt("pr-1-00001") == {"status": "closed", "left": {}}
