"""Radar's value lists: https://docs.stripe.com/api/radar/value_lists."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_list_and_its_items(stripe: Stripe) -> None:
    made = await stripe.post("radar/value_lists", alias="trusted", name="Trusted", item_type="email")
    item = await stripe.post("radar/value_list_items", value_list=made["id"], value="Ada@example.com")
    assert item["value"] == "ada@example.com"
    shown = await stripe.get(f"radar/value_lists/{made['id']}")
    assert [each["id"] for each in shown["list_items"]["data"]] == [item["id"]]
    listed = await stripe.get("radar/value_list_items", value_list=made["id"], value="ada@example.com")
    assert [each["id"] for each in listed["data"]] == [item["id"]]
    assert (await stripe.get("radar/value_lists", contains="ada@example.com"))["data"][0]["id"] == made["id"]
    assert (await stripe.get("radar/value_lists", contains="bob@example.com"))["data"] == []
    assert (await stripe.delete(f"radar/value_list_items/{item['id']}"))["deleted"] is True
    await stripe.get(f"radar/value_list_items/{item['id']}", expect=404)


async def test_a_list_goes_with_its_items(stripe: Stripe) -> None:
    made = await stripe.post("radar/value_lists", alias="blocked", name="Blocked")
    item = await stripe.post("radar/value_list_items", value_list=made["id"], value="x")
    assert (await stripe.post(f"radar/value_lists/{made['id']}", name="Out", alias="out"))["name"] == "Out"
    assert (await stripe.get("radar/value_lists", alias="out"))["data"][0]["id"] == made["id"]
    assert (await stripe.delete(f"radar/value_lists/{made['id']}"))["deleted"] is True
    await stripe.get(f"radar/value_list_items/{item['id']}", expect=404)


async def test_aliases_and_values_are_had_once(stripe: Stripe) -> None:
    made = await stripe.post("radar/value_lists", alias="cards", name="Cards", item_type="card_bin")
    assert (await stripe.error("POST", "radar/value_lists", 400, alias="cards", name="Again"))["param"] == "alias"
    await stripe.post("radar/value_list_items", value_list=made["id"], value="424242")
    for value in ("424242", "four"):
        error = await stripe.error("POST", "radar/value_list_items", 400, value_list=made["id"], value=value)
        assert error["param"] == "value"
