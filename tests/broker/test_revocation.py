"""Taking back at a provider: in order, past refusals, and with requests that had no answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.ledger import Ledger
from broker.revocation import Revocation
from broker.storage.external import Entry
from sandboxes.base import Resource
from tests.broker.sandbox import Outside, PlainAccounts, line
from tests.broker.targets import World
from tests.clocks import HeldClock


class Scene:
    """An environment with an account outside, and what takes back."""

    def __init__(self, world: World, clock: HeldClock, **outsides: Outside) -> None:
        self.world = world
        self.clock = clock
        self.outside = Outside()
        self.calls = 0
        self.accounts: Any = PlainAccounts(world.storage, clock, {"one": self.outside, **outsides})
        self.store = world.storage.external.ledger
        self.ledger = Ledger(self.store, clock)
        self.uid = ""

    async def begin(self) -> Revocation:
        self.uid = (await self.world.environment()).uid
        return self.revocation()

    def revocation(self) -> Revocation:
        return Revocation(
            storage=self.world.storage,
            clock=self.clock,
            ledger=self.ledger,
            accounts=self.accounts,
            running=lambda uid: self.calls,
        )

    async def made(self, kind: str = "thing", **body: Any) -> str:
        """An object outside and its line; the object's id."""
        value = await self.accounts.make(self.uid, kind, **body)
        resource = Resource(kind, value["id"], parent=value["parent"])
        account = body.get("account", "one")
        await self.store.add([line(self.uid, self.clock, resource, account=account)])
        return str(value["id"])

    async def pending(self, kind: str = "thing", **changes: Any) -> Entry:
        """A line whose request had no answer."""
        entry = line(self.uid, self.clock, Resource(kind, ""), status="pending", **changes)
        await self.store.add([entry])
        return entry

    async def entry(self, entry_id: str) -> Entry:
        found = await self.store.entry(entry_id)
        assert found is not None
        return found

    async def outcomes(self) -> Any:
        return await self.store.counts(self.uid)


@pytest.fixture
async def scene(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Scene]:
    world = World(tmp_path, clock)
    yield Scene(world, clock)
    await world.close()


def deleted(outside: Outside) -> list[str]:
    return [call.rpartition("/")[2] for call in outside.calls if call.startswith("DELETE")]


async def test_an_environment_without_lines_asks_nobody(scene: Scene) -> None:
    revocation = await scene.begin()
    assert not await revocation.concerned(scene.uid)
    assert (await revocation.settle(scene.uid)).words == []
    assert await revocation.revoke(scene.uid) == []
    assert (await revocation.verify(scene.uid)).seen == {}
    assert await revocation.plan(scene.uid) == []
    assert scene.outside.calls == []


async def test_everything_goes_in_order_the_newest_first(scene: Scene) -> None:
    revocation = await scene.begin()
    first = await scene.made()
    second = await scene.made()
    note = await scene.made("note", thing=first)
    log = line(scene.uid, scene.clock, Resource("log", "log_1"), origin="derived")
    odd = line(scene.uid, scene.clock, Resource("oddity", "odd_1"))
    await scene.store.add([log, odd])
    planned = await revocation.plan(scene.uid)
    # A kind that the order does not name comes before them all.
    assert [(each["kind"], each["number"]) for each in planned] == [
        ("oddity", 1),
        ("note", 1),
        ("thing", 2),
        ("log", 1),
    ]
    assert await revocation.concerned(scene.uid)
    assert await revocation.revoke(scene.uid) == []
    assert deleted(scene.outside) == ["odd_1", note, second, first]
    assert scene.outside.objects == {}
    assert await scene.outcomes() == {
        "tiny": {
            "thing": {"deleted": 2},
            "note": {"deleted": 1},
            "log": {"kept": 1},
            "oddity": {"absent": 1},
        }
    }
    figures = (await revocation.figures(scene.uid))["tiny"]
    assert (figures["accounts"], figures["kept"]) == (["one"], 1)
    assert await revocation.left(scene.uid) == (0, [])
    assert revocation.counts == {
        ("tiny", "deleted"): 3,
        ("tiny", "kept"): 1,
        ("tiny", "absent"): 1,
    }


async def test_it_is_repeated_at_will(scene: Scene) -> None:
    revocation = await scene.begin()
    await scene.made()
    assert await revocation.revoke(scene.uid) == []
    calls = list(scene.outside.calls)
    assert await revocation.revoke(scene.uid) == []
    assert scene.outside.calls == calls


