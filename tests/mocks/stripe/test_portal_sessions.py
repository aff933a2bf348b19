"""A customer's visits of the billing portal."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe

PATH = "billing_portal/sessions"


async def test_a_session(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await stripe.post(PATH, customer=customer["id"], return_url="https://shop.example/account")
    assert (made["customer"], made["return_url"]) == (customer["id"], "https://shop.example/account")
    assert made["url"].endswith(f"/p/session/{made['id']}")
    assert made["flow"] is None
    expanded = await stripe.post(PATH, customer=customer["id"], expand=["configuration"])
    assert expanded["configuration"]["is_default"]
    assert (await stripe.event_types())[-1] == "billing_portal.session.created"


async def test_a_session_for_one_thing(stripe: Stripe) -> None:
    customer = await payer(stripe)
    begun = await subscribed(stripe, customer, await price(stripe))
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": begun["id"]}}
    made = await stripe.post(PATH, customer=customer["id"], flow_data=flow)
    assert made["flow"]["subscription_cancel"]["subscription"] == begun["id"]
    assert made["flow"]["after_completion"]["type"] == "portal_homepage"
    other = await stripe.customer()
    foreign = await stripe.error("POST", PATH, 400, customer=other["id"], flow_data=flow)
    assert foreign["param"] == "flow_data[subscription_cancel][subscription]"
    bare = await stripe.error("POST", PATH, 400, customer=customer["id"], flow_data={"type": "subscription_cancel"})
    assert bare["param"] == "flow_data[subscription_cancel]"
    off = await stripe.error("POST", PATH, 400, customer=customer["id"], flow_data={
        "type": "subscription_update", "subscription_update": {"subscription": begun["id"]}})  # fmt: skip
    assert off["param"] == "flow_data[type]"


async def test_what_a_session_needs(stripe: Stripe) -> None:
    assert (await stripe.error("POST", PATH, 400))["param"] == "customer"
    assert (await stripe.error("POST", PATH, 400, customer="cus_none"))["code"] == "resource_missing"
    customer = await stripe.customer()
    unknown = await stripe.error("POST", PATH, 400, customer=customer["id"], configuration="bpc_none")
    assert unknown["param"] == "configuration"


async def test_ways_back_are_addresses(stripe: Stripe) -> None:
    customer = await stripe.customer()
    for bad in ("javascript:alert(1)", "shop", "data:text/html,x"):
        error = await stripe.error("POST", "billing_portal/sessions", 400, customer=customer["id"], return_url=bad)
        assert (error["code"], error["param"]) == ("url_invalid", "return_url")
        rules: dict[str, Any] = {"features": {"invoice_history": {"enabled": True}}, "default_return_url": bad}
        error = await stripe.error("POST", "billing_portal/configurations", 400, **rules)
        assert (error["code"], error["param"]) == ("url_invalid", "default_return_url")
