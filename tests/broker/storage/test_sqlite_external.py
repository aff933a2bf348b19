"""Accounts, leases, events from providers, usage, notices and attestations on SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.storage.external import AccountRow, Attested, HookRow, Lease, Notice
from broker.storage.sqlite import SqliteStorage
from broker.storage.sqlite_external import SqliteExternal

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
MAIN = AccountRow(name="main", service="tiny", secret={"variable": "TINY_KEY"}, created_at=NOW)


@pytest.fixture
async def external(tmp_path: Path) -> AsyncIterator[SqliteExternal]:
    storage = SqliteStorage(tmp_path, lambda: "x")
    yield storage.external
    await storage.close()


def lease(number: int, uid: str = "pr-1-aaaaaaaaaa", **fields: Any) -> Lease:
    given: dict[str, Any] = {"service": "tiny", "account": "main", "kind": "account", "issued_at": NOW}
    return Lease(id=f"lse_{number}", uid=uid, **{**given, **fields})


def hook(number: int, **fields: Any) -> HookRow:
    given: dict[str, Any] = {"account": "main", "type": "thing.made", "received_at": NOW, "payload": {"n": number}}
    return HookRow(event_id=f"evt_{number}", **{**given, **fields})


async def test_an_account_is_kept_replaced_and_deleted(external: SqliteExternal) -> None:
    whole = replace(
        MAIN,
        endpoint="http://127.0.0.1:1",
        pool="all",
        exclusive=True,
        environments=("pr-*",),
        rate=0.5,
        concurrency=2,
        options={"region": "here"},
        hook_id="we_1",
        hook_secret_sealed="x",
        hook_path="abc",
    )
    await external.put_account(MAIN)
    await external.put_account(whole)
    await external.put_account(replace(MAIN, name="other", service="else"))
    assert await external.account("main") == whole
    assert [one.name for one in await external.accounts()] == ["main", "other"]
    assert [one.name for one in await external.accounts(service="tiny", pool="all")] == ["main"]
    assert await external.delete_account("main")
    assert not await external.delete_account("main")
    assert await external.account("main") is None


async def test_an_exclusive_account_is_leased_by_one_environment(external: SqliteExternal) -> None:
    await external.put_account(replace(MAIN, exclusive=True))
    assert await external.add_lease(lease(1))
    assert not await external.add_lease(lease(2, uid="pr-2-bbbbbbbbbb"))
    assert await external.lease("lse_2") is None
    # What the provider makes for an environment is another thing than the account itself.
    assert await external.add_lease(lease(3, uid="pr-2-bbbbbbbbbb", kind="credential"))
    await external.update_lease("lse_1", revoked_at=NOW)
    assert await external.add_lease(lease(4, uid="pr-2-bbbbbbbbbb"))


async def test_a_revoked_lease_forgets_its_secret(external: SqliteExternal) -> None:
    await external.put_account(MAIN)
    await external.add_lease(lease(1, secret_sealed="s", subaccount="sub", expires_at=NOW, renewable=False))
    await external.update_lease("lse_1", expires_at=NOW + timedelta(hours=1), secret_sealed="t")
    assert [one.secret_sealed for one in await external.leases("pr-1-aaaaaaaaaa", service="tiny")] == ["t"]
    await external.update_lease("lse_1", revoked_at=NOW)
    found = await external.lease("lse_1")
    assert found is not None
    assert (found.secret_sealed, found.revoked_at, found.subaccount) == (None, NOW, "sub")
    assert await external.leases(account="main") == []
    assert len(await external.leases(alive=False)) == 1


async def test_an_event_counts_once(external: SqliteExternal) -> None:
    assert await external.add_hook(hook(1, ids=("t_1",), markers=("pb:x:y",)))
    assert not await external.add_hook(hook(1))
    assert await external.add_hook(hook(1, account="other"))
    assert await external.hook("main", "evt_1") == hook(1, ids=("t_1",), markers=("pb:x:y",))
    told = hook(2, resources=(("thing", "t_2", "t_1"),), note="foreign")
    assert await external.add_hook(told)
    assert await external.hook("main", "evt_2") == told


async def test_events_wait_until_somebody_claims_them(external: SqliteExternal) -> None:
    for number in range(3):
        await external.add_hook(hook(number))
    await external.update_hook("main", "evt_1", uid="pr-1-aaaaaaaaaa", by="ledger")
    assert [one.event_id for one in await external.hooks("main", claimed=False)] == ["evt_2", "evt_0"]
    assert [one.event_id for one in await external.hooks(claimed=True, routed=False)] == ["evt_1"]
    await external.update_hook("main", "evt_1", routed=True, note="late")
    assert await external.hooks(claimed=True, routed=False) == []
    assert [one.note for one in await external.hooks(claimed=True)] == ["late"]
    await external.add_hook(hook(1, account="other"))
    assert [one.event_id for one in await external.hooks("main", after=("main", "evt_1"))] == ["evt_0"]
    assert [one.event_id for one in await external.hooks(after=("other", "evt_1"))] == ["evt_2", "evt_1", "evt_0"]


async def test_events_are_capped_but_none_that_waits_to_be_routed(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path, lambda: "x")
    capped = SqliteExternal(storage.registry._connection, storage.registry._durably, hooks_kept=2)
    await capped.add_hook(hook(0, uid="pr-1-aaaaaaaaaa", by="ledger"))
    for number in range(1, 6):
        await capped.add_hook(hook(number))
    assert [one.event_id for one in await capped.hooks()] == ["evt_5", "evt_4", "evt_0"]
    await storage.close()


async def test_usage_notices_and_attestations(external: SqliteExternal) -> None:
    assert await external.usage("u", "tiny") is None
    await external.put_usage("u", "tiny", NOW, {"calls": 1})
    await external.put_usage("u", "tiny", NOW, {"calls": 2})
    assert await external.usage("u", "tiny") == (NOW, {"calls": 2})

    notice = Notice(id="ntc_1", type="environment.closed", payload={"a": 1}, created_at=NOW, next_at=NOW)
    await external.put_notice(notice)
    await external.put_notice(replace(notice, id="ntc_2"))
    await external.put_notice(replace(notice, status="delivered", attempts=1, next_at=None, error=""))
    assert [one.id for one in await external.notices(status="pending")] == ["ntc_2"]
    assert [one.attempts for one in await external.notices()] == [1, 0]
    assert (await external.notice("ntc_2"), await external.notice("ntc_3")) == (replace(notice, id="ntc_2"), None)

    await external.put_attested(Attested(uid="u", component="web", digests={"A": "1"}, at=NOW))
    await external.put_attested(Attested(uid="u", component="web", digests={"A": "2"}, at=NOW))
    await external.put_attested(Attested(uid="u", component="api", digests={}, at=NOW))
    assert [(one.component, one.digests) for one in await external.attested("u")] == [("api", {}), ("web", {"A": "2"})]
    assert await external.attested("v") == []


async def test_a_fact_stands_once_it_was_put(external: SqliteExternal) -> None:
    assert await external.fact("instance") is None
    assert await external.put_fact("instance", "abc123") == "abc123"
    assert await external.put_fact("instance", "zzz999") == "abc123"
    await external.replace_fact("instance", "zzz999")
    assert await external.fact("instance") == "zzz999"
