"""Money that is held: captured at once or bit by bit, raised, and let go by time. https://docs.stripe.com/payments/multicapture,
/payments/incremental-authorization, /payments/overcapture, /payments/extended-authorization."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.stripe.client import Stripe

DAY = 86_400


async def _held(stripe: Stripe, *features: str, **params: Any) -> Any:
    asked = {f"request_{name}": "if_available" for name in features}
    return await stripe.pay(capture_method="manual", payment_method_options={"card": asked}, **params)


async def _charge(stripe: Stripe, intent: Any) -> Any:
    return await stripe.get(f"charges/{intent['latest_charge']}")


async def _available(stripe: Stripe) -> int:
    held = await stripe.get("balance")
    return int(held["available"][0]["amount"]) + int(held["pending"][0]["amount"])


async def test_bit_by_bit(stripe: Stripe) -> None:
    held = await _held(stripe, "multicapture")
    charge = await _charge(stripe, held)
    assert charge["payment_method_details"]["card"]["multicapture"] == {"status": "available"}
    path = f"payment_intents/{held['id']}/capture"
    first = await stripe.post(path, amount_to_capture=700, final_capture=False)
    assert (first["status"], first["amount_capturable"], first["amount_received"]) == ("requires_capture", 1300, 700)
    charge = await _charge(stripe, held)
    assert (charge["captured"], charge["amount_captured"], charge["amount_refunded"]) == (False, 700, 0)
    second = await stripe.post(path, amount_to_capture=500, final_capture=False)
    assert (second["amount_capturable"], second["amount_received"]) == (800, 1200)
    too_much = await stripe.error("POST", path, 400, amount_to_capture=801)
    assert too_much["code"] == "amount_too_large"
    last = await stripe.post(path, amount_to_capture=300)
    assert (last["status"], last["amount_capturable"], last["amount_received"]) == ("succeeded", 0, 1500)
    charge = await _charge(stripe, held)
    assert (charge["captured"], charge["amount_captured"], charge["amount_refunded"]) == (True, 1500, 500)
    moved = (await stripe.get("balance_transactions", source=charge["id"]))["data"]
    assert [each["amount"] for each in moved] == [300, 500, 700]
    assert charge["balance_transaction"] == moved[0]["id"]
    assert await _available(stripe) == sum(each["net"] for each in moved)
    assert await stripe.event_types() == [
        "payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated",
        "charge.updated", "payment_intent.amount_capturable_updated",
        "charge.updated", "payment_intent.amount_capturable_updated",
        "charge.updated", "charge.captured", "payment_intent.succeeded",
    ]  # fmt: skip


async def test_what_a_capture_changed_is_told(stripe: Stripe) -> None:
    held = await _held(stripe, "multicapture")
    await stripe.post(f"payment_intents/{held['id']}/capture", amount_to_capture=700, final_capture=False)
    told = (await stripe.get("events", type="charge.updated"))["data"][0]["data"]
    assert told["previous_attributes"] == {"amount_captured": 0, "balance_transaction": None}
    assert told["object"]["amount_captured"] == 700


async def test_a_last_capture_of_nothing_lets_the_rest_go(stripe: Stripe) -> None:
    held = await _held(stripe, "multicapture")
    path = f"payment_intents/{held['id']}/capture"
    await stripe.error("POST", path, 400, amount_to_capture=0)
    await stripe.post(path, amount_to_capture=700, final_capture=False)
    done = await stripe.post(path, amount_to_capture=0)
    assert (done["status"], done["amount_received"]) == ("succeeded", 700)
    assert len((await stripe.get("balance_transactions", source=held["latest_charge"]))["data"]) == 1


async def test_all_of_it_is_final_whatever_is_said(stripe: Stripe) -> None:
    held = await _held(stripe, "multicapture")
    done = await stripe.post(f"payment_intents/{held['id']}/capture", final_capture=False)
    assert (done["status"], done["amount_received"]) == ("succeeded", 2000)


async def test_several_captures_have_to_be_asked_for(stripe: Stripe) -> None:
    held = await stripe.pay(capture_method="manual")
    refusal = await stripe.error(
        "POST", f"payment_intents/{held['id']}/capture", 400, amount_to_capture=500, final_capture=False
    )
    assert refusal["param"] == "final_capture"
    assert (await stripe.get(f"payment_intents/{held['id']}"))["amount_capturable"] == 2000


async def test_fifty_captures_and_no_more(stripe: Stripe) -> None:
    held = await _held(stripe, "multicapture")
    path = f"payment_intents/{held['id']}/capture"
    for _ in range(50):
        await stripe.post(path, amount_to_capture=1, final_capture=False)
    await stripe.error("POST", path, 400, amount_to_capture=1, final_capture=False)
    assert (await stripe.post(path, amount_to_capture=1))["amount_received"] == 51


async def test_what_came_in_part_can_be_given_back_before_the_rest_comes(stripe: Stripe) -> None:
    held = await _held(stripe, "multicapture")
    path = f"payment_intents/{held['id']}/capture"
    await stripe.post(path, amount_to_capture=700, final_capture=False)
    await stripe.error("POST", "refunds", 400, charge=held["latest_charge"], amount=701)
    refund = await stripe.post("refunds", charge=held["latest_charge"])
    assert refund["amount"] == 700
    assert refund["balance_transaction"]
    await stripe.error("POST", "refunds", 400, charge=held["latest_charge"])
    await stripe.post(path, amount_to_capture=1000)
    charge = await _charge(stripe, held)
    assert (charge["amount_captured"], charge["amount_refunded"], charge["refunded"]) == (1700, 1000, False)
    assert (await stripe.post("refunds", charge=charge["id"]))["amount"] == 1000
    assert (await _charge(stripe, held))["refunded"]


async def test_canceled_after_a_part(stripe: Stripe) -> None:
    held = await _held(stripe, "multicapture")
    await stripe.post(f"payment_intents/{held['id']}/capture", amount_to_capture=700, final_capture=False)
    done = await stripe.post(f"payment_intents/{held['id']}/cancel")
    assert (done["status"], done["amount_received"], done["amount_capturable"]) == ("succeeded", 700, 0)
    assert (await _charge(stripe, held))["amount_refunded"] == 1300


async def test_more_than_was_held(stripe: Stripe) -> None:
    held = await _held(stripe, "overcapture")
    card = (await _charge(stripe, held))["payment_method_details"]["card"]
    assert card["overcapture"] == {"maximum_amount_capturable": 2300, "status": "available"}
    path = f"payment_intents/{held['id']}/capture"
    await stripe.error("POST", path, 400, amount_to_capture=2301)
    done = await stripe.post(path, amount_to_capture=2300)
    assert (done["amount_received"], done["status"]) == (2300, "succeeded")
    charge = await _charge(stripe, held)
    assert (charge["amount_captured"], charge["amount_refunded"]) == (2300, 0)
    assert (await stripe.post("refunds", charge=charge["id"]))["amount"] == 2300


@pytest.mark.parametrize(
    ("method", "more"), [("pm_card_visa", True), ("pm_card_mastercard", True), ("pm_card_amex", False)]
)
async def test_more_is_held(stripe: Stripe, method: str, more: bool) -> None:
    held = await _held(stripe, "incremental_authorization", payment_method=method)
    path = f"payment_intents/{held['id']}/increment_authorization"
    card = (await _charge(stripe, held))["payment_method_details"]["card"]
    assert card["incremental_authorization"]["status"] == ("available" if more else "unavailable")
    if not more:
        await stripe.error("POST", path, 400, amount=2500)
        return
    raised = await stripe.post(path, amount=2500, description="And breakfast", metadata={"nights": "2"})
    assert (raised["amount"], raised["amount_capturable"], raised["status"]) == (2500, 2500, "requires_capture")
    assert (raised["description"], raised["metadata"]) == ("And breakfast", {"nights": "2"})
    charge = await _charge(stripe, held)
    assert (charge["amount"], charge["payment_method_details"]["card"]["amount_authorized"]) == (2500, 2500)
    assert (await stripe.event_types())[-2:] == ["charge.updated", "payment_intent.amount_capturable_updated"]
    done = await stripe.post(f"payment_intents/{held['id']}/capture")
    assert done["amount_received"] == 2500
    await stripe.error("POST", path, 400, amount=3000)


async def test_increments_are_refused(stripe: Stripe) -> None:
    plain = await stripe.pay(capture_method="manual")
    await stripe.error("POST", f"payment_intents/{plain['id']}/increment_authorization", 400, amount=2500)
    held = await _held(stripe, "incremental_authorization", "multicapture")
    path = f"payment_intents/{held['id']}/increment_authorization"
    assert (await stripe.error("POST", path, 400, amount=2000))["param"] == "amount"
    for count in range(10):
        await stripe.post(path, amount=2001 + count)
    await stripe.error("POST", path, 400, amount=3000)
    other = await _held(stripe, "incremental_authorization", "multicapture")
    await stripe.post(f"payment_intents/{other['id']}/capture", amount_to_capture=5, final_capture=False)
    await stripe.error("POST", f"payment_intents/{other['id']}/increment_authorization", 400, amount=2500)


async def test_details_that_are_known_when_it_is_captured(stripe: Stripe) -> None:
    held = await stripe.pay(capture_method="manual")
    done = await stripe.post(
        f"payment_intents/{held['id']}/capture",
        amount_details={"discount_amount": 100},
        payment_details={"order_reference": "order-1", "customer_reference": "customer-1"},
    )
    assert done["amount_details"] == {"tip": {}, "discount_amount": 100}
    assert done["payment_details"]["order_reference"] == "order-1"


@pytest.mark.parametrize(("features", "days"), [((), 7), (("extended_authorization",), 30)])
async def test_a_hold_ends_by_itself(stripe: Stripe, features: tuple[str, ...], days: int) -> None:
    held = await _held(stripe, *features)
    card = (await _charge(stripe, held))["payment_method_details"]["card"]
    assert card["capture_before"] == held["created"] + days * DAY
    assert card["extended_authorization"]["status"] == ("enabled" if features else "disabled")
    stripe.harness.clock.advance(days=days - 1)  # type: ignore[attr-defined]  # the harness holds a HeldClock
    assert (await stripe.get(f"payment_intents/{held['id']}"))["status"] == "requires_capture"
    stripe.harness.clock.advance(days=1)  # type: ignore[attr-defined]  # the harness holds a HeldClock
    gone = await stripe.get(f"payment_intents/{held['id']}")
    assert (gone["status"], gone["cancellation_reason"], gone["amount_capturable"]) == ("canceled", "automatic", 0)
    assert gone["canceled_at"] == card["capture_before"]
    charge = await _charge(stripe, held)
    assert (charge["captured"], charge["refunded"], charge["amount_refunded"]) == (False, True, 2000)
    await stripe.error("POST", f"payment_intents/{held['id']}/capture", 400)
    assert (await stripe.event_types())[-2:] == ["charge.expired", "payment_intent.canceled"]


async def test_what_was_captured_in_part_stays_when_the_hold_ends(stripe: Stripe) -> None:
    held = await _held(stripe, "multicapture")
    await stripe.post(f"payment_intents/{held['id']}/capture", amount_to_capture=700, final_capture=False)
    stripe.harness.clock.advance(days=7)  # type: ignore[attr-defined]  # the harness holds a HeldClock
    done = await stripe.get(f"payment_intents/{held['id']}")
    assert (done["status"], done["amount_received"], done["amount_capturable"]) == ("succeeded", 700, 0)
    charge = await _charge(stripe, held)
    assert (charge["captured"], charge["amount_refunded"]) == (True, 1300)


async def test_a_hold_of_an_older_integration_ends_too(stripe: Stripe) -> None:
    charge = await stripe.post("charges", amount=900, currency="usd", source="tok_visa", capture=False)
    kept = await stripe.post("charges", amount=800, currency="usd", source="tok_visa", capture=False)
    await stripe.post(f"charges/{kept['id']}/capture")
    stripe.harness.clock.advance(days=7)  # type: ignore[attr-defined]  # the harness holds a HeldClock
    assert (await stripe.get(f"charges/{charge['id']}"))["refunded"]
    assert not (await stripe.get(f"charges/{kept['id']}"))["refunded"]
    assert (await stripe.event_types())[-1] == "charge.expired"
