"""What a provider lists, line by line beside the ledger."""

from __future__ import annotations

from typing import Any

from broker.ledger import Ledger
from broker.listing import Listing, Look, owned, unasked
from sandboxes.base import Found, Marker, Refused, Resource, Unreachable
from tests.broker.sandbox import Outside, PlainAccounts, line
from tests.broker.targets import World
from tests.clocks import HeldClock


async def test_a_line_of_the_same_name_is_meant_before_an_older_one(clock: HeldClock) -> None:
    lines = [line("u", clock, Resource("thing", "", alias=alias), status="pending") for alias in ("c", "b", "a")]
    lines.append(line("u", clock, Resource("thing", "thi_known"), status="pending"))
    look = Look("u", "tiny", "one", list(lines))
    assert look.claimed(Resource("note", "not_1")) is None
    assert look.claimed(Resource("thing", "thi_1", alias="b")) is lines[1]
    assert look.claimed(Resource("thing", "thi_2", alias="other")) is lines[2]
    assert look.claimed(Resource("thing", "thi_3")) is lines[0]
    # What has an id of its own is met by that, or not at all.
    assert look.claimed(Resource("thing", "thi_4")) is None
    assert look.pending == [lines[3]]


async def test_every_state_of_a_line_that_is_listed(world: World, clock: HeldClock) -> None:
    environment = await world.environment()
    outside = Outside()
    accounts: Any = PlainAccounts(world.storage, clock, {"one": outside})
    store = world.storage.external.ledger
    states = {
        "live": {"status": "live"},
        "named": {"status": "pending"},
        "refused": {"status": "gone", "outcome": "refused"},
        "deleted": {"status": "gone", "outcome": "deleted"},
        "canceled": {"status": "gone", "outcome": "canceled"},
    }
    ids = {}
    for name, state in states.items():
        made = await accounts.make(environment.uid)
        ids[made["id"]] = name
        await store.add([line(environment.uid, clock, Resource("thing", made["id"]), **state)])
    pending = await store.entries(environment.uid, status="pending")
    look = Look(environment.uid, "tiny", "one", list(pending))
    await Listing(world.storage, clock, Ledger(store, clock), accounts).carry_out(look)
    assert look.pending == []
    assert sorted(ids[each.id] for each in look.living) == ["deleted", "live", "named", "refused"]
    after = {ids[each.external_id or ""]: each.status for each in await store.entries(environment.uid)}
    assert after == {"live": "live", "named": "live", "refused": "live", "deleted": "live", "canceled": "gone"}


def test_a_marker_is_whole_or_its_end() -> None:
    marker = Marker("abcdef", "pr-1-0123456789")
    for owner, expected in (("pr-1-0123456789", True), ("0123456789", True), ("123456789", False), ("pr-1", False)):
        assert owned(Found(Resource("thing", "t"), owner), marker) is expected


def test_why_an_account_could_not_be_asked() -> None:
    assert unasked("one", Refused(403, "no")) == "account one cannot be asked: 403: no"
    assert unasked("one", Unreachable("late")) == "account one cannot be asked: late"
    assert unasked("one", KeyError()) == "account one cannot be asked: KeyError"
