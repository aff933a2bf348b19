"""The wall inside a shared account, case by case; tests/broker/backends/test_proxy.py drives it whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from broker.backends.isolation import Isolation
from broker.directory import Entry as Home
from broker.ledger import Ledger
from broker.policy import Policy, SandboxPolicy
from broker.storage.base import Environment
from broker.storage.sqlite import SqliteStorage
from broker.visit import Visit
from contracts.contract import Operation, Params
from contracts.exchange import Request
from mocks.base import Missing, Refusal
from sandboxes.base import Account, Marker, Outgoing, Reference, Resource, Rule, Secret
from tests.broker.sandbox import INSTANCE, tiny_provider
from tests.clocks import HeldClock

ACCOUNT = Account("one", "https://api.tiny.test", Secret("k"))
ENTRY = Operation("x", "GET", "/x")


class Wall:
    """One environment's wall, over a ledger that the test fills."""

    def __init__(self, folder: Path, clock: HeldClock) -> None:
        now = clock.now()
        self.storage = SqliteStorage(folder, lambda: "x")
        self.ledger = Ledger(self.storage.external.ledger, clock)
        self.environment = Environment(
            name="pr-1",
            uid="pr-1-aaaaaaaaaa",
            tag="00001",
            status="open",
            policy={},
            seed=1,
            created_at=now,
            expires_at=now,
        )
        request = Request(method="GET", path="/x")
        home = Home(self.environment, Policy.parse(None, ()), {})
        self.visit = Visit("v", home, None, "secret_key", request, now, 0.0)

    def isolation(
        self,
        mentions: Sequence[Reference] = (),
        account: Account = ACCOUNT,
        policy: Any = None,
        unmade: str = "",
        **changes: Any,
    ) -> Isolation:
        provider = tiny_provider(references=lambda call: mentions, **changes)
        return Isolation(
            self.visit,
            provider,
            account,
            policy or SandboxPolicy(),
            self.ledger,
            Marker(INSTANCE, self.environment.uid),
            unmade,
        )

    @staticmethod
    def call(effect: Any = "read", **rule: Any) -> Outgoing:
        return Outgoing(ENTRY, Rule(effect, "thing", **rule), Params(), Request(method="GET", path="/x"))


@pytest.fixture
async def wall(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Wall]:
    wall = Wall(tmp_path, clock)
    yield wall
    await wall.storage.close()


SHARED = SandboxPolicy(shared="read")
OWN = SandboxPolicy(isolation="account")


@pytest.mark.parametrize("effect", ["read", "list"])
async def test_the_whole_account_is_shown_only_where_it_is_shared(wall: Wall, effect: str) -> None:
    call = wall.call(effect, scope="account")
    with pytest.raises(Refusal, match="whole account"):
        await wall.isolation().admit(call)
    await wall.isolation(policy=SHARED).admit(call)
    await wall.isolation(policy=OWN).admit(call)


async def test_the_whole_account_is_changed_only_by_who_has_it_alone(wall: Wall) -> None:
    call = wall.call("update", scope="account")
    with pytest.raises(Refusal, match="changes the whole account"):
        await wall.isolation(policy=SHARED).admit(call)
    await wall.isolation(policy=OWN).admit(call)


async def test_what_is_public_passes(wall: Wall) -> None:
    await wall.isolation().admit(wall.call(scope="public"))


async def test_a_credential_may_do_less_than_the_account(wall: Wall) -> None:
    with pytest.raises(Refusal, match="credential"):
        await wall.isolation(allows=lambda credential, call: credential == "other").admit(wall.call())


async def test_who_has_none_is_told_so(wall: Wall) -> None:
    wall.visit.credential = None
    with pytest.raises(Refusal) as refused:
        await wall.isolation(allows=lambda credential, call: credential is not None).admit(wall.call())
    assert refused.value.reason == "no_credential"


async def test_a_name_that_a_create_gives_is_nobodys_yet(wall: Wall) -> None:
    named = [Reference("SUMMER", "id", "thing", subject=True)]
    assert (await wall.isolation(named).admit(wall.call("create"))).entries == {}
    with pytest.raises(Missing):
        await wall.isolation(named).admit(wall.call("update"))


async def test_mapped_names_cannot_meet_anothers(wall: Wall) -> None:
    """What is not there is asked for under the environment's own name, and the provider says so."""
    named = [Reference("invoices", "Bucket", "thing", in_path=True, subject=True)]
    admitted = await wall.isolation(named, aliased=frozenset({"thing"})).admit(wall.call())
    assert (admitted.entries, admitted.call.unmapped) == ({}, frozenset())
    await wall.ledger.learn(wall.environment.uid, "tiny", "one", [Resource("thing", "real", alias="invoices")])
    admitted = await wall.isolation(named, aliased=frozenset({"thing"})).admit(wall.call())
    assert admitted.entries["invoices"].external_id == "real"


