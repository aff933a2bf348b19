from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandboxes.base import Found, Marker, Refused, Resource
from sandboxes.stripe import finding, marking
from tests.sandboxes.stripe.calls import MARKER, NOW, OTHER, Listed, Scripted, refusal

SINCE = NOW - timedelta(days=1)


def _thing(key: str, marker: str | None = MARKER.text, *, age: int = 0, **members: Any) -> dict[str, Any]:
    metadata = {marking.KEY: marker} if marker else {}
    return {"id": key, "created": int(NOW.timestamp()) - age, "metadata": metadata, **members}


async def _found(marker: Marker, lists: dict[str, list[dict[str, Any]]]) -> list[Found]:
    return [each async for each in finding.find(marker, SINCE, Listed(lists))]


async def test_what_carries_the_marker_is_found_with_its_owner_and_age() -> None:
    lists = {
        "/v1/customers": [_thing("cus_1A"), _thing("cus_2A", OTHER.text), _thing("cus_3A", None)],
        "/v1/coupons": [_thing("SUMMER")],
    }
    assert await _found(MARKER, lists) == [
        Found(Resource("customer", "cus_1A"), MARKER.uid, NOW),
        Found(Resource("coupon", "SUMMER"), MARKER.uid, NOW),
    ]


async def test_without_a_uid_all_of_the_instance_and_no_other_brokers() -> None:
    lists = {"/v1/customers": [_thing("cus_1A"), _thing("cus_2A", OTHER.text), _thing("cus_3A", "pb:zzzzzz:pr-1")]}
    found = await _found(Marker(MARKER.instance), lists)
    assert {each.resource.id: each.owner for each in found} == {"cus_1A": MARKER.uid, "cus_2A": OTHER.uid}


async def test_a_uid_that_begins_like_another_is_another() -> None:
    lists = {"/v1/customers": [_thing("cus_1A", MARKER.text + "x")]}
    assert await _found(MARKER, lists) == []


@pytest.mark.parametrize(
    ("path", "ended", "open"),
    [
        ("/v1/subscriptions", {"status": "canceled"}, {"status": "active"}),
        ("/v1/invoices", {"status": "paid"}, {"status": "open"}),
        ("/v1/payment_intents", {"status": "succeeded"}, {"status": "requires_payment_method"}),
        ("/v1/checkout/sessions", {"status": "expired"}, {"status": "open"}),
        ("/v1/quotes", {"status": "accepted"}, {"status": "draft"}),
        ("/v1/subscription_schedules", {"status": "released"}, {"status": "active"}),
        ("/v1/prices", {"active": False}, {"active": True}),
        ("/v1/invoiceitems", {"invoice": "in_1A"}, {"invoice": None}),
        ("/v1/transfers", {"reversed": True}, {"reversed": False}),
        ("/v1/file_links", {"expired": True}, {"expired": False}),
    ],
)
async def test_what_is_at_its_end_is_not_found(path: str, ended: dict[str, Any], open: dict[str, Any]) -> None:
    found = await _found(MARKER, {path: [_thing("one_1A", **ended), _thing("two_1A", **open)]})
    assert [each.resource.id for each in found] == ["two_1A"]


async def test_canceled_subscriptions_are_asked_for_too() -> None:
    """Stripe lists those that are not canceled unless it is told otherwise."""
    account = Listed({"/v1/subscriptions": []})
    assert [each async for each in finding.find(MARKER, SINCE, account)] == []
    (asked,) = [each for each in account.asked if each.path == "/v1/subscriptions"]
    assert "status=all" in asked.query


async def test_a_list_is_read_until_it_is_too_old() -> None:
    day = 24 * 3600
    young = [_thing(f"cus_{number}A", age=10) for number in range(150)]
    old = [_thing(f"cus_{number}B", age=2 * day) for number in range(500)]
    account = Listed({"/v1/customers": [*young, *old]})
    found = [each async for each in finding.find(MARKER, SINCE, account)]
    assert {each.resource.id for each in found} >= {each["id"] for each in young}
    assert len([each for each in account.asked if each.path == "/v1/customers"]) == 3


async def test_a_list_that_may_not_be_read_is_told_when_all_others_are() -> None:
    class Partly(Listed):
        async def __call__(self, request: Any) -> Any:
            if request.path == "/v1/quotes":
                return refusal(403, message="The key may not.")
            return await super().__call__(request)

    found = []

    async def look() -> None:
        async for each in finding.find(MARKER, SINCE, Partly({"/v1/accounts": [_thing("acct_1A")]})):
            found.append(each.resource.id)  # noqa: PERF401 - what came before the refusal is the point

    with pytest.raises(Refused, match="/v1/quotes: The key may not"):
        await look()
    assert found == ["acct_1A"]


async def test_a_busy_account_is_not_half_looked_at() -> None:
    send = Scripted(refusal(429, "rate_limit"))
    with pytest.raises(Refused):
        [each async for each in finding.find(MARKER, SINCE, send)]
    assert len(send.asked) == 1


async def test_a_test_clock_is_found_by_its_name() -> None:
    clock = {"id": "clock_1A", "object": "test_helpers.test_clock", "name": f"Monthly [{MARKER.text}]"}
    (found,) = await _found(MARKER, {"/v1/test_helpers/test_clocks": [clock]})
    assert found == Found(Resource("test_helpers.test_clock", "clock_1A"), MARKER.uid, None)


def test_ages_are_in_utc() -> None:
    assert finding._created({"created": 0}) == datetime(1970, 1, 1, tzinfo=UTC)
    assert finding._created({}) is None
