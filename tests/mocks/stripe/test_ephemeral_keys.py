"""Ephemeral keys and customer sessions."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_key_of_a_customer(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await stripe.post("ephemeral_keys", customer=customer["id"], headers={"stripe-version": "2026-10-28.endive"})
    assert made["secret"].startswith("ek_test_")
    assert made["associated_objects"] == [{"id": customer["id"], "type": "customer"}]
    assert made["expires"] == made["created"] + 3600
    gone = await stripe.delete(f"ephemeral_keys/{made['id']}")
    assert gone["id"] == made["id"]
    assert "secret" not in gone
    await stripe.delete(f"ephemeral_keys/{made['id']}", expect=404)


async def test_a_key_needs_a_version_and_an_owner(stripe: Stripe) -> None:
    customer = await stripe.customer()
    await stripe.error("POST", "ephemeral_keys", 400, customer=customer["id"])
    version = {"stripe-version": "2026-10-28.endive"}
    assert (await stripe.post("ephemeral_keys", expect=400, headers=version))["error"]["code"] == "parameter_missing"
    answer = await stripe.post("ephemeral_keys", expect=400, headers=version, customer="cus_nobody")
    assert answer["error"]["param"] == "customer"


async def test_a_session_tells_what_a_page_may_show(stripe: Stripe) -> None:
    customer = await stripe.customer()
    features = {"payment_method_save": "enabled", "payment_method_remove": "enabled"}
    made = await stripe.post(
        "customer_sessions",
        customer=customer["id"],
        components={"payment_element": {"enabled": True, "features": features}},
    )
    element = made["components"]["payment_element"]
    assert element["features"]["payment_method_save"] == "enabled"
    assert element["features"]["payment_method_redisplay"] == "disabled"
    assert made["components"]["pricing_table"] == {"enabled": False}
    assert (await stripe.get(f"customers/{customer['id']}"))["id"] == made["customer"]
    error = await stripe.error(
        "POST", "customer_sessions", 400, customer=customer["id"], components={"pricing_table": {"enabled": False}}
    )
    assert error["param"] == "components"
