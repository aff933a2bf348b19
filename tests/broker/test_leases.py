"""Leases: which account an environment gets, that it keeps it, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.errors import Conflict, NotFound
from broker.leases import LOOK_AGAIN, may_use
from broker.storage.base import Environment
from mocks.base import Refusal
from sandboxes.base import Secret
from tests.broker.lending import LIVE, OTHER, Lender
from tests.broker.sandbox import KEY, line
from tests.clocks import HeldClock


@pytest.fixture
async def lender(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Lender]:
    made = Lender(tmp_path, clock)
    yield made
    await made.close()


async def refused(lender: Lender, environment: Environment) -> str:
    with pytest.raises(Refusal) as found:
        await lender.of(environment)
    assert found.value.reason == "no_account"
    assert KEY not in str(found.value)
    return found.value.message


async def test_the_only_account_is_leased_with_the_first_call_and_kept(lender: Lender) -> None:
    home = await lender.open()
    assert "No real account of tiny is configured" in await refused(lender, home)
    await lender.put("one")
    account = await lender.of(home)
    assert (account.name, account.secret, account.subaccount) == ("one", Secret(KEY), None)
    assert await lender.leases(home) == [("one", "account")]
    lease = await lender.lease(home)
    await lender.put("two")
    lender.accounts.forget()
    assert (await lender.of(home)).name == "one", "a second account changes nothing for it"
    assert (await lender.anew().of(home, "tiny")).name == "one", "nor does a new start"
    assert await lender.lease(home) == lease
    other = await lender.open("pr-2")
    assert "set services.tiny.sandbox.account to one of one, two" in await refused(lender, other)
    assert lender.wishes == [], "the provider is not asked where the account itself is enough"


async def test_many_calls_at_once_lease_once(lender: Lender) -> None:
    await lender.put("one")
    home = await lender.open()
    found = await asyncio.gather(*(lender.of(home) for _ in range(20)))
    assert {account.name for account in found} == {"one"}
    assert await lender.leases(home) == [("one", "account")]


async def test_what_was_found_is_not_looked_up_for_each_call(lender: Lender, clock: HeldClock) -> None:
    await lender.put("one")
    home = await lender.open()
    first = await lender.of(home)
    assert await lender.of(home) is first
    clock.advance(LOOK_AGAIN)
    assert await lender.of(home) is not first


async def test_a_new_credential_counts_without_a_new_start(lender: Lender, clock: HeldClock, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    await lender.put("one", secret={"file": str(path)})
    home = await lender.open()
    assert (await lender.of(home)).secret == Secret(KEY)
    path.write_text(OTHER)
    clock.advance(LOOK_AGAIN)
    assert (await lender.of(home)).secret == Secret(OTHER)
    path.write_text(LIVE)
    clock.advance(LOOK_AGAIN)
    message = await refused(lender, home)
    assert "must not be used" in message
    assert LIVE not in message


async def test_the_policy_names_an_account(lender: Lender) -> None:
    await lender.put("one")
    await lender.put("two")
    assert (await lender.of(await lender.open("pr-1", {"account": "two"}))).name == "two"
    lost = await lender.open("pr-2", {"account": "three"})
    assert "The policy names the account three" in await refused(lender, lost)


async def test_a_pool_is_leased_evenly(lender: Lender) -> None:
    for name in ("a", "b", "c"):
        await lender.put(name, pool="all")
    got = [(await lender.of(await lender.open(f"pr-{number}", {"account": "all"}))).name for number in range(6)]
    assert got == ["a", "b", "c", "a", "b", "c"]


async def test_an_exclusive_account_serves_one_environment_at_a_time(lender: Lender) -> None:
    for name in ("a", "b"):
        await lender.put(name, pool="all", exclusive=True)
    homes = [await lender.open(f"pr-{number}", {"account": "all"}) for number in range(3)]
    assert [(await lender.of(home)).name for home in homes[:2]] == ["a", "b"]
    assert "is leased: a by pr-0, b by pr-1" in await refused(lender, homes[2])
    await lender.accounts.release(homes[0].uid)
    assert (await lender.of(homes[2])).name == "a"


async def test_the_owner_says_which_environments_may_use_it(lender: Lender) -> None:
    await lender.put("one", environments=("pr-*", "staging"))
    await lender.put("two", environments=("demo",))
    assert (await lender.of(await lender.open("pr-1"))).name == "one"
    assert (await lender.of(await lender.open("demo"))).name == "two", "the only one that it may use"
    other = await lender.open("qa", {"account": "one"})
    assert "qa is not among the environments" in await refused(lender, other)
    row = await lender.accounts.row("one")
    assert [may_use(row, name) for name in ("pr-1", "staging", "PR-1", "xpr-1")] == [True, True, False, False]


async def test_a_fork_gets_no_account_whatever_its_policy_says(lender: Lender) -> None:
    await lender.put("one")
    home = await lender.open(trust="fork")
    assert "forks get mocks only" in await refused(lender, home)
    assert await lender.leases(home) == []
    trusted = await lender.open(trust="member")
    assert (await lender.of(trusted)).name == "one"
    # Once it is a fork's again, what it leased serves it no more.
    fork = await lender.open(trust="fork")
    lender.accounts.forget(fork.uid)
    assert "forks get mocks only" in await refused(lender, fork)


async def test_a_policy_that_points_elsewhere_moves_the_environment(lender: Lender) -> None:
    await lender.put("one")
    await lender.put("two")
    first = await lender.open("pr-1", {"account": "one"})
    await lender.of(first)
    moved = await lender.open("pr-1", {"account": "two"})
    assert moved.uid == first.uid
    lender.accounts.forget(moved.uid)
    assert (await lender.of(moved)).name == "two"
    assert await lender.leases(moved) == [("two", "account")]
    # A call that was under way before, and knows the old policy only.
    lender.accounts.forget(moved.uid)
    assert (await lender.of(first)).name == "two"
    assert await lender.leases(moved) == [("two", "account")]


async def test_an_exclusive_account_is_kept_while_something_is_left_in_it(lender: Lender, clock: HeldClock) -> None:
    await lender.put("one", exclusive=True)
    await lender.put("two")
    home = await lender.open("pr-1", {"account": "one"})
    await lender.of(home)
    entry = line(home.uid, clock, await lender.resource())
    await lender.external.ledger.add([entry])
    with pytest.raises(Conflict, match="what it made is still in one"):
        await lender.accounts.leases.revoke((await lender.lease(home)).id)
    moved = await lender.open("pr-1", {"account": "two"})
    lender.accounts.forget(home.uid)
    for _ in range(2):
        clock.advance(LOOK_AGAIN)
        assert (await lender.of(moved)).name == "two"
    assert await lender.leases(home) == [("one", "account"), ("two", "account")]
    assert "leased: one by pr-1" in await refused(lender, await lender.open("pr-2", {"account": "one"}))
    await lender.ledger.ended(entry, "deleted")
    await lender.accounts.leases.revoke((await lender.external.leases(home.uid))[0].id)
    assert (await lender.of(await lender.open("pr-2", {"account": "one"}))).name == "one"


async def test_a_provider_that_cannot_isolate_is_not_used_as_if_it_could(tmp_path: Path, clock: HeldClock) -> None:
    lender = Lender(tmp_path, clock, isolations=frozenset({"ledger"}))
    await lender.put("one")
    home = await lender.open("pr-1", {"isolation": "account"})
    assert "cannot do isolation: account; it can do ledger" in await refused(lender, home)
    await lender.close()


async def test_a_late_call_of_a_closed_environment_leases_nothing(lender: Lender) -> None:
    await lender.put("one")
    home = await lender.open()
    await lender.close_environment(home)
    with pytest.raises(Refusal) as found:
        await lender.of(home)
    assert found.value.reason == "closed_environment"
    assert await lender.leases(home) == []


async def test_release_ends_all_of_one_environment_and_is_idempotent(lender: Lender) -> None:
    await lender.put("one")
    home, other = await lender.open(), await lender.open("pr-2")
    await lender.of(home)
    await lender.of(other)
    for _ in range(2):
        await lender.accounts.release(home.uid)
    assert (await lender.leases(home), await lender.leases(other)) == ([], [("one", "account")])


async def test_a_revoked_lease_is_over_and_the_next_call_leases_anew(lender: Lender) -> None:
    await lender.put("one")
    home = await lender.open()
    await lender.of(home)
    lease = await lender.lease(home)
    ended = await lender.accounts.leases.revoke(lease.id)
    assert ended.revoked_at == lender.clock.now()
    assert await lender.accounts.leases.revoke(lease.id) == ended
    with pytest.raises(Conflict, match="is over"):
        await lender.accounts.leases.renew(lease.id)
    await lender.of(home)
    assert (await lender.lease(home)).id != lease.id
    for act in (lender.accounts.leases.revoke, lender.accounts.leases.renew, lender.accounts.leases.lease):
        with pytest.raises(NotFound):
            await act("lease_of_nobody")


async def test_lending_at_once_tells_what_cannot_be_lent(lender: Lender) -> None:
    home = await lender.open()
    assert "No real account" in (await lender.accounts.lend(home))["tiny"]
    await lender.put("one")
    assert await lender.accounts.lend(home) == {}
    assert [lease.account for lease in await lender.accounts.held(home.uid)] == ["one"]
    mocked = (await lender.environments.open("pr-2")).environment
    assert await lender.accounts.lend(mocked) == {}
    assert await lender.leases(mocked) == []


async def test_a_service_without_a_real_provider_has_no_account(lender: Lender) -> None:
    home = await lender.open()
    with pytest.raises(Refusal, match="no real provider of other") as found:
        await lender.accounts.of(home, "other")
    assert found.value.reason == "no_account"


async def test_a_lease_that_lives_as_long_as_its_environment_renews_with_it(lender: Lender) -> None:
    await lender.put("one")
    home = await lender.open()
    await lender.of(home)
    lease: Any = await lender.lease(home)
    assert lease.expires_at is None
    assert await lender.accounts.leases.renew(lease.id) == lease
