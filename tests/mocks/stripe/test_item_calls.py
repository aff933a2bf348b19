"""A subscription's items by themselves: https://docs.stripe.com/api/subscription_items."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_items_and_their_subscription_change_together(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    path, first = f"subscriptions/{made['id']}", made["items"]["data"][0]
    more = await stripe.post(f"subscription_items/{first['id']}", quantity=5, metadata={"a": "b"})
    assert (more["quantity"], more["metadata"]) == (5, {"a": "b"})
    assert (await stripe.get(path))["items"]["data"] == [more]
    assert (await stripe.get(path))["quantity"] == 5
    other = await price(stripe, 300)
    added = await stripe.post("subscription_items", subscription=made["id"], price=other["id"], quantity=2)
    assert (await stripe.get(path))["items"]["data"] == [more, added]
    listed = await stripe.get("subscription_items", subscription=made["id"])
    assert [each["id"] for each in listed["data"]] == [added["id"], first["id"]]
    gone = await stripe.delete(f"subscription_items/{first['id']}")
    assert gone == {"id": first["id"], "object": "subscription_item", "deleted": True}
    assert (await stripe.get(path))["items"]["data"] == [added]
    await stripe.error("GET", f"subscription_items/{first['id']}", 404)
    assert (await stripe.event_types()).count("customer.subscription.updated") == 3


async def test_refusals(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    item = made["items"]["data"][0]["id"]
    unknown = await stripe.error("POST", f"subscription_items/{item}", 400, price="price_none")
    assert (unknown["code"], unknown["param"]) == ("resource_missing", "price")
    assert (await stripe.error("DELETE", f"subscription_items/{item}", 400))["param"] == "items"
    lost = await stripe.error("POST", "subscription_items", 400, subscription="sub_none", price="price_none")
    assert lost["param"] == "subscription"
    await stripe.delete(f"subscriptions/{made['id']}")
    assert "canceled" in (await stripe.error("POST", f"subscription_items/{item}", 400, quantity=2))["message"]