async def test_a_shared_name_is_not_mapped_and_is_not_changed(wall: Wall) -> None:
    named = [Reference("fixtures", "Bucket", "thing", in_path=True, subject=True)]
    isolation = wall.isolation(named, policy=SHARED, aliased=frozenset({"thing"}))
    assert (await isolation.admit(wall.call("read"))).call.unmapped == {"fixtures"}
    isolation = wall.isolation(named, policy=SHARED, aliased=frozenset({"thing"}))
    assert (await isolation.admit(wall.call("update"))).call.unmapped == frozenset()


@pytest.mark.parametrize("name", [f"pb-{INSTANCE}-bbbbbbbbbb-x", f"pb:{INSTANCE}:pr-2-bbbbbbbbbb"])
async def test_a_marked_name_is_never_shared_even_if_the_ledger_forgot_it(wall: Wall, name: str) -> None:
    named = [Reference(name, "Bucket", "thing", in_path=True, subject=True)]
    with pytest.raises(Missing):
        await wall.isolation(named, policy=SHARED, aliased=frozenset({"thing"})).admit(wall.call())
    assert wall.visit.crossed == [(name, "")]
    assert await wall.isolation(policy=SHARED).visible([name, "free"]) == {"free": None}


async def test_a_part_of_its_own_has_no_walls_but_the_ledger_is_read(wall: Wall) -> None:
    await wall.ledger.learn(wall.environment.uid, "tiny", "one", [Resource("thing", "t1")])
    mentions = [Reference("t1", "id", "thing", subject=True), Reference("unknown", "other")]
    account = Account("one", ACCOUNT.endpoint, ACCOUNT.secret, subaccount="sub")
    admitted = await wall.isolation(mentions, account).admit(wall.call("delete"))
    assert set(admitted.entries) == {"t1"}


async def test_lists_show_own_objects_under_their_own_names(wall: Wall) -> None:
    await wall.ledger.learn(wall.environment.uid, "tiny", "one", [Resource("thing", "real", alias="invoices")])
    await wall.ledger.learn("pr-2-bbbbbbbbbb", "tiny", "one", [Resource("thing", "other")])
    asked = ["real", "other", "hand"]
    assert await wall.isolation().visible(asked) == {"real": "invoices"}
    assert await wall.isolation(policy=SHARED).visible(asked) == {"real": "invoices", "hand": None}


async def test_what_a_browser_got_is_its_bearers_unless_it_is_anothers(wall: Wall) -> None:
    token = [Reference("tok_1", "source", "thing", bearer=True)]
    assert (await wall.isolation(token).admit(wall.call("create"))).entries == {}
    await wall.ledger.learn("pr-2-bbbbbbbbbb", "tiny", "one", [Resource("thing", "tok_1")])
    with pytest.raises(Missing):
        await wall.isolation(token).admit(wall.call("create"))
    assert wall.visit.crossed == [("tok_1", "pr-2-bbbbbbbbbb")]


@pytest.mark.parametrize(
    "value", ["..", ".", "a/b", "../accounts", "a\\b", "%2e%2e", "a?b", "a#b", "a\x00", "a\r\nb: c"]
)
async def test_a_segment_that_could_be_read_as_several_is_missing(wall: Wall, value: str) -> None:
    """Whoever knows it: also an object that chose such a name, and also where the policy reads what is shared."""
    await wall.ledger.learn(wall.environment.uid, "tiny", "one", [Resource("thing", value)])
    mention = Reference(value, "id", "thing", in_path=True, subject=True)
    asked = Outgoing(ENTRY, Rule("read", "thing", id_param="id"), Params(path={"id": value}), wall.visit.request)
    for policy in (SandboxPolicy(), SHARED, OWN):
        with pytest.raises(Missing):
            await wall.isolation([mention], policy=policy).admit(asked)
    await wall.isolation([mention], aliased=frozenset({"other"})).admit(asked)


@pytest.mark.parametrize("value", ["cus_1", "ada+x@example.com", "a..b", "25 off", "caf\u00e9", "a:b;c=d,e~f"])
async def test_a_segment_may_be_any_name(wall: Wall, value: str) -> None:
    asked = Outgoing(ENTRY, Rule("read", "thing", id_param="id"), Params(path={"id": value}), wall.visit.request)
    await wall.isolation().admit(asked)


async def test_an_id_that_holds_a_run_of_probes_own_text_is_asked_for(wall: Wall) -> None:
    """It names nothing that anybody made; another environment's id stays another's, whatever it holds."""
    named = Reference("thing_run1abcdefgh", "id", "thing", in_path=True, subject=True)
    wallet = Reference("thing_other", "id", "thing", in_path=True, subject=True)
    for effect in ("read", "update", "delete"):
        isolation = wall.isolation([named], unmade="run1abcdefgh")
        assert (await isolation.admit(wall.call(effect))).entries == {}
    with pytest.raises(Missing):
        await wall.isolation([wallet], unmade="run1abcdefgh").admit(wall.call())
    with pytest.raises(Missing):
        await wall.isolation([named]).admit(wall.call())
    await wall.ledger.learn("pr-2-bbbbbbbbbb", "tiny", "one", [Resource("thing", named.id)], origin="made")
    with pytest.raises(Missing):
        await wall.isolation([named], unmade="run1abcdefgh").admit(wall.call())
    assert wall.visit.crossed == [(named.id, "pr-2-bbbbbbbbbb")]
