"""The page of a checkout session."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.clocks import HeldClock
from tests.mocks.stripe import connect
from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe

BACK = "https://shop.example/done?session={CHECKOUT_SESSION_ID}"
CARD = {
    "email": "ada@example.com",
    "cardNumber": "4242 4242 4242 4242",
    "cardExpiry": "12 / 44",
    "cardCvc": "123",
    "billingName": "Ada Lovelace",
    "billingCountry": "GB",
    "billingPostalCode": "N1 7AA",
}


def paying(number: str) -> Mapping[str, str]:
    return {**CARD, "cardNumber": number}


async def opened(stripe: Stripe, mode: str = "payment", **more: Any) -> Any:
    """A session for one thing of 15 dollars, or of 20 a month."""
    if mode != "setup" and "line_items" not in more:
        thing = await (price(stripe) if mode == "subscription" else price(stripe, 1500, None))
        more["line_items"] = [{"price": thing["id"], "quantity": 1}]
    return await stripe.post(
        "checkout/sessions", mode=mode, success_url=BACK, cancel_url="https://shop.example/cart", **more
    )


async def again(stripe: Stripe, session: Any) -> Any:
    return await stripe.get(f"checkout/sessions/{session['id']}")


async def test_the_page_shows_what_is_bought(stripe: Stripe) -> None:
    made = await opened(stripe)
    page = (await stripe.visit(made["url"])).body.decode()
    assert "$15.00" in page
    assert "Tea" in page
    assert 'href="https://shop.example/cart"' in page
    assert "<script" not in page
    for name in CARD:
        assert f'name="{name}"' in page


async def test_a_payment_by_card(stripe: Stripe) -> None:
    made = await opened(stripe, metadata={"order": "1"}, payment_intent_data={"metadata": {"order": "2"}})
    before = len(await stripe.event_types())
    gone = await stripe.visit(made["url"], CARD)
    assert gone.header("location") == f"https://shop.example/done?session={made['id']}"
    done = await again(stripe, made)
    assert (done["status"], done["payment_status"], done["url"]) == ("complete", "paid", None)
    assert done["customer_details"]["email"] == "ada@example.com"
    assert done["customer_details"]["address"]["postal_code"] == "N1 7AA"
    assert (done["customer"], done["metadata"]) == (None, {"order": "1"})
    intent = await stripe.get(f"payment_intents/{done['payment_intent']}", expand=["latest_charge"])
    assert (intent["status"], intent["amount"], intent["metadata"]) == ("succeeded", 1500, {"order": "2"})
    assert intent["latest_charge"]["billing_details"]["name"] == "Ada Lovelace"
    assert (await stripe.event_types())[before:] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "checkout.session.completed",
    ]
    event = (await stripe.get("events", type="checkout.session.completed"))["data"][0]
    assert event["request"] == {"id": None, "idempotency_key": None}
    assert "already been completed" in (await stripe.visit(made["url"] or "", expect=200)).body.decode()


async def test_a_declined_card_can_be_replaced(stripe: Stripe) -> None:
    made = await opened(stripe, customer_creation="always")
    refused = await stripe.visit(made["url"], paying("4000000000000002"), expect=402)
    assert "Your card was declined." in refused.body.decode()
    assert 'value="Ada Lovelace"' in refused.body.decode()
    assert "4000000000000002" not in refused.body.decode()
    still = await again(stripe, made)
    assert (still["status"], still["payment_status"]) == ("open", "unpaid")
    tried = await stripe.get(f"payment_intents/{still['payment_intent']}")
    assert tried["status"] == "requires_payment_method"
    await stripe.visit(made["url"], CARD)
    done = await again(stripe, made)
    assert (done["status"], done["payment_intent"]) == ("complete", tried["id"])
    assert (await stripe.get(f"customers/{done['customer']}"))["email"] == "ada@example.com"
    assert len((await stripe.get("customers"))["data"]) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("cardNumber", "4242424242424241", "card number is incorrect"),
        ("cardNumber", "", "card number is incomplete"),
        ("cardExpiry", "12", "expiration date is incomplete"),
        ("cardExpiry", "13 / 44", "expiration month is invalid"),
        ("cardCvc", "", "security code is incomplete"),
        ("cardCvc", "12x", "security code is invalid"),
    ],
)
async def test_a_card_that_is_none(stripe: Stripe, field: str, value: str, words: str) -> None:
    made = await opened(stripe)
    before = stripe.records()
    form = {**CARD, field: value}
    response = await stripe.harness.visit("POST", f"/c/pay/{made['id']}", form=form)
    assert response.status in (400, 402)
    assert words in response.body.decode().replace("&#x27;", "'")
    assert stripe.records() == before


async def test_the_bank_asks(stripe: Stripe) -> None:
    made = await opened(stripe)
    there = (await stripe.visit(made["url"], paying("4000002760003184"))).header("location")
    assert there == f"{made['url']}/bank"
    assert (await stripe.visit(made["url"], expect=303)).header("location") == there
    assert "3D Secure" in (await stripe.visit(there)).body.decode()
    failed = await stripe.visit(there, {"outcome": "fail"}, expect=402)
    assert "unable to authenticate" in failed.body.decode()
    tried = await stripe.get(f"payment_intents/{(await again(stripe, made))['payment_intent']}")
    assert tried["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    await stripe.visit(made["url"], paying("4000002760003184"))
    home = await stripe.visit(there, {"outcome": "complete"})
    assert home.header("location") == f"https://shop.example/done?session={made['id']}"
    assert (await again(stripe, made))["payment_status"] == "paid"


async def test_a_subscription(stripe: Stripe) -> None:
    tea = {"currency": "usd", "unit_amount": 700, "recurring": {"interval": "month"}, "product_data": {"name": "Tea"}}
    cup = {"currency": "usd", "unit_amount": 300, "product_data": {"name": "Cup"}}
    made = await opened(
        stripe,
        "subscription",
        line_items=[{"price_data": tea, "quantity": 2}, {"price_data": cup, "quantity": 1}],
        subscription_data={"metadata": {"plan": "tea"}},
    )
    assert made["amount_total"] == 1700
    assert "per month" in (await stripe.visit(made["url"])).body.decode()
    await stripe.visit(made["url"], CARD)
    done = await again(stripe, made)
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    begun = await stripe.get(f"subscriptions/{done['subscription']}")
    assert (begun["status"], begun["metadata"]) == ("active", {"plan": "tea"})
    assert (begun["customer"], begun["latest_invoice"]) == (done["customer"], done["invoice"])
    assert (await stripe.get(f"invoices/{done['invoice']}"))["amount_paid"] == 1700
    types = await stripe.event_types()
    assert types[-1] == "checkout.session.completed"
    assert types.index("customer.created") < types.index("payment_method.attached")


async def test_a_declined_subscription_leaves_nothing(stripe: Stripe) -> None:
    made = await opened(stripe, "subscription")
    before = stripe.records()
    for number in ("4000000000000002", "4000000000000341"):
        assert "declined" in (await stripe.visit(made["url"], paying(number), expect=402)).body.decode()
        assert stripe.records() == before
    await stripe.visit(made["url"], paying("4000000000003220"))
    await stripe.visit(f"{made['url']}/bank", {"outcome": "complete"})
    assert (await again(stripe, made))["status"] == "complete"


async def test_a_trial_is_free_at_first(stripe: Stripe) -> None:
    made = await opened(stripe, "subscription", subscription_data={"trial_period_days": 7})
    assert made["amount_total"] == 0
    await stripe.visit(made["url"], CARD)
    done = await again(stripe, made)
    assert done["payment_status"] == "no_payment_required"
    assert (await stripe.get(f"subscriptions/{done['subscription']}"))["status"] == "trialing"


async def test_a_card_is_saved(stripe: Stripe) -> None:
    customer = await stripe.customer(email="ada@example.com")
    made = await opened(stripe, "setup", customer=customer["id"], currency="usd")
    page = (await stripe.visit(made["url"])).body.decode()
    assert "Save card" in page
    assert 'name="email"' not in page
    await stripe.visit(made["url"], CARD)
    intent = await stripe.get(f"setup_intents/{(await again(stripe, made))['setup_intent']}")
    assert intent["status"] == "succeeded"
    saved = await stripe.get(f"payment_methods/{intent['payment_method']}")
    assert (saved["customer"], saved["card"]["last4"]) == (customer["id"], "4242")


async def test_what_a_customer_chooses(stripe: Stripe) -> None:
    once = await price(stripe, 1500, None)
    rates = [
        {"shipping_rate_data": {"display_name": name, "fixed_amount": {"amount": cost, "currency": "usd"}}}
        for name, cost in (("Slow", 0), ("Fast", 500))
    ]
    made = await opened(
        stripe,
        line_items=[{"price": once["id"], "quantity": 1, "adjustable_quantity": {"enabled": True, "maximum": 5}}],
        shipping_options=rates,
        custom_fields=[{"key": "gift", "label": {"type": "custom", "custom": "Engraving"}, "type": "text"}],
        consent_collection={"terms_of_service": "required"},
    )
    page = (await stripe.visit(made["url"])).body.decode()
    item = re.findall(r'name="(quantity\[li_\w+\])"', page)[0]
    chosen = {item: "3", "shippingOption": made["shipping_options"][1]["shipping_rate"], "custom[gift]": "For Ada"}
    await stripe.visit(made["url"], {**CARD, **chosen, "termsOfServiceConsentCheckbox": "1"})
    done = await again(stripe, made)
    assert (done["amount_subtotal"], done["amount_total"]) == (4500, 5000)
    assert done["custom_fields"][0]["text"]["value"] == "For Ada"
    assert done["consent"]["terms_of_service"] == "accepted"
    assert (await stripe.get(f"payment_intents/{done['payment_intent']}"))["amount"] == 5000
    over = await opened(stripe, line_items=[{"price": once["id"], "adjustable_quantity": {"enabled": True}}])
    item = re.findall(r'name="(quantity\[li_\w+\])"', (await stripe.visit(over["url"])).body.decode())[0]
    assert "not on offer" in (await stripe.visit(over["url"], {**CARD, item: "100"}, expect=400)).body.decode()


async def test_one_that_nobody_paid_in_time(stripe: Stripe) -> None:
    made = await opened(stripe)
    assert isinstance(stripe.harness.clock, HeldClock)
    stripe.harness.clock.advance(86_400)
    assert "timed out" in (await stripe.visit(made["url"])).body.decode()
    assert (await again(stripe, made))["status"] == "expired"
    assert (await stripe.event_types())[-1] == "checkout.session.expired"
    assert "timed out" in (await stripe.visit(made["url"], CARD, expect=200)).body.decode()


async def test_an_unknown_one(stripe: Stripe) -> None:
    missing = await stripe.visit("/e/pr-1/stripe/c/pay/cs_test_nobodyknowsthis", expect=404)
    assert "could not be found" in missing.body.decode()
    assert stripe.harness.missed == ["cs_test_nobodyknowsthis"]


async def test_what_callers_say_is_text(stripe: Stripe) -> None:
    tea = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "<b onclick=x>Tea</b>"}}
    made = await opened(stripe, line_items=[{"price_data": tea}])
    page = await stripe.visit(made["url"], {**CARD, "billingName": '"><i>', "cardNumber": "1"}, expect=402)
    assert "<b onclick" not in page.body.decode()
    assert '"><i>' not in page.body.decode()
    assert "default-src 'none'" in (page.header("content-security-policy") or "")


async def test_a_promotion_code(stripe: Stripe) -> None:
    coupon = await stripe.post("coupons", percent_off=20, duration="once")
    code = await stripe.post(
        "promotion_codes", promotion={"type": "coupon", "coupon": coupon["id"]}, code="SPRING", max_redemptions=1
    )
    made = await opened(stripe, allow_promotion_codes=True)
    wrong = await stripe.visit(made["url"], {**CARD, "promotionCode": "AUTUMN"}, expect=400)
    assert "This code is invalid." in wrong.body.decode()
    await stripe.visit(made["url"], {**CARD, "promotionCode": "spring"})
    done = await again(stripe, made)
    assert (done["amount_subtotal"], done["amount_total"]) == (1500, 1200)
    assert done["discounts"] == [{"coupon": None, "promotion_code": code["id"]}]
    assert (await stripe.get(f"payment_intents/{done['payment_intent']}"))["amount"] == 1200
    assert (await stripe.get(f"promotion_codes/{code['id']}"))["times_redeemed"] == 1
    assert not (await stripe.get(f"promotion_codes/{code['id']}"))["active"]
    other = await opened(stripe, allow_promotion_codes=True)
    await stripe.visit(other["url"], {**CARD, "promotionCode": "SPRING"}, expect=400)


async def test_a_session_of_a_connected_account(stripe: Stripe) -> None:
    there = connect.on((await connect.account(stripe))["id"])
    tea = {"currency": "usd", "unit_amount": 1500, "product_data": {"name": "Tea"}}
    made = await opened(stripe, line_items=[{"price_data": tea, "quantity": 1}], headers=there)
    bank = (await stripe.visit(made["url"], paying("4000002760003184"))).header("location") or ""
    await stripe.visit(bank, {"outcome": "complete"})
    done = await stripe.get(f"checkout/sessions/{made['id']}", headers=there)
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    assert (await stripe.get("payment_intents"))["data"] == []
    assert await connect.pending(stripe, there["stripe-account"]) > 0
    event = (await stripe.get("events", type="checkout.session.completed", headers=there))["data"][0]
    assert event["account"] == there["stripe-account"]
