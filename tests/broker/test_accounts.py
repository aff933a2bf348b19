"""Real accounts: what may be one, what is shown of it, and when it may go."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.accounts import Accounts, Unusable, Wanted
from broker.errors import BrokerError, Conflict, InvalidInput, NotFound
from broker.policy import Policy
from sandboxes.base import Secret
from tests.broker.lending import LIVE, OTHER, Lender
from tests.broker.sandbox import KEY, line
from tests.clocks import HeldClock


@pytest.fixture
async def lender(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Lender]:
    made = Lender(tmp_path, clock)
    yield made
    await made.close()


async def test_a_value_is_sealed_and_opens_again(lender: Lender) -> None:
    row, new = await lender.accounts.put(Wanted(name="one", service="tiny", secret={"value": KEY}))
    assert new
    assert KEY not in str(row)
    provider, account = await lender.accounts.named("one")
    assert provider is lender.provider
    assert (account.name, account.endpoint, account.secret) == ("one", "https://api.tiny.test", Secret(KEY))
    again = await lender.anew().named("one")
    assert again[1] == account, "after a new start too"
    for path in lender.folder.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()


async def test_the_wish_for_an_account_shows_no_credential() -> None:
    assert KEY not in repr(Wanted(name="one", service="tiny", secret={"value": KEY}))


async def test_a_variable_or_file_is_named_and_looked_at(
    lender: Lender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="ACCOUNT_KEY is not set"):
        await lender.put(secret={"variable": "ACCOUNT_KEY"})
    monkeypatch.setenv("ACCOUNT_KEY", KEY)
    assert (await lender.put(secret={"variable": "ACCOUNT_KEY"})).secret == {"variable": "ACCOUNT_KEY"}
    path = tmp_path / "key"
    path.write_text(OTHER)
    assert (await lender.put(secret={"file": str(path)})).secret == {"file": str(path)}
    assert (await lender.accounts.named("one"))[1].secret == Secret(OTHER)
    path.unlink()
    with pytest.raises(Unusable, match="cannot be read") as gone:
        await lender.accounts.named("one")
    assert OTHER not in gone.value.detail


async def test_a_key_of_production_is_refused_reported_and_not_stored(lender: Lender) -> None:
    for _ in range(2):
        with pytest.raises(InvalidInput, match="live mode") as refused:
            await lender.put(secret={"value": LIVE})
        assert LIVE not in str(refused.value.problem())
    assert await lender.accounts.rows() == []
    [incident] = await lender.storage.registry.incidents(None)
    assert (incident.kind, incident.service, incident.details["account"]) == ("live_credential", "tiny", "one")
    assert LIVE not in str(incident)


async def test_a_key_of_production_in_a_file_that_changes_is_refused_too(lender: Lender, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    await lender.put(secret={"file": str(path)})
    path.write_text(LIVE)
    with pytest.raises(Unusable, match="must not be used: this is a key of the live mode"):
        await lender.accounts.named("one")
    fingerprint, trouble = await lender.accounts.state(await lender.accounts.row("one"))
    assert fingerprint is None
    assert trouble is not None
    assert len(await lender.storage.registry.incidents(None)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "One"}, "cannot name an account"),
        ({"service": "huge"}, "no real provider"),
        ({"secret": None}, "say where"),
        ({"secret": {"value": "two\nlines of a secret"}}, "one line"),
        ({"endpoint": "ftp://api.tiny.test"}, "scheme"),
        ({"endpoint": "http://api.tiny.test.example"}, "https is needed"),
        ({"endpoint": "https://api.tiny.test/v1"}, "host and port only"),
        ({"endpoint": "https://169.254.169.254"}, "metadata"),
        ({"endpoint": f"https://user:{KEY}@api.tiny.test"}, "user name or password"),
        ({"options": {"zone": "a"}}, "no 'zone'"),
        ({"options": {"region_endpoint": "http://api.tiny.test.example"}}, "https is needed"),
        ({"pool": "one"}, "name of an account"),
        ({"rate": 0.0000001, "concurrency": -1}, "rate, concurrency"),
    ],
)
async def test_what_cannot_be_an_account_is_refused(tmp_path: Path, clock: HeldClock, changes: Any, words: str) -> None:
    lender = Lender(tmp_path, clock, options={"region": "where", "region_endpoint": "its address"})
    with pytest.raises(InvalidInput, match=words) as refused:
        await lender.put(**changes)
    assert KEY not in str(refused.value.problem())
    assert await lender.accounts.rows() == []
    await lender.close()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9/", "http://localhost:9", "http://tiny:9", "http://[::1]:9"])
async def test_a_stand_in_nearby_may_speak_plain_http(lender: Lender, endpoint: str) -> None:
    assert (await lender.put(endpoint=endpoint)).endpoint == endpoint.rstrip("/")


async def test_accounts_and_pools_have_names_of_their_own(lender: Lender) -> None:
    await lender.put("one", pool="both")
    await lender.put("two", pool="both")
    with pytest.raises(InvalidInput, match="name of a pool"):
        await lender.put("both")
    with pytest.raises(InvalidInput, match="name of an account"):
        await lender.put("three", pool="one")


async def test_limits_are_the_owners_or_the_providers(lender: Lender) -> None:
    await lender.put("one")
    await lender.put("two", rate=2.5, concurrency=3)
    for accounts in (lender.accounts, lender.anew()):
        await accounts.start()
        assert (accounts.usage("one")["rate"], accounts.usage("one")["concurrency"]) == (1000.0, 100)
        assert (accounts.usage("two")["rate"], accounts.usage("two")["concurrency"]) == (2.5, 3)


async def test_a_change_keeps_what_is_not_said(lender: Lender, clock: HeldClock) -> None:
    first = await lender.put("one")
    clock.advance(60)
    changed, new = await lender.accounts.put(Wanted(name="one", service="tiny", rate=5))
    assert not new
    assert (changed.secret, changed.created_at, changed.rate) == (first.secret, first.created_at, 5)


async def test_a_credential_goes_to_no_new_address_unsaid(lender: Lender) -> None:
    await lender.put("one")
    with pytest.raises(InvalidInput, match="say it again"):
        await lender.put("one", endpoint="https://elsewhere.example", secret=None)
    assert (await lender.put("one", endpoint="https://elsewhere.example")).endpoint == "https://elsewhere.example"


async def test_an_account_in_use_neither_goes_nor_moves(lender: Lender, clock: HeldClock) -> None:
    await lender.put("one")
    home = await lender.open()
    await lender.of(home)
    with pytest.raises(Conflict, match="removed: pr-1 lease it"):
        await lender.accounts.remove("one")
    with pytest.raises(Conflict, match="pr-1 lease it"):
        await lender.put("one", endpoint="https://elsewhere.example")
    assert (await lender.put("one", secret={"value": OTHER}, rate=5)).rate == 5, "a new credential may come any time"
    await lender.accounts.release(home.uid)
    await lender.external.ledger.add([line(home.uid, clock, (await lender.resource()))])
    with pytest.raises(Conflict, match="is left in it"):
        await lender.accounts.remove("one")


async def test_whoever_watches_is_told_before_an_account_goes(lender: Lender) -> None:
    told: list[str] = []

    async def put(name: str) -> None:
        told.append(f"put {name}")

    async def removed(name: str) -> None:
        await lender.accounts.named(name)
        told.append(f"removed {name}")

    lender.accounts.watch(put=put, removed=removed)
    await lender.put("one")
    await lender.accounts.remove("one")
    assert told == ["put one", "removed one"]
    with pytest.raises(NotFound):
        await lender.accounts.named("one")
    with pytest.raises(NotFound):
        await lender.accounts.remove("one")


async def test_what_fails_while_it_is_told_keeps_no_account(lender: Lender, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(name: str) -> None:
        raise Conflict(f"no endpoint for {name}")

    lender.accounts.watch(put=broken, removed=broken)
    with caplog.at_level(logging.WARNING):
        await lender.put("one")
        await lender.accounts.remove("one")
    assert await lender.accounts.rows() == []
    assert "no endpoint for one" in caplog.text


async def test_a_check_asks_the_provider_and_hides_what_it_quotes(lender: Lender) -> None:
    await lender.put("one")
    fingerprint, trouble = await lender.accounts.check("one")
    assert (len(fingerprint or ""), trouble) == (8, None)
    assert lender.outside.calls == ["GET /v1/notes", "GET /v1/things"]
    assert [account.secret.key for account in lender.asked] == [KEY, KEY]
    await lender.put("one", secret={"value": OTHER})
    other, trouble = await lender.accounts.check("one")
    assert other != fingerprint
    assert trouble == "unknown key"
    lender.outside.fail(403, words=f"{OTHER} may not")
    assert (await lender.accounts.check("one"))[1] == "[hidden] may not"
    lender.outside.fail("lost")
    assert (await lender.accounts.check("one"))[1] == "no answer within 1 s"
    with pytest.raises(NotFound):
        await lender.accounts.check("two")


async def test_one_instance_marks_for_good(lender: Lender) -> None:
    marker = await lender.accounts.marker("pr-1-0123456789")
    assert (len(marker.instance), marker.uid) == (6, "pr-1-0123456789")
    assert await lender.anew().marker("pr-1-0123456789") == marker
    assert (await lender.accounts.marker()).text == f"pb:{marker.instance}:"


async def test_usage_is_told_by_names(lender: Lender) -> None:
    home = await lender.open()
    found = await lender.accounts.by_name({home.uid: 1, "": 2, "gone": 3})
    assert found == {"pr-1": 1, "broker": 2, "gone": 3}


async def test_a_policy_is_warned_of_what_it_would_not_get(tmp_path: Path, clock: HeldClock) -> None:
    lender = Lender(tmp_path, clock, isolations=frozenset({"ledger"}))

    async def warnings(**sandbox: Any) -> Any:
        body = {"mode": "sandbox", "sandbox": sandbox}
        policy = Policy.parse({"version": 1, "services": {"tiny": body}}, ("tiny",))
        return await lender.accounts.warnings(policy)

    assert await warnings() == ["services.tiny.sandbox.account: no real account of tiny is configured"]
    await lender.put("one", pool="all")
    assert await warnings() == await warnings(account="all") == await warnings(account="one") == []
    assert len(await warnings(account="two", isolation="account")) == 2
    mocked = Policy.parse({"version": 1, "services": {"tiny": {"sandbox": {"account": "two"}}}}, ("tiny",))
    assert await lender.accounts.warnings(mocked) == []
    await lender.close()


async def test_a_provider_that_is_no_longer_known_is_said(lender: Lender) -> None:
    await lender.put("one")
    strangers = Accounts(
        settings=lender.settings,
        clock=lender.clock,
        storage=lender.storage,
        vault=lender.vault,
        providers={},
        sending=lender,
        scheduler=lender.scheduler,
        ledger=lender.ledger,
    )
    await strangers.start()
    with pytest.raises(BrokerError, match="no real provider of tiny"):
        await strangers.named("one")
    assert strangers.bears(await strangers.row("one")).endpoint == ""
