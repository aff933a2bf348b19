"""Sessions that nobody paid, taken up again."""

from __future__ import annotations

from tests.clocks import HeldClock
from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe

DAY = 86_400


async def test_an_expired_session_is_opened_again(stripe: Stripe) -> None:
    tea = await price(stripe, 1500, None)
    made = await stripe.post(
        "checkout/sessions",
        mode="payment",
        success_url="https://shop.example/done",
        line_items=[{"price": tea["id"], "quantity": 2}],
        after_expiration={"recovery": {"enabled": True, "allow_promotion_codes": True}},
        client_reference_id="cart-1",
    )
    clock = stripe.harness.clock
    assert isinstance(clock, HeldClock)
    clock.advance(DAY)
    assert (await stripe.get("checkout/sessions", limit=1))["data"][0]["status"] == "expired"
    event = (await stripe.get("events", type="checkout.session.expired"))["data"][0]
    recovery = event["data"]["object"]["after_expiration"]["recovery"]
    assert recovery["expires_at"] == made["expires_at"] + 30 * DAY
    there = (await stripe.visit(recovery["url"], expect=303)).header("location") or ""
    again = (await stripe.get("checkout/sessions", limit=1))["data"][0]
    assert again["url"] == there
    assert (again["recovered_from"], again["status"], again["amount_total"]) == (made["id"], "open", 3000)
    assert (again["allow_promotion_codes"], again["client_reference_id"]) == (True, "cart-1")
    assert "$30.00" in (await stripe.visit(there)).body.decode()
    clock.advance(30 * DAY)
    assert "no longer active" in (await stripe.visit(recovery["url"])).body.decode()


async def test_a_session_that_is_set_up_again_has_an_intent_of_its_own(stripe: Stripe) -> None:
    made = await stripe.post(
        "checkout/sessions",
        mode="setup",
        currency="usd",
        success_url="https://shop.example/done",
        after_expiration={"recovery": {"enabled": True}},
    )
    gone = await stripe.post(f"checkout/sessions/{made['id']}/expire")
    await stripe.visit(gone["after_expiration"]["recovery"]["url"], expect=303)
    again = (await stripe.get("checkout/sessions", limit=1))["data"][0]
    assert again["setup_intent"] not in (None, made["setup_intent"])


async def test_a_session_that_is_not_to_be_recovered(stripe: Stripe) -> None:
    made = await stripe.post("checkout/sessions", mode="setup", currency="usd", success_url="https://shop.example/")
    await stripe.post(f"checkout/sessions/{made['id']}/expire")
    address = made["url"].replace("/c/pay/", "/c/recover/")
    assert "no longer active" in (await stripe.visit(address)).body.decode()
    await stripe.visit(address.replace(made["id"], "cs_test_none"), expect=404)
