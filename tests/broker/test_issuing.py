"""What a provider makes for one environment: asked under a line of the ledger, renewed in time, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broker.errors import Conflict
from broker.leases import LOOK_AGAIN
from mocks.base import Refusal
from sandboxes.base import Account, Secret
from tests.broker.lending import OTHER, Lender
from tests.broker.sandbox import KEY
from tests.clocks import HeldClock

SCOPED = {"scopes": ["things.read"]}


@pytest.fixture
async def lender(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Lender]:
    made = Lender(tmp_path, clock)
    await made.put("one")
    yield made
    await made.close()


async def test_a_credential_of_its_own_with_the_scopes_that_the_policy_names(lender: Lender) -> None:
    home = await lender.open("pr-1", SCOPED)
    account = await lender.of(home)
    [wish] = lender.wishes
    assert (wish.isolation, wish.scopes, wish.life) == ("ledger", ("things.read",), home.expires_at - home.created_at)
    assert wish.marker == await lender.accounts.marker(home.uid)
    [made] = lender.outside.of("thing")
    assert account.secret == Secret(f"tk_test_own_{made['id']}")
    assert await lender.leases(home) == [("one", "account"), ("one", "credential")]
    lease = await lender.lease(home, "credential")
    assert lease.expires_at == lender.clock.now() + timedelta(hours=1)
    assert account.secret.key not in repr(lease)
    assert await lender.lines(home) == [("live", "")]
    assert (await lender.anew().of(home, "tiny")).secret == account.secret, "a new start asks for no other"
    assert len(lender.wishes) == 1
    assert (await lender.accounts.named("one"))[1].secret == Secret(KEY), "the account itself keeps its own"


async def test_many_calls_at_once_ask_once(lender: Lender) -> None:
    home = await lender.open("pr-1", SCOPED)
    await asyncio.gather(*(lender.of(home) for _ in range(20)))
    assert len(lender.wishes) == 1


async def test_a_subaccount_is_the_environments_own_and_ends_with_it(lender: Lender, clock: HeldClock) -> None:
    home = await lender.open("pr-1", {"isolation": "account"})
    account = await lender.of(home)
    [made] = lender.outside.of("thing")
    assert (account.secret, account.subaccount) == (Secret(KEY), f"sub_{made['id']}")
    assert (await lender.accounts.named("one", home.uid))[1].subaccount == account.subaccount
    assert (await lender.accounts.named("one"))[1].subaccount is None
    lease = await lender.lease(home, "subaccount")
    with pytest.raises(Conflict, match="ends with its environment"):
        await lender.accounts.leases.revoke(lease.id)
    assert [each.kind for each in await lender.accounts.leases.revoke_all(home.uid)] == ["account"]
    # Other scopes are no reason to leave what it made behind.
    changed = await lender.open("pr-1", {"isolation": "account", **SCOPED})
    lender.accounts.forget()
    assert (await lender.of(changed)).subaccount == account.subaccount
    assert len(lender.wishes) == 1
    await lender.accounts.release(home.uid)
    assert await lender.leases(home) == []
    assert await lender.lines(home) == [("live", "")], "the ledger has it, for the close"


async def test_it_is_renewed_under_the_same_lease_before_it_ends(lender: Lender, clock: HeldClock) -> None:
    home = await lender.open("pr-1", SCOPED)
    first = await lender.of(home)
    lease = await lender.lease(home, "credential")
    clock.advance(minutes=47)
    assert (await lender.of(home)).secret == first.secret
    clock.advance(minutes=2)
    second = await lender.of(home)
    assert second.secret != first.secret
    renewed = await lender.lease(home, "credential")
    assert (renewed.id, renewed.expires_at) == (lease.id, clock.now() + timedelta(hours=1))
    assert await lender.lines(home) == [("gone", "deleted"), ("live", "")], "the old one is taken back"
    # The new life is counted from the renewal, not from the first issue.
    clock.advance(minutes=47)
    assert (await lender.of(home)).secret == second.secret


async def test_a_short_life_is_renewed_at_its_half(lender: Lender, clock: HeldClock) -> None:
    lender.life = timedelta(minutes=4)
    home = await lender.open("pr-1", SCOPED)
    await lender.of(home)
    clock.advance(minutes=1, seconds=50)
    await lender.of(home)
    assert len(lender.wishes) == 1
    clock.advance(seconds=10)
    await lender.of(home)
    assert len(lender.wishes) == 2


async def test_what_still_lives_serves_on_while_it_cannot_be_renewed(lender: Lender, clock: HeldClock) -> None:
    home = await lender.open("pr-1", SCOPED)
    first = await lender.of(home)
    clock.advance(minutes=50)
    lender.outside.fail("unsent", "POST", times=2)
    assert (await lender.of(home)).secret == first.secret
    clock.advance(LOOK_AGAIN)
    assert (await lender.of(home)).secret == first.secret
    assert len(lender.wishes) == 2, "the provider is not asked again with every call"
    clock.advance(seconds=30)
    assert (await lender.of(home)).secret == first.secret
    clock.advance(minutes=10)
    assert (await lender.of(home)).secret != first.secret
    # What nobody renewed in time is over, and is no reason not to lease anew.
    clock.advance(hours=2)
    await lender.of(home)
    assert await lender.leases(home) == [("one", "account"), ("one", "credential")]


async def test_a_refusal_leaves_nothing_and_quotes_no_credential(lender: Lender) -> None:
    home = await lender.open("pr-1", SCOPED)
    lender.outside.fail(403, "POST", words="100 keys are the limit")
    with pytest.raises(Refusal, match="100 keys are the limit") as refused:
        await lender.of(home)
    assert refused.value.reason == "no_account"
    assert KEY not in str(refused.value)
    assert "[hidden]" in refused.value.message
    assert await lender.lines(home) == [("gone", "refused")]
    assert await lender.leases(home) == [("one", "account")]


@pytest.mark.parametrize(("how", "line"), [("lost", ("pending", "")), ("unsent", ("gone", "refused"))])
async def test_without_an_answer_the_ledger_says_what_may_be(lender: Lender, how: str, line: tuple[str, str]) -> None:
    home = await lender.open("pr-1", SCOPED)
    lender.outside.fail(how, "POST")
    with pytest.raises(Refusal) as refused:
        await lender.of(home)
    assert refused.value.reason == "upstream_failed"
    assert await lender.lines(home) == [line]
    await lender.of(home)
    assert await lender.lines(home) == [line, ("live", "")]


async def test_a_failure_may_have_had_its_effect(lender: Lender) -> None:
    home = await lender.open("pr-1", SCOPED)
    lender.outside.fail(500, "POST")
    with pytest.raises(Refusal):
        await lender.of(home)
    assert await lender.lines(home) == [("pending", "")]


async def test_the_line_is_written_before_the_provider_is_asked(lender: Lender) -> None:
    home = await lender.open("pr-1", SCOPED)
    seen = []
    send = lender.outside.send

    async def watching(request: object) -> object:
        seen.append(await lender.lines(home))
        return await send(request)  # type: ignore[arg-type]  # handed on

    lender.outside.send = watching  # type: ignore[method-assign,assignment]  # watched
    await lender.of(home)
    assert seen == [[("pending", "")]]


async def test_what_ends_by_itself_is_no_line(tmp_path: Path, clock: HeldClock) -> None:
    lender = Lender(tmp_path, clock, issued={})
    inner = lender.provider.issue

    async def session(*arguments: object) -> object:
        issued = await inner(*arguments)  # type: ignore[arg-type]  # handed on
        return replace(issued, resource=None)  # type: ignore[type-var]  # it is Issued

    lender.provider = replace(lender.provider, issue=session)  # type: ignore[arg-type]  # as above
    lender.accounts = lender.anew()
    await lender.put("one")
    home = await lender.open("pr-1", SCOPED)
    account = await lender.of(home)
    assert account.secret.key.startswith("tk_test_own_")
    assert await lender.lines(home) == []
    await lender.accounts.leases.revoke((await lender.lease(home, "credential")).id)
    assert await lender.leases(home) == [("one", "account")]
    await lender.close()


async def test_a_kind_that_was_not_declared_is_written_down_once_it_is_known(tmp_path: Path, clock: HeldClock) -> None:
    lender = Lender(tmp_path, clock, issued={})
    await lender.put("one")
    home = await lender.open("pr-1", SCOPED)
    await lender.of(home)
    assert await lender.lines(home) == [("live", "")]
    await lender.close()


@pytest.mark.parametrize("sandbox", [SCOPED, {"isolation": "account"}])
async def test_a_provider_that_gives_nothing_is_not_used_as_if_it_had(
    tmp_path: Path, clock: HeldClock, sandbox: dict[str, object]
) -> None:
    async def nothing(*arguments: object) -> None:
        return None

    lender = Lender(tmp_path, clock, issue=nothing)
    await lender.put("one")
    home = await lender.open("pr-1", sandbox)
    with pytest.raises(Refusal, match="gives no") as refused:
        await lender.of(home)
    assert refused.value.reason == "no_account"
    assert await lender.lines(home) == [("gone", "refused")]
    await lender.close()


async def test_a_revoked_credential_dies_at_the_provider(lender: Lender) -> None:
    home = await lender.open("pr-1", SCOPED)
    first = await lender.of(home)
    lease = await lender.lease(home, "credential")
    await lender.accounts.leases.revoke(lease.id)
    assert lender.outside.of("thing") == []
    assert await lender.lines(home) == [("gone", "deleted")]
    ended = await lender.external.lease(lease.id)
    assert ended is not None
    assert ended.secret_sealed is None
    assert (await lender.of(home)).secret != first.secret
    assert {each.kind for each in await lender.accounts.leases.revoke_all(home.uid)} == {"account", "credential"}
    assert await lender.leases(home) == []


async def test_what_the_provider_does_not_let_go_of_stays_in_the_ledger(lender: Lender) -> None:
    home = await lender.open("pr-1", SCOPED)
    own = await lender.of(home)
    lender.outside.fail(409, "DELETE", words=f"{KEY} and {own.secret.key} are busy")
    await lender.accounts.leases.revoke((await lender.lease(home, "credential")).id)
    [entry] = await lender.external.ledger.entries(home.uid)
    assert (entry.status, entry.error) == ("stuck", "[hidden] and [hidden] are busy")


async def test_other_scopes_get_another_credential(lender: Lender, clock: HeldClock) -> None:
    home = await lender.open("pr-1", SCOPED)
    first = await lender.of(home)
    changed = await lender.open("pr-1", {"scopes": ["things.write"]})
    lender.accounts.forget(home.uid)
    assert (await lender.of(changed)).secret != first.secret
    assert await lender.leases(home) == [("one", "account"), ("one", "credential")]
    assert await lender.lines(home) == [("gone", "deleted"), ("live", "")]


async def test_by_hand_it_is_renewed_at_once_or_told_why_not(lender: Lender, clock: HeldClock) -> None:
    home = await lender.open("pr-1", SCOPED)
    first = await lender.of(home)
    lease = await lender.lease(home, "credential")
    clock.advance(minutes=1)
    renewed = await lender.accounts.leases.renew(lease.id)
    assert (renewed.id, renewed.expires_at) == (lease.id, clock.now() + timedelta(hours=1))
    second: Account = await lender.of(home)
    assert second.secret != first.secret
    lender.outside.fail(503, "POST")
    with pytest.raises(Refusal):
        await lender.accounts.leases.renew(lease.id)
    assert (await lender.of(home)).secret == second.secret


async def test_what_another_key_sealed_is_given_up(lender: Lender, clock: HeldClock) -> None:
    home = await lender.open("pr-1", SCOPED)
    await lender.of(home)
    lease = await lender.lease(home, "credential")
    await lender.external.update_lease(lease.id, secret_sealed="bm90IHNlYWxlZA==")
    with pytest.raises(Conflict, match="cannot be read"):
        await lender.accounts.leases.renew(lease.id)
    clock.advance(LOOK_AGAIN)
    await lender.of(home)
    assert (await lender.lease(home, "credential")).id != lease.id


async def test_an_account_that_lost_its_credential_takes_nothing_back(lender: Lender, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    await lender.put("one", secret={"file": str(path)})
    home = await lender.open("pr-1", SCOPED)
    await lender.of(home)
    path.write_text(f"two\nlines of {OTHER}")
    await lender.accounts.leases.revoke((await lender.lease(home, "credential")).id)
    [entry] = await lender.external.ledger.entries(home.uid)
    assert entry.status == "stuck"
    assert OTHER not in entry.error
