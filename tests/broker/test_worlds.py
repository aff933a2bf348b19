"""Accounts meet in a service's world: each has a credential of its own, which lives and dies with the environment's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker import worlds
from broker.directory import Directory
from broker.environments import Environments
from broker.errors import Conflict, EnvironmentClosed, InvalidInput, NotFound
from broker.settings import Settings
from broker.storage.sqlite import SqliteStorage
from broker.vault import Vault
from broker.worlds import Worlds
from tests.broker.services import both
from tests.clocks import HeldClock


class World:
    """The environment pr-1, and who a key is."""

    def __init__(self, folder: Path, clock: HeldClock) -> None:
        self.clock = clock
        self.storage = SqliteStorage(folder, lambda: clock.text(16))
        vault = Vault("k" * 32)
        self.environments = Environments(Settings(), clock, self.storage, vault, both())
        self.directory = Directory(self.storage.registry, vault, clock)
        self.environments.watch(lambda environment: self.directory.forget(environment.uid))
        self.worlds = Worlds(environments=self.environments, storage=self.storage, vault=vault, clock=clock)

    async def add(self, account: str) -> Any:
        return await self.worlds.add("pr-1", "beta", account)

    async def whose(self, added: Any) -> tuple[str, bool] | None:
        """The credential's name, and whether it is dead."""
        owner = await self.directory.owner(added["variables"]["BETA_KEY_ID"])
        return None if owner is None else (owner.spec, owner.dead)


@pytest.fixture
async def world(tmp_path: Path, clock: HeldClock) -> Any:
    found = World(tmp_path, clock)
    await found.environments.open("pr-1")
    yield found
    await found.storage.close()


async def test_an_account_gets_a_credential_once(world: World) -> None:
    added = await world.add("alt")
    assert set(added) == {"account", "home", "variables"}
    assert (added["account"], added["home"]) == ("0003", "pr-1/alt")
    assert set(added["variables"]) == {"BETA_KEY_ID", "BETA_SECRET"}
    assert await world.add("alt") == added
    assert await world.whose(added) == ("access_key:alt", False)


async def test_the_environments_own_account_is_there(world: World) -> None:
    own = await world.add("primary")
    bundle = await world.environments.bundle(await world.environments.get("pr-1"))
    assert own["variables"]["BETA_KEY_ID"] == bundle["variables"]["BETA_KEY_ID"]
    await world.add("alt")
    assert await world.environments.bundle(await world.environments.get("pr-1")) == bundle


async def test_an_id_names_an_account_too(world: World) -> None:
    added = await world.add("alt")
    assert await world.add(added["account"]) == added
    other = await world.add("4711")
    assert (other["account"], await world.whose(other)) == ("4711", ("access_key:4711", False))


async def test_they_are_listed_without_credentials(world: World) -> None:
    for name in ("zeta9", "alt"):
        await world.add(name)
    listed = await world.worlds.list(await world.environments.get("pr-1"))
    assert [(one["service"], one["name"]) for one in listed] == [("beta", n) for n in ("primary", "alt", "zeta9")]
    assert set(listed[0]) == {"service", "name", "account", "home"}
    assert await world.worlds.list(await world.environments.get("pr-1"), "alpha") == []


async def test_it_is_rotated_with_the_others(world: World) -> None:
    added = await world.add("alt")
    await world.environments.rotate("pr-1", "beta", timedelta(minutes=5))
    fresh = await world.add("alt")
    assert fresh["account"] == added["account"]
    assert fresh["variables"] != added["variables"]
    assert await world.whose(added) == ("access_key:alt", False)
    world.clock.advance(minutes=5)
    assert (await world.whose(added), await world.whose(fresh)) == (("access_key:alt", True), ("access_key:alt", False))


async def test_it_is_removed_and_can_come_back(world: World) -> None:
    added = await world.add("alt")
    assert (await world.worlds.remove("pr-1", "beta", "alt"))["name"] == "alt"
    assert await world.whose(added) == ("access_key:alt", True)
    with pytest.raises(NotFound):
        await world.worlds.remove("pr-1", "beta", "alt")
    again = await world.add("alt")
    assert again["account"] == added["account"]
    assert again["variables"] != added["variables"]
    with pytest.raises(InvalidInput, match="own"):
        await world.worlds.remove("pr-1", "beta", "primary")


@pytest.mark.parametrize(
    ("service", "account"), [("beta", "-alt"), ("beta", "a:b"), ("beta", ""), ("alpha", "alt"), ("gamma", "alt")]
)
async def test_what_cannot_be_is_refused(world: World, service: str, account: str) -> None:
    with pytest.raises(InvalidInput):
        await world.worlds.add("pr-1", service, account)


async def test_there_are_not_too_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worlds, "MOST", 2)
    added = await world.add("alt")
    with pytest.raises(Conflict):
        await world.add("other")
    assert await world.add("alt") == added


async def test_it_dies_with_the_environment(world: World) -> None:
    environment = await world.environments.get("pr-1")
    await world.add("alt")
    assert await world.storage.registry.kill_credentials(environment.uid) == 4
    await world.storage.registry.update_environment(environment.uid, status="closed")
    with pytest.raises(EnvironmentClosed):
        await world.add("alt")
    with pytest.raises(NotFound):
        await world.worlds.add("nobody", "beta", "alt")
