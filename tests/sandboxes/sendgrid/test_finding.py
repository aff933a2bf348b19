"""What carries a marker is found, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.exchange import Request, Response
from sandboxes.base import Found, Marker, Refused, Resource
from sandboxes.sendgrid.finding import find
from sandboxes.sendgrid.kinds import KINDS
from tests.sandboxes.sendgrid.calls import MARKER, NOW, OTHER, Scripted, Shared, reply


def filled(marker: Marker, account: Shared) -> set[Resource]:
    """One object of each kind, marked."""
    found = set()
    for name, kind in KINDS.items():
        if name == "subuser":
            account.kept[kind.listing].append({"username": marker.label.rstrip("-")})
            found.add(Resource(name, marker.label.rstrip("-")))
        else:
            found.add(Resource(name, account.put(kind.listing, **{kind.marked: marker.label + "x"})))
    return found


async def resources(marker: Marker, account: Shared) -> set[Resource]:
    return {each.resource async for each in find(marker, NOW, account)}


async def test_each_environment_is_found_for_itself() -> None:
    account = Shared()
    ours, theirs = filled(MARKER, account), filled(OTHER, account)
    filled(Marker("abcdef", MARKER.uid), account)  # another broker's
    for kind in KINDS.values():
        if kind.marked != "username":
            account.put(kind.listing, **{kind.marked: "made by hand"})
            account.put(kind.listing, **{kind.marked: f"about {MARKER.label}"})
            account.put(kind.listing)
    assert await resources(MARKER, account) == ours
    assert await resources(OTHER, account) == theirs
    assert await resources(Marker(MARKER.instance), account) == ours | theirs


async def test_owners_are_the_ten_characters() -> None:
    account = Shared()
    filled(OTHER, account)
    assert {each.owner async for each in find(Marker(OTHER.instance), NOW, account)} == {"zzzzzzzzz1"}


async def test_every_page_is_read() -> None:
    account = Shared()
    for number in range(450):
        account.put("/v3/templates", name=f"{(MARKER if number % 2 else OTHER).label}{number}")
    for number in range(1100):
        account.kept["/v3/subusers"].append({"username": f"user-{number}"})
    account.kept["/v3/subusers"].append({"username": MARKER.label.rstrip("-")})
    assert len(await resources(MARKER, account)) == 226


@pytest.mark.parametrize(
    ("members", "when"),
    [
        ({"created_at": "2026-11-20T10:00:00Z"}, datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ({"created_at": "yesterday"}, None),
        ({}, None),
    ],
)
async def test_when_it_was_made_is_told_where_sendgrid_tells(members: dict[str, str], when: datetime | None) -> None:
    account = Shared()
    name = account.put("/v3/designs", name=MARKER.label, **members)
    found = [each async for each in find(MARKER, NOW, account)]
    assert found == [Found(Resource("design", name), MARKER.short, when)]


async def test_templates_tell_when_they_were_changed() -> None:
    account = Shared()
    account.put("/v3/templates", name=MARKER.label, updated_at="2026-11-20 10:00:00")
    assert [each.created_at async for each in find(MARKER, NOW, account)] == [datetime(2026, 11, 20, 10, tzinfo=UTC)]


async def test_a_plan_without_a_feature_has_nothing_of_it() -> None:
    answers = [reply(403) if kind.optional else reply(200, []) for kind in KINDS.values()]
    assert [each async for each in find(MARKER, NOW, Scripted(*answers))] == []


async def test_a_key_that_may_not_look_fails_loudly() -> None:
    with pytest.raises(Refused):
        [each async for each in find(MARKER, NOW, Scripted(reply(403)))]
    with pytest.raises(Refused):
        [each async for each in find(MARKER, NOW, Scripted(reply(200, {"result": []}), reply(401)))]


@pytest.mark.parametrize("body", [b"", b"<html>maintenance", b"null"])
async def test_a_page_that_is_no_list_does_not_say_that_nothing_is_left(body: bytes) -> None:
    async def send(request: Request) -> Response:
        return Response(200, [("content-type", "text/html")], body)

    with pytest.raises(Refused, match="no list"):
        [each async for each in find(MARKER, NOW, send)]