async def test_what_is_refused_holds_up_nothing_else(scene: Scene) -> None:
    revocation = await scene.begin()
    ids = [await scene.made() for _ in range(5)]
    scene.outside.fail(403, "DELETE", f"/v1/things/{ids[2]}", words="it is locked")
    assert await revocation.revoke(scene.uid) == [f"thing {ids[2]}: 403: it is locked"]
    assert list(scene.outside.objects) == [ids[2]]
    number, [named] = await revocation.left(scene.uid)
    assert (number, named["id"], named["status"], named["words"]) == (1, ids[2], "stuck", "403: it is locked")
    [entry] = await scene.store.entries(scene.uid, status="stuck")
    assert entry.attempts == 1
    assert await revocation.revoke(scene.uid) == []
    assert scene.outside.objects == {}
    assert (await scene.outcomes())["tiny"]["thing"] == {"deleted": 5}


async def test_a_driver_that_breaks_holds_up_one_resource(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    revocation = await scene.begin()
    ids = [await scene.made() for _ in range(2)]
    provider = scene.accounts.provider
    revoke = provider.revoke

    async def breaks(resource: Resource, send: Any, tell: Any) -> Any:
        if resource.id == ids[0]:
            raise KeyError("error")
        return await revoke(resource, send, tell)

    object.__setattr__(provider, "revoke", breaks)
    assert await revocation.revoke(scene.uid) == [f"thing {ids[0]}: KeyError: 'error'"]
    assert list(scene.outside.objects) == [ids[0]]


async def test_a_provider_that_is_silent_is_left_alone(scene: Scene) -> None:
    revocation = await scene.begin()
    for _ in range(30):
        await scene.made()
    scene.outside.calls.clear()
    scene.outside.fail("unsent", "DELETE", times=1000)
    assert await revocation.revoke(scene.uid) == ["account one does not answer: no answer within 1 s"]
    assert len(scene.outside.calls) <= 8
    scene.outside.faults.clear()
    assert await revocation.revoke(scene.uid) == []
    assert scene.outside.objects == {}


async def test_several_pages_and_few_at_once(scene: Scene) -> None:
    revocation = await scene.begin()
    scene.outside.takes = 0.0001
    ids = [await scene.made() for _ in range(250)]
    scene.outside.most = 0
    assert await revocation.revoke(scene.uid) == []
    assert scene.outside.objects == {}
    assert scene.outside.most == 4
    assert deleted(scene.outside)[:4] == ids[:-5:-1]


async def test_an_account_that_cannot_be_used_is_said(scene: Scene) -> None:
    revocation = await scene.begin()
    scene.accounts.outsides["gone"] = Outside()
    await scene.made(account="gone")
    await scene.made()
    await scene.pending(account="gone")
    del scene.accounts.outsides["gone"]
    words = ["account gone cannot be asked: no account is called gone"]
    assert (await revocation.settle(scene.uid)).words == words
    assert await revocation.revoke(scene.uid) == words
    assert (await revocation.verify(scene.uid)).words == words
    assert scene.outside.objects == {}
    assert [each["number"] for each in await revocation.plan(scene.uid)] == [2]


async def test_progress_of_resources_with_parts(scene: Scene) -> None:
    revocation = await scene.begin()
    await scene.made()
    seen = []

    async def counted(resource: Resource, send: Any, tell: Any) -> str:
        for number in (1, 2):
            tell({"objects": number * 1000})
            seen.append(revocation.parts(scene.uid))
        return "deleted"

    object.__setattr__(scene.accounts.provider, "revoke", counted)
    await revocation.revoke(scene.uid)
    assert seen == [{"objects": 1000}, {"objects": 2000}]
    assert revocation.parts(scene.uid) == {}


# Requests without an answer


async def test_what_was_made_without_an_answer_is_found_and_taken_back(scene: Scene) -> None:
    revocation = await scene.begin()
    entry = await scene.pending()
    made = await scene.accounts.make(scene.uid)
    assert (await revocation.settle(scene.uid)).until is None
    assert ((await scene.entry(entry.id)).status, (await scene.entry(entry.id)).external_id) == ("live", made["id"])
    assert await revocation.revoke(scene.uid) == []
    assert scene.outside.objects == {}


async def test_what_was_never_made_is_over_when_no_request_can_be_on_its_way(scene: Scene) -> None:
    revocation = await scene.begin()
    entry = await scene.pending()
    settled = await revocation.settle(scene.uid)
    # Its request takes 90 s at the most, and 60 more are given to the provider.
    assert settled.until == entry.created_at + timedelta(seconds=150)
    drained_at = scene.clock.advance(5)
    settled = await revocation.settle(scene.uid, drained_at=drained_at)
    assert settled.until == drained_at + timedelta(seconds=60)
    scene.clock.advance(59)
    assert (await revocation.settle(scene.uid, drained_at=drained_at)).until is not None
    scene.clock.advance(1)
    scene.calls = 1
    assert (await revocation.settle(scene.uid, drained_at=drained_at)).until is not None
    scene.calls = 0
    assert (await revocation.settle(scene.uid, drained_at=drained_at)).until is None
    assert (await scene.entry(entry.id)).outcome == "absent"


async def test_a_listing_that_fails_ends_nothing(scene: Scene) -> None:
    revocation = await scene.begin()
    entry = await scene.pending()
    scene.clock.advance(1000)
    scene.outside.fail(500, "GET")
    assert (await revocation.settle(scene.uid)).words == ["account one cannot be asked: 500: not now"]
    assert (await scene.entry(entry.id)).status == "pending"
    scene.outside.fail("unsent", "GET", "/v1/things")
    assert (await revocation.settle(scene.uid)).words == ["account one cannot be asked: no answer within 1 s"]
    assert (await scene.entry(entry.id)).status == "pending"


async def test_one_of_two_that_are_alike_waits_for_its_own(scene: Scene) -> None:
    """Two requests without an answer, of which one had its effect: which of the lines gets it is the same."""
    revocation = await scene.begin()
    entries = [await scene.pending(), await scene.pending()]
    first = await scene.accounts.make(scene.uid)
    assert (await revocation.settle(scene.uid)).until is not None
    states = sorted([(await scene.entry(each.id)).status for each in entries])
    assert states == ["live", "pending"]
    assert await revocation.revoke(scene.uid) == []
    # The other one is carried out late.
    second = await scene.accounts.make(scene.uid)
    assert first["id"] != second["id"]
    assert (await revocation.settle(scene.uid)).until is None
    assert await revocation.revoke(scene.uid) == []
    assert scene.outside.objects == {}
    assert (await scene.outcomes())["tiny"] == {"thing": {"deleted": 2}}


async def test_a_line_that_was_made_and_has_no_id_is_settled_too(scene: Scene) -> None:
    revocation = await scene.begin()
    entry = line(scene.uid, scene.clock, Resource("thing", ""))
    await scene.store.add([entry])
    made = await scene.accounts.make(scene.uid)
    assert await revocation.revoke(scene.uid) == []
    assert deleted(scene.outside) == []
    await revocation.settle(scene.uid)
    assert (await scene.entry(entry.id)).external_id == made["id"]
    await revocation.revoke(scene.uid)
    assert scene.outside.objects == {}


# Verifying


async def test_what_nobody_wrote_down_is_found_and_taken_back(scene: Scene) -> None:
    revocation = await scene.begin()
    await scene.made()
    for _ in range(25):  # three pages
        await scene.accounts.make(scene.uid)
    assert await revocation.revoke(scene.uid) == []
    verdict = await revocation.verify(scene.uid)
    assert verdict.seen["tiny"]["listed"] == 25
    [words] = verdict.words
    assert words.startswith("account one still lists 25 of its resources, thing thi_")
    origins = {each.origin for each in await scene.store.entries(scene.uid, left=True)}
    assert origins == {"found"}
    assert await revocation.revoke(scene.uid) == []
    verdict = await revocation.verify(scene.uid)
    assert (verdict.words, verdict.seen["tiny"]["listed"]) == ([], 0)
    assert scene.outside.objects == {}


async def test_nothing_of_another_environment_is_touched(scene: Scene) -> None:
    revocation = await scene.begin()
    mine = await scene.made()
    other = (await scene.world.environment("pr-2")).uid
    theirs = await scene.accounts.make(other)
    # A marker of ours on what the ledger knows as another's, and a search that answers with what is merely alike.
    marked = await scene.accounts.make(scene.uid)
    await scene.store.add([line(other, scene.clock, Resource("thing", marked["id"]))])
    alike = await scene.accounts.make(scene.uid + "0")
    assert await revocation.revoke(scene.uid) == []
    verdict = await revocation.verify(scene.uid)
    assert verdict.words == []
    assert await revocation.revoke(scene.uid) == []
    assert deleted(scene.outside) == [mine]
    assert set(scene.outside.objects) == {theirs["id"], marked["id"], alike["id"]}


async def test_a_provider_that_lists_for_a_while_what_is_deleted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    revocation = await scene.begin()
    made = await scene.made()
    stale = dict(scene.outside.objects[made])
    await revocation.revoke(scene.uid)
    scene.outside.objects[made] = stale
    assert len((await revocation.verify(scene.uid)).words) == 1
    del scene.outside.objects[made]
    assert await revocation.revoke(scene.uid) == []
    assert (await revocation.verify(scene.uid)).words == []
    # One line still, and it was deleted.
    assert (await scene.outcomes())["tiny"] == {"thing": {"deleted": 1}}


async def test_what_has_its_end_there_may_stay_listed(scene: Scene) -> None:
    revocation = await scene.begin()
    await scene.made()

    async def archives(resource: Resource, send: Any, tell: Any) -> str:
        return "archived"

    object.__setattr__(scene.accounts.provider, "revoke", archives)
    assert await revocation.revoke(scene.uid) == []
    verdict = await revocation.verify(scene.uid)
    assert (verdict.words, verdict.seen["tiny"]["listed"]) == ([], 0)


async def test_release_ends_the_leases(scene: Scene) -> None:
    revocation = await scene.begin()
    await revocation.release(scene.uid)
    assert scene.accounts.released == [scene.uid]
