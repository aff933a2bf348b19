"""Payment links: https://docs.stripe.com/api/payment-links/payment-links."""

from __future__ import annotations

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe


async def test_a_link_and_what_it_sells(stripe: Stripe) -> None:
    once = await price(stripe, 1500, None)
    made = await stripe.post("payment_links", line_items=[{"price": once["id"], "quantity": 2}], metadata={"a": "b"})
    assert (made["active"], made["currency"], made["customer_creation"]) == (True, "usd", "if_required")
    assert made["after_completion"] == {"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"}
    path = f"payment_links/{made['id']}"
    assert await stripe.get(path) == made
    shown = await stripe.get(path, expand=["line_items"])
    assert shown["line_items"] == await stripe.get(f"{path}/line_items")
    (item,) = shown["line_items"]["data"]
    assert (item["amount_total"], item["quantity"]) == (3000, 2)
    await stripe.post(path, line_items=[{"id": item["id"], "quantity": 1}])
    assert (await stripe.get(f"{path}/line_items"))["data"][0]["amount_total"] == 1500
    changed = await stripe.post(path, active=False, metadata={"a": "c"}, inactive_message="Sold out")
    assert (changed["active"], changed["metadata"], changed["inactive_message"]) == (False, {"a": "c"}, "Sold out")
    assert (await stripe.get("payment_links", active=True))["data"] == []
    assert (await stripe.get("payment_links", active=False))["data"] == [changed]
    assert [each for each in await stripe.event_types() if "link" in each] == [
        "payment_link.created",
        "payment_link.updated",
    ]


async def test_what_a_link_must_not_be_asked_for(stripe: Stripe) -> None:
    once = await price(stripe, 1500, None)
    items = [{"price": once["id"], "quantity": 1}]
    refused = await stripe.error(
        "POST", "payment_links", 400, line_items=items, subscription_data={"trial_period_days": 3}
    )
    assert refused["param"] == "subscription_data"
    nowhere = await stripe.error("POST", "payment_links", 400, line_items=items, after_completion={"type": "redirect"})
    assert nowhere["param"] == "after_completion[redirect]"
    made = await stripe.post("payment_links", line_items=items)
    unknown = await stripe.error(
        "POST", f"payment_links/{made['id']}", 400, line_items=[{"id": "li_none", "quantity": 2}]
    )
    assert unknown["code"] == "resource_missing"
    assert (await stripe.error("GET", "payment_links/plink_none", 404))["code"] == "resource_missing"


async def test_names_and_texts_are_asked_for_and_cleared(stripe: Stripe) -> None:
    bought = await price(stripe, 700, None)
    items = [{"price": bought["id"], "quantity": 1}]
    link = await stripe.post("payment_links", line_items=items, name_collection={"business": {"enabled": True}})
    assert link["name_collection"] == {"business": {"enabled": True, "optional": False}}
    path = f"payment_links/{link['id']}"
    told = await stripe.post(path, custom_text={"submit": {"message": "Thanks"}}, name_collection="")
    assert (told["name_collection"], told["custom_text"]["submit"]) == (None, {"message": "Thanks"})
    assert (await stripe.post(path, custom_text={"submit": ""}))["custom_text"]["submit"] is None


async def test_the_way_back_is_an_address(stripe: Stripe) -> None:
    thing = await price(stripe, 1500, None)
    after = {"type": "redirect", "redirect": {"url": "javascript:alert(1)"}}
    items = [{"price": thing["id"], "quantity": 1}]
    error = await stripe.error("POST", "payment_links", 400, line_items=items, after_completion=after)
    assert (error["code"], error["param"]) == ("url_invalid", "after_completion[redirect][url]")
