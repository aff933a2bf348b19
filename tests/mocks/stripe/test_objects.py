"""Pieces of objects."""

from __future__ import annotations

from mocks.stripe.objects import NO_ADDRESS, address, billing_details, parcel, shipping


def test_addresses_have_all_members_or_are_null() -> None:
    assert address({"city": "Rome", "line1": ""}) == {**NO_ADDRESS, "city": "Rome"}
    assert address("") is None
    assert address(None) is None


def test_billing_details_are_merged_member_by_member() -> None:
    old = billing_details({"name": "Ada", "address": {"city": "Rome", "country": "IT"}})
    new = billing_details({"name": "", "address": {"city": "Milan"}}, old)
    assert (new["name"], new["address"]["city"], new["address"]["country"]) == (None, "Milan", "IT")
    assert old["address"]["city"] == "Rome"
    assert billing_details({"address": ""}, old)["address"] == NO_ADDRESS


def test_parcels_are_tracked_and_customers_are_not() -> None:
    sent = {"name": "Ada", "address": {"line1": "1 Main St"}}
    assert "carrier" not in (shipping(sent) or {})
    assert (parcel({**sent, "carrier": "post"}) or {})["carrier"] == "post"
    assert parcel("") is None
