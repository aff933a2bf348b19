"""Setup intents: https://docs.stripe.com/api/setup_intents."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_card_is_saved_for_later(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await stripe.post("setup_intents", customer=customer["id"])
    assert (made["status"], made["usage"]) == ("requires_payment_method", "off_session")
    done = await stripe.post(
        f"setup_intents/{made['id']}/confirm", payment_method="pm_card_visa", return_url="https://shop.example"
    )
    assert done["status"] == "succeeded"
    assert (await stripe.get(f"payment_methods/{done['payment_method']}"))["customer"] == customer["id"]
    attempts = await stripe.get("setup_attempts", setup_intent=made["id"])
    assert [attempt["status"] for attempt in attempts["data"]] == ["succeeded"]
    assert (await stripe.event_types())[1:] == [
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]
    error = await stripe.error("POST", f"setup_intents/{made['id']}/confirm", 400)
    assert error["code"] == "setup_intent_unexpected_state"


async def test_declines_and_authentication(stripe: Stripe) -> None:
    asked = {"confirm": True, "return_url": "https://shop.example"}
    error = await stripe.error("POST", "setup_intents", 402, payment_method="pm_card_chargeDeclined", **asked)
    assert error["setup_intent"]["status"] == "requires_payment_method"
    assert error["setup_intent"]["last_setup_error"]["code"] == "card_declined"
    waiting = await stripe.post("setup_intents", payment_method="pm_card_authenticationRequired", **asked)
    assert waiting["status"] == "requires_action"
    canceled = await stripe.post(f"setup_intents/{waiting['id']}/cancel", cancellation_reason="abandoned")
    assert (canceled["status"], canceled["next_action"]) == ("canceled", None)


async def test_a_failed_attempt_says_what_it_failed_of(stripe: Stripe) -> None:
    made = await stripe.post("setup_intents", automatic_payment_methods={"enabled": True, "allow_redirects": "never"})
    await stripe.error("POST", f"setup_intents/{made['id']}/confirm", 402, payment_method="pm_card_chargeDeclined")
    (attempt,) = (await stripe.get("setup_attempts", setup_intent=made["id"]))["data"]
    assert (attempt["status"], attempt["setup_error"]["code"]) == ("failed", "card_declined")
    last = (await stripe.get(f"setup_intents/{made['id']}"))["last_setup_error"]
    assert attempt["setup_error"] == last
