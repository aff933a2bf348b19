"""What a customer may do in the billing portal."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

PATH = "billing_portal/configurations"


async def test_features_are_off_unless_they_are_asked_for(stripe: Stripe) -> None:
    made = await stripe.post(
        PATH, features={"invoice_history": {"enabled": True}}, default_return_url="https://a.example"
    )
    assert (made["active"], made["is_default"]) == (True, False)
    assert made["features"]["invoice_history"] == {"enabled": True}
    assert not made["features"]["subscription_cancel"]["enabled"]
    assert await stripe.get(f"{PATH}/{made['id']}") == made
    cancel = {"enabled": True, "mode": "immediately", "cancellation_reason": {"enabled": True, "options": ["unused"]}}
    changed = await stripe.post(
        f"{PATH}/{made['id']}",
        features={"subscription_cancel": cancel},
        metadata={"a": "b"},
        business_profile={"headline": "Tea"},
        login_page={"enabled": True},
    )
    assert changed["features"]["invoice_history"] == {"enabled": True}
    assert changed["features"]["subscription_cancel"] == {**cancel, "proration_behavior": "none"}
    assert (changed["business_profile"]["headline"], changed["login_page"]["enabled"]) == ("Tea", True)
    off = await stripe.post(f"{PATH}/{made['id']}", active=False)
    assert (await stripe.get(PATH, active=False))["data"] == [off]
    assert (await stripe.get(PATH, active=True))["data"] == []
    types = await stripe.event_types()
    assert types[0] == "billing_portal.configuration.created"
    assert types.count("billing_portal.configuration.updated") == 2


async def test_the_default_one_stays(stripe: Stripe) -> None:
    customer = await stripe.customer()
    session = await stripe.post("billing_portal/sessions", customer=customer["id"])
    (own,) = (await stripe.get(PATH, is_default=True))["data"]
    assert session["configuration"] == own["id"]
    refused = await stripe.error("POST", f"{PATH}/{own['id']}", 400, active=False)
    assert refused["param"] == "active"
