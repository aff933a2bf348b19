"""The page that an intent's next action leads to."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe import connect
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def _waiting(stripe: Stripe, method: str = "pm_card_threeDSecure2Required", **more: Any) -> tuple[Any, str]:
    intent = await stripe.pay(method, **more)
    action = intent["next_action"]
    return intent, str((action.get("redirect_to_url") or {}).get("url") or action["use_stripe_sdk"]["stripe_js"])


async def test_the_bank_says_yes(stripe: Stripe) -> None:
    intent, there = await _waiting(stripe, return_url="https://shop.example/back?order=1")
    assert "$20.00" in (await stripe.visit(there)).body.decode()
    home = (await stripe.visit(there, {"outcome": "complete"})).header("location")
    assert home == (
        f"https://shop.example/back?order=1&payment_intent={intent['id']}"
        f"&payment_intent_client_secret={intent['client_secret']}&redirect_status=succeeded"
    )
    done = await stripe.get(f"payment_intents/{intent['id']}")
    assert (done["status"], done["next_action"], done["amount_received"]) == ("succeeded", None, 2000)
    assert (await stripe.event_types())[-3:] == ["charge.succeeded", "payment_intent.succeeded", "charge.updated"]
    assert "is over" in (await stripe.visit(there)).body.decode()
    assert "is over" in (await stripe.visit(there, {"outcome": "fail"}, expect=200)).body.decode()


async def test_the_bank_says_no(stripe: Stripe) -> None:
    intent, there = await _waiting(stripe)
    home = (await stripe.visit(there, {"outcome": "fail"})).header("location") or ""
    assert home.endswith("redirect_status=failed")
    failed = await stripe.get(f"payment_intents/{intent['id']}")
    assert (failed["status"], failed["payment_method"]) == ("requires_payment_method", None)
    assert failed["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert (await stripe.event_types())[-1] == "payment_intent.payment_failed"


async def test_a_decline_after_all(stripe: Stripe) -> None:
    intent, there = await _waiting(stripe, "pm_card_threeDSecureRequiredChargeDeclined")
    home = (await stripe.visit(there, {"outcome": "complete"})).header("location") or ""
    assert home.endswith("redirect_status=failed")
    failed = await stripe.get(f"payment_intents/{intent['id']}")
    assert failed["last_payment_error"]["code"] == "card_declined"


async def test_without_a_way_back(stripe: Stripe) -> None:
    intent, there = await _waiting(stripe, use_stripe_sdk=True)
    closing = await stripe.visit(there, {"outcome": "complete"}, expect=200)
    assert "has succeeded" in closing.body.decode()
    assert (await stripe.get(f"payment_intents/{intent['id']}"))["status"] == "succeeded"


async def test_a_setup(stripe: Stripe) -> None:
    asked = {"payment_method": "pm_card_threeDSecure2Required", "confirm": True, "return_url": "https://shop.example/"}
    for outcome, status in (("complete", "succeeded"), ("fail", "requires_payment_method")):
        intent = await stripe.post("setup_intents", **asked)
        there = intent["next_action"]["redirect_to_url"]["url"]
        home = (await stripe.visit(there, {"outcome": outcome})).header("location") or ""
        assert f"setup_intent={intent['id']}" in home
        assert (await stripe.get(f"setup_intents/{intent['id']}"))["status"] == status


async def test_the_secret_lets_people_in(stripe: Stripe) -> None:
    _, there = await _waiting(stripe)
    assert (await stripe.visit(there[:-1], expect=404)).status == 404
    assert (await stripe.visit(there.partition("?")[0], {"outcome": "complete"}, expect=404)).status == 404


async def test_the_first_payment_of_a_subscription(stripe: Stripe) -> None:
    customer = await payer(stripe, "pm_card_authenticationRequired")
    begun = await subscribed(stripe, customer, await price(stripe), expand=["latest_invoice.payments"])
    assert begun["status"] == "incomplete"
    payment = begun["latest_invoice"]["payments"]["data"][0]["payment"]
    intent = await stripe.get(f"payment_intents/{payment['payment_intent']}")
    there = intent["next_action"]["use_stripe_sdk"]["stripe_js"]
    await stripe.visit(there, {"outcome": "complete"}, expect=200)
    assert (await stripe.get(f"subscriptions/{begun['id']}"))["status"] == "active"
    assert (await stripe.get(f"invoices/{begun['latest_invoice']['id']}"))["status"] == "paid"


async def test_the_page_of_a_connected_accounts_payment(stripe: Stripe) -> None:
    there = connect.on((await connect.account(stripe))["id"])
    intent, address = await _waiting(stripe, headers=there)
    assert f"merchant={there['stripe-account']}" in address
    await stripe.visit(address.replace("merchant=", "stranger="), expect=404)
    await stripe.visit(address, {"outcome": "complete"})
    assert (await stripe.get(f"payment_intents/{intent['id']}", headers=there))["status"] == "succeeded"
    event = (await stripe.get("events", type="payment_intent.succeeded", headers=there))["data"][0]
    assert event["account"] == there["stripe-account"]
