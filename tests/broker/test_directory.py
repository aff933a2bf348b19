"""Who is who, from memory while it is true and from the registry when it has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from broker import directory
from broker.directory import Directory, tags_of
from tests.broker.tiny import Gate
from tests.clocks import HeldClock


class Counting:
    """A registry that counts what it is asked."""

    def __init__(self, registry: Any) -> None:
        self.registry = registry
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        self.asked += 1
        return getattr(self.registry, name)


@pytest.fixture
async def counting(gate: Gate) -> Counting:
    return Counting(gate.storage.registry)


@pytest.fixture
async def known(gate: Gate, counting: Counting) -> Directory:
    return Directory(counting, gate.vault, gate.clock)


@pytest.mark.parametrize(
    ("key", "tags"),
    [
        ("thi_aB3dE0000000000000", ("aB3dE",)),
        ("thi_3aB3dE000000000000", ("3aB3d", "aB3dE")),
        ("a_b_c_aB3dE00000000", ("aB3dE",)),
        ("aB3dE00000000", ("aB3dE",)),
        ("thi_aB3dE0000000", ()),
        ("thi_aB3-E00000000000", ()),
        ("photos/2026/one.jpg", ()),
        ("", ()),
        ("_" * 5000, ()),
        ("thi_aB3dE00000000\n", ()),
    ],
)
def test_an_ids_tags(key: str, tags: tuple[str, ...]) -> None:
    assert tags_of(key) == tags


async def test_what_is_known_is_not_asked_again(gate: Gate, counting: Counting, known: Directory) -> None:
    home = await gate.open("pr-1")
    key = await gate.key(home)
    first, owner = await known.by_name("pr-1"), await known.owner(key)
    asked = counting.asked
    assert first is not None
    assert owner is not None
    assert await known.by_name("pr-1") is first
    assert await known.owner(key) is owner
    assert counting.asked == asked
    assert first.environment == home
    assert (owner.entry.environment, owner.service, owner.spec, owner.presented) == (home, "tiny", "secret_key", True)
    assert set(first.credentials) == {("tiny", "secret_key"), ("tiny", "webhook_secret"), ("signed", "access_key")}


async def test_what_is_unknown_is_asked_each_time(gate: Gate, known: Directory) -> None:
    assert await known.by_name("pr-1") is None
    assert await known.owner("tk_test_nobody") is None
    home = await gate.open("pr-1")
    found = await known.by_name("pr-1")
    assert found is not None
    assert found.environment == home


async def test_a_change_is_seen_once_it_is_told(gate: Gate, known: Directory) -> None:
    home = await gate.open("pr-1")
    key = await gate.key(home)
    await known.by_name("pr-1")
    await known.owner(key)
    await gate.storage.registry.update_environment(home.uid, policy={"version": 1, "seed": 4})
    known.forget(home.uid)
    entry, owner = await known.by_name("pr-1"), await known.owner(key)
    assert entry is not None
    assert owner is not None
    assert (entry.policy.seed, owner.entry.policy.seed) == (4, 4)


async def test_a_dead_credential_is_still_recognised_and_never_kept(gate: Gate, known: Directory) -> None:
    home = await gate.open("pr-1")
    ((access_key, secret),) = (await gate.keys(home, "signed")).values()
    owner = await known.owner(access_key)
    assert owner is not None
    assert owner.secret == secret
    await gate.close_environment(home)
    known.forget(home.uid)
    owner = await known.owner(access_key)
    assert owner is not None
    assert (owner.entry.environment.status, owner.secret) == ("closed", None)
    assert access_key not in repr(vars(known))


async def test_a_name_that_is_opened_again_is_the_new_one(gate: Gate, known: Directory) -> None:
    first = await gate.open("pr-1")
    old_key = await gate.key(first)
    await gate.close_environment(first)
    known.forget(first.uid)
    assert (await known.by_name("pr-1")).environment.status == "closed"  # type: ignore[union-attr]  # it is there
    second = await gate.open("pr-1", reopen=True)
    known.forget(second.uid)
    known.forget_name("pr-1")
    # The old one's key is asked for first: it must not take the name.
    owner = await known.owner(old_key)
    assert owner is not None
    assert owner.entry.environment.uid == first.uid
    found = await known.by_name("pr-1")
    assert found is not None
    assert found.environment.uid == second.uid


async def test_foreign_ids(gate: Gate, known: Directory, clock: HeldClock) -> None:
    first, second = await gate.open("pr-1"), await gate.open("pr-2")
    rest = clock.text(19)
    assert await known.foreign(first, f"thi_{second.tag}{rest}") == second
    assert await known.foreign(first, f"thi_{first.tag}{rest}") is None
    # Where a provider puts a digit before what it draws.
    assert await known.foreign(first, f"thi_3{second.tag}{rest}") == second
    assert await known.foreign(first, f"thi_1{first.tag}{rest}") is None
    assert await known.foreign(first, f"thi_zzzzz{rest}") is None
    assert await known.foreign(first, "not an id") is None


async def test_memory_is_bounded(gate: Gate, known: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_ENTRIES", 3)
    for number in range(20):
        home = await gate.open(f"pr-{number}")
        await known.by_name(home.name)
        for each in (await gate.keys(home)).values():
            await known.owner(each[0])
        assert len(known._by_uid) <= 3
        assert len(known._by_name) <= 3
        assert len(known._owners) <= 12
    # What was dropped is found again, and forgotten whole.
    home = await gate.open("pr-0")
    owner = await known.owner(await gate.key(home))
    assert owner is not None
    known._by_uid.clear()
    known.forget(home.uid)
    assert home.uid not in {each.entry.environment.uid for each in known._owners.values()}
    assert home.name not in known._by_name


@pytest.mark.parametrize("known_before", [True, False])
async def test_a_rotated_key_opens_until_the_overlap_is_over(
    gate: Gate, clock: HeldClock, known: Directory, known_before: bool
) -> None:
    home = await gate.open("pr-1")
    key = await gate.key(home)
    await gate.environments.rotate("pr-1", "tiny", timedelta(minutes=10))
    if known_before:
        assert await known.owner(key) is not None
    fresh = await gate.key(home)
    for each in (key, fresh):
        owner = await known.owner(each)
        assert owner is not None
        assert not owner.dead
    clock.advance(minutes=10)
    dead, living = await known.owner(key), await known.owner(fresh)
    assert dead is not None
    assert (dead.dead, dead.entry.environment.uid) == (True, home.uid), "it is recognised, and opens nothing"
    assert living is not None
    assert not living.dead


async def test_who_made_an_id_is_asked_once(gate: Gate, counting: Counting, known: Directory) -> None:
    home = await gate.open("pr-1")
    [entry] = await known.makers(f"thi_{home.tag}{'0' * 19}")
    assert entry.environment.uid == home.uid
    asked = counting.asked
    assert await known.makers(f"other_{home.tag}{'1' * 19}") == [entry]
    assert counting.asked == asked
    assert await known.makers("thi_zzzzz0000000000000000000") == []
    known.forget(home.uid)
    [again] = await known.makers(f"thi_{home.tag}{'0' * 19}")
    assert again is not entry


async def test_tags_are_forgotten_when_there_are_too_many(
    gate: Gate, known: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "_ENTRIES", 1)
    for name in ("pr-1", "pr-2"):
        home = await gate.open(name)
        [entry] = await known.makers(f"thi_{home.tag}{'0' * 19}")
        assert entry.environment.name == name
