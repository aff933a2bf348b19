"""Waiting for a mail, and how many are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.environments import Environments
from broker.errors import EnvironmentClosed, NotFound
from broker.inbox.inbox import Inbox
from broker.settings import Settings
from broker.storage.base import EnvironmentStore
from broker.storage.mail import Wanted
from broker.storage.sqlite import SqliteStorage
from broker.tasks import Keeper
from broker.vault import Vault
from tests.broker.inbox.samples import mail, send
from tests.broker.services import both
from tests.clocks import HeldClock


class Post:
    """An environment that mails come into."""

    def __init__(self, folder: Path, clock: HeldClock, kept: int = 5) -> None:
        self.clock = clock
        self.storage = SqliteStorage(folder, lambda: clock.text(16))
        self.environments = Environments(Settings(), clock, self.storage, Vault("k" * 32), both())
        self.keeper = Keeper()
        self.inbox = Inbox(self.environments, self.storage, self.keeper, kept=kept)

    async def store(self) -> EnvironmentStore:
        return await self.environments.store(await self.environments.get("pr-1"))

    async def come(self, *ids: str, **changes: str) -> None:
        store = await self.store()
        await send(store, *[mail(each, **changes) for each in ids], at=self.clock.now())
        self.inbox.came((await self.environments.get("pr-1")).uid, ids)


@pytest.fixture
async def post(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Post]:
    made = Post(tmp_path, clock)
    await made.environments.open("pr-1")
    yield made
    await made.keeper.stop()
    await made.storage.close()


async def waiting(post: Post) -> None:
    if not post.inbox.arrivals.count:
        await asyncio.sleep(0)
        await waiting(post)


async def test_what_is_there_is_answered_at_once(post: Post) -> None:
    await post.come("m1", "m2")
    found = await post.inbox.wait("pr-1", Wanted(to="ADA@example.com"), 0)
    assert found is not None
    assert found["id"] == "m2"
    assert await post.inbox.wait("pr-1", Wanted(to="nobody@example.com"), 0) is None
    assert await post.inbox.wait("pr-1", Wanted(since="m2"), 0) is None


async def test_the_first_to_come_wakes_who_waits(post: Post) -> None:
    await post.come("m1")
    wanted = Wanted(since="m1", accept=lambda found: found["subject"] == "this one")
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(post.inbox.wait("pr-1", wanted, 60)) for _ in range(50)]
        await waiting(post)
        await post.come("m2")
        await post.come("m3", subject="this one")
        await post.come("m4", subject="this one")
    # Who looks for the first time when both are there is answered the newest.
    assert {found["id"] for found in (task.result() for task in asked) if found} <= {"m3", "m4"}
    assert all(task.result() for task in asked)
    assert post.inbox.arrivals.count == 0


async def test_nobody_waits_in_what_is_closed(post: Post) -> None:
    with pytest.raises(NotFound):
        await post.inbox.wait("pr-9", Wanted(), 0)
    found = await post.environments.get("pr-1")
    async with asyncio.TaskGroup() as group:

        async def refused() -> None:
            with pytest.raises(EnvironmentClosed):
                await post.inbox.wait("pr-1", Wanted(), 60)

        group.create_task(refused())
        await waiting(post)
        await post.storage.registry.update_environment(found.uid, status="closed", closed_at=post.clock.now())
        post.inbox.ended(found.uid)


async def test_the_oldest_go(post: Post) -> None:
    await post.come(*[f"m{number}" for number in range(8)])
    await asyncio.wait(list(post.keeper._tasks))
    assert [found["id"] for found in await (await post.store()).mailbox.mails()] == ["m7", "m6", "m5", "m4", "m3"]
    await post.come("m8")
    assert (await (await post.store()).mailbox.totals())[0] == 6, "looked at every so often only"
