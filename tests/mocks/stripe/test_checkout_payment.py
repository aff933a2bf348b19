"""What a customer's submission comes to, beyond what the page's tests see."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD, again, opened, paying


async def test_a_free_order_asks_for_no_card(stripe: Stripe) -> None:
    coupon = await stripe.post("coupons", percent_off=100, duration="once")
    made = await opened(stripe, discounts=[{"coupon": coupon["id"]}])
    assert 'name="cardNumber"' not in (await stripe.visit(made["url"])).body.decode()
    await stripe.visit(made["url"], {"email": "ada@example.com"})
    done = await again(stripe, made)
    assert (done["payment_status"], done["payment_intent"]) == ("no_payment_required", None)


async def test_a_hold_is_not_paid_yet(stripe: Stripe) -> None:
    made = await opened(stripe, payment_intent_data={"capture_method": "manual", "description": "Tea for two"})
    await stripe.visit(made["url"], CARD)
    done = await again(stripe, made)
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    intent = await stripe.get(f"payment_intents/{done['payment_intent']}")
    assert (intent["status"], intent["description"]) == ("requires_capture", "Tea for two")


async def test_a_card_that_is_kept_makes_a_customer(stripe: Stripe) -> None:
    made = await opened(stripe, payment_intent_data={"setup_future_usage": "off_session"})
    await stripe.visit(made["url"], CARD)
    done = await again(stripe, made)
    kept = await stripe.get("payment_methods", customer=done["customer"], type="card")
    assert [each["card"]["last4"] for each in kept["data"]] == ["4242"]


async def test_a_card_that_the_bank_knows_can_still_be_declined(stripe: Stripe) -> None:
    made = await opened(stripe)
    await stripe.visit(made["url"], paying("4000008400001629"))
    refused = await stripe.visit(f"{made['url']}/bank", {"outcome": "complete"}, expect=402)
    assert "declined" in refused.body.decode()
    subscribed = await opened(stripe, "subscription")
    await stripe.visit(subscribed["url"], paying("4000008400001629"))
    await stripe.visit(f"{subscribed['url']}/bank", {"outcome": "complete"}, expect=402)
    assert 'name="cardNumber"' in (await stripe.visit(subscribed["url"])).body.decode()
    assert (await stripe.get("subscriptions"))["data"] == []


async def test_saved_with_3d_secure(stripe: Stripe) -> None:
    made = await opened(stripe, "setup", currency="usd", customer_creation="always")
    await stripe.visit(made["url"], paying("4000002500003155"))
    await stripe.visit(f"{made['url']}/bank", {"outcome": "complete"})
    done = await again(stripe, made)
    intent = await stripe.get(f"setup_intents/{done['setup_intent']}")
    assert (intent["status"], intent["customer"]) == ("succeeded", done["customer"])


async def test_nobody_waits_at_the_bank(stripe: Stripe) -> None:
    made = await opened(stripe)
    refused = await stripe.visit(f"{made['url']}/bank", {"outcome": "complete"}, expect=400)
    assert "does not wait" in refused.body.decode()
    assert 'name="cardNumber"' in (await stripe.visit(f"{made['url']}/bank")).body.decode()


async def test_a_subscription_at_a_discount(stripe: Stripe) -> None:
    coupon = await stripe.post("coupons", percent_off=25, duration="once")
    made = await opened(stripe, "subscription", discounts=[{"coupon": coupon["id"]}])
    assert made["amount_total"] == 1500
    await stripe.visit(made["url"], CARD)
    invoice = await stripe.get(f"invoices/{(await again(stripe, made))['invoice']}")
    assert (invoice["amount_paid"], invoice["subtotal"]) == (1500, 2000)
    assert (await stripe.get(f"coupons/{coupon['id']}"))["times_redeemed"] == 1
