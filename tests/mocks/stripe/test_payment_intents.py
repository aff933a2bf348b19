"""Payment intents: https://docs.stripe.com/payments/paymentintents/lifecycle and https://docs.stripe.com/testing."""

from __future__ import annotations

import pytest

from tests.harness import value
from tests.mocks.stripe.client import Stripe


async def test_created_then_confirmed(stripe: Stripe) -> None:
    made = await stripe.post("payment_intents", amount=2000, currency="usd")
    assert (made["status"], made["amount_received"], made["latest_charge"]) == ("requires_payment_method", 0, None)
    assert made["client_secret"].startswith(f"{made['id']}_secret_")
    paid = await stripe.post(
        f"payment_intents/{made['id']}/confirm", payment_method="pm_card_visa", return_url="https://shop.example"
    )
    assert (paid["status"], paid["amount_received"]) == ("succeeded", 2000)
    assert await stripe.get(f"payment_intents/{made['id']}") == paid
    charge = await stripe.get(f"charges/{paid['latest_charge']}", expand=["balance_transaction"])
    assert charge["captured"]
    assert charge["payment_intent"] == made["id"]
    assert charge["balance_transaction"]["net"] == 2000 - (58 + 30)
    assert await stripe.event_types() == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated",
    ]  # fmt: skip


async def test_the_balance_transaction_of_an_asynchronous_capture_comes_later(stripe: Stripe) -> None:
    paid = await stripe.pay(expand=["latest_charge.balance_transaction"])
    assert paid["latest_charge"]["balance_transaction"] is None
    assert (await stripe.get(f"charges/{paid['latest_charge']['id']}"))["balance_transaction"].startswith("txn_")
    at_once = await stripe.pay(capture_method="automatic", expand=["latest_charge.balance_transaction"])
    assert at_once["latest_charge"]["balance_transaction"]["amount"] == 2000


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
    ],
)
async def test_a_decline_is_a_402_with_everything_inside(
    stripe: Stripe, method: str, code: str, decline_code: str
) -> None:
    error = (await stripe.pay(method, expect=402))["error"]
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", code, decline_code)
    assert error["doc_url"].endswith(code.replace("_", "-"))
    intent = error["payment_intent"]
    assert intent["status"] == "requires_payment_method"
    assert intent["last_payment_error"]["code"] == code
    assert intent["last_payment_error"]["payment_method"]["id"] == error["payment_method"]["id"]
    assert await stripe.get(f"payment_intents/{intent['id']}") == intent
    charge = await stripe.get(f"charges/{error['charge']}")
    assert (charge["status"], charge["paid"], charge["failure_code"]) == ("failed", False, code)
    assert await stripe.event_types() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    retried = await stripe.post(
        f"payment_intents/{intent['id']}/confirm", payment_method="pm_card_visa", return_url="https://shop.example"
    )
    assert (retried["status"], retried["last_payment_error"]) == ("succeeded", None)


async def test_three_d_secure_waits_for_the_customer(stripe: Stripe) -> None:
    waiting = await stripe.pay("pm_card_threeDSecure2Required")
    assert waiting["status"] == "requires_action"
    assert waiting["next_action"]["type"] == "redirect_to_url"
    assert waiting["next_action"]["redirect_to_url"]["return_url"] == "https://shop.example/done"
    assert (await stripe.event_types())[-1] == "payment_intent.requires_action"
    sdk = await stripe.pay("pm_card_authenticationRequired", use_stripe_sdk=True)
    assert sdk["next_action"]["type"] == "use_stripe_sdk"
    same = await stripe.post(f"payment_intents/{waiting['id']}/confirm", return_url="https://shop.example")
    assert same["status"] == "requires_action"


async def test_off_session_payments_of_a_card_that_wants_authentication(stripe: Stripe) -> None:
    error = (await stripe.pay("pm_card_authenticationRequired", expect=402, off_session=True))["error"]
    assert error["code"] == error["decline_code"] == "authentication_required"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert (await stripe.pay("pm_card_authenticationRequiredSetupForOffSession", off_session=True))[
        "status"
    ] == "succeeded"
    error = (await stripe.pay("pm_card_authenticationRequiredOnSetup", expect=402, off_session=True))["error"]
    assert error["code"] == "authentication_required"
    error = (await stripe.pay("pm_card_threeDSecure2Required", expect=402, error_on_requires_action=True))["error"]
    assert error["code"] == "authentication_required"


async def test_a_hold_is_captured_in_part_and_the_rest_goes_back(stripe: Stripe) -> None:
    held = await stripe.pay(capture_method="manual")
    assert (held["status"], held["amount_capturable"], held["amount_received"]) == ("requires_capture", 2000, 0)
    charge = await stripe.get(f"charges/{held['latest_charge']}")
    assert (charge["captured"], charge["amount_captured"], charge["balance_transaction"]) == (False, 0, None)
    too_much = await stripe.error("POST", f"payment_intents/{held['id']}/capture", 400, amount_to_capture=2001)
    assert (too_much["code"], too_much["param"]) == ("amount_too_large", "amount_to_capture")
    done = await stripe.post(f"payment_intents/{held['id']}/capture", amount_to_capture=1500)
    assert (done["status"], done["amount_received"], done["amount_capturable"]) == ("succeeded", 1500, 0)
    charge = await stripe.get(f"charges/{held['latest_charge']}", expand=["balance_transaction"])
    assert (charge["amount"], charge["amount_captured"], charge["amount_refunded"]) == (2000, 1500, 500)
    assert charge["balance_transaction"]["amount"] == 1500
    again = await stripe.error("POST", f"payment_intents/{held['id']}/capture", 400)
    assert again["code"] == "payment_intent_unexpected_state"
    assert again["payment_intent"] == done
    assert await stripe.event_types() == [
        "payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated", "charge.captured",
        "payment_intent.succeeded",
    ]  # fmt: skip


async def test_cancel_releases_a_hold_and_ends_the_intent(stripe: Stripe) -> None:
    held = await stripe.pay(capture_method="manual")
    canceled = await stripe.post(f"payment_intents/{held['id']}/cancel", cancellation_reason="duplicate")
    assert (canceled["status"], canceled["cancellation_reason"], canceled["amount_capturable"]) == (
        "canceled", "duplicate", 0,
    )  # fmt: skip
    assert (await stripe.get(f"charges/{held['latest_charge']}"))["refunded"] is True
    error = await stripe.error("POST", f"payment_intents/{held['id']}/cancel", 400)
    assert error["message"].startswith("You cannot cancel this PaymentIntent because it has a status of canceled.")
    error = await stripe.error("POST", f"payment_intents/{held['id']}/confirm", 400)
    assert error["code"] == "payment_intent_unexpected_state"


async def test_an_update_brings_a_method_and_an_amount_until_it_is_paid(stripe: Stripe) -> None:
    made = await stripe.post("payment_intents", amount=2000, currency="usd")
    ready = await stripe.post(f"payment_intents/{made['id']}", amount=3000, payment_method="pm_card_visa",
                              metadata={"order": "7"})  # fmt: skip
    assert (ready["status"], ready["amount"], ready["metadata"]) == ("requires_confirmation", 3000, {"order": "7"})
    await stripe.post(f"payment_intents/{made['id']}/confirm", return_url="https://shop.example")
    error = await stripe.error("POST", f"payment_intents/{made['id']}", 400, amount=10)
    assert error["code"] == "payment_intent_unexpected_state"
    assert (await stripe.post(f"payment_intents/{made['id']}", description="late"))["description"] == "late"


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 49, "currency": "jpy"}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"customer": "cus_none"}, "resource_missing", "customer"),
        ({"payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ({"confirm": True}, "payment_intent_unexpected_state", None),
        ({"payment_method_types": ["card"], "automatic_payment_methods": {"enabled": True}}, "parameters_exclusive",
         "payment_method_types"),
    ],
)  # fmt: skip
async def test_what_cannot_be_created(stripe: Stripe, change: dict[str, object], code: str, param: str | None) -> None:
    error = await stripe.error("POST", "payment_intents", 400, **{"amount": 2000, "currency": "usd"} | change)
    assert (error["code"], error.get("param")) == (code, param)


async def test_the_dashboards_methods_need_a_way_back(stripe: Stripe) -> None:
    error = await stripe.error(
        "POST", "payment_intents", 400, amount=2000, currency="usd", payment_method="pm_card_visa", confirm=True
    )
    assert "you must provide a `return_url`" in error["message"]
    never: dict[str, object] = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    ways: list[dict[str, object]] = [{"allowed_payment_method_types": ["card"]}, never, {"off_session": True}]
    for way in ways:
        paid = await stripe.post(
            "payment_intents", amount=2000, currency="usd", payment_method="pm_card_visa", confirm=True, **way
        )
        assert paid["status"] == "succeeded"


async def test_naming_the_types_is_a_matter_of_the_version(stripe: Stripe) -> None:
    asked = {"amount": 2000, "currency": "usd", "payment_method_types": ["card"]}
    older = await stripe.post("payment_intents", headers={"Stripe-Version": "2026-03-25.dahlia"}, **asked)
    assert (older["payment_method_types"], older["automatic_payment_methods"]) == (["card"], None)
    answer = await stripe.send("POST", "payment_intents", asked, {"Stripe-Version": "2026-10-28.endive"})
    assert value(answer)["error"]["code"] == "payment_method_types_no_longer_supported"


async def test_before_the_dashboard_decided_cards_were_the_default(stripe: Stripe) -> None:
    made = await stripe.post(
        "payment_intents", headers={"Stripe-Version": "2022-11-15"}, amount=2000, currency="usd",
        payment_method="pm_card_visa", confirm=True,
    )  # fmt: skip
    assert (made["payment_method_types"], made["automatic_payment_methods"]) == (["card"], None)
    assert made["capture_method"] == "automatic"


async def test_whose_payment_method_it_is(stripe: Stripe) -> None:
    owner, other = await stripe.customer(), await stripe.customer()
    method = await stripe.post("payment_methods/pm_card_visa/attach", customer=owner["id"])
    error = (await stripe.pay(method["id"], expect=400, customer=other["id"]))["error"]
    assert f"does not belong to the Customer you supplied {other['id']}" in error["message"]
    assert (await stripe.pay(method["id"], expect=400))["error"]["param"] == "payment_method"
    assert (await stripe.pay(method["id"], customer=owner["id"]))["status"] == "succeeded"
    assert (await stripe.pay(method["id"], customer=owner["id"]))["status"] == "succeeded"


async def test_a_method_is_used_once_unless_it_is_saved(stripe: Stripe) -> None:
    once = (await stripe.pay())["payment_method"]
    assert "may not be used again" in (await stripe.pay(once, expect=400))["error"]["message"]
    customer = await stripe.customer()
    saved = (await stripe.pay(customer=customer["id"], setup_future_usage="off_session"))["payment_method"]
    assert (await stripe.get(f"payment_methods/{saved}"))["customer"] == customer["id"]
    assert (await stripe.pay(saved, customer=customer["id"], off_session=True))["status"] == "succeeded"


async def test_other_ways_to_pay(stripe: Stripe) -> None:
    data = {"type": "card", "card": {"number": "4000000000009995", "exp_month": 1, "exp_year": 2030, "cvc": "123"}}
    asked = {"amount": 2000, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
    error = await stripe.error("POST", "payment_intents", 402, payment_method_data=data, **asked)
    assert error["decline_code"] == "insufficient_funds"
    debit = {"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}}
    waiting = await stripe.post("payment_intents", payment_method_data=debit,
                                **asked | {"currency": "eur", "payment_method_types": ["sepa_debit"]})  # fmt: skip
    assert waiting["status"] == "processing"
    assert (await stripe.get(f"charges/{waiting['latest_charge']}"))["status"] == "pending"
    wrong = await stripe.error("POST", "payment_intents", 400, payment_method_data=debit, **asked)
    assert "is not allowed for this PaymentIntent" in wrong["message"]


async def test_intents_are_listed_by_customer(stripe: Stripe) -> None:
    customer = await stripe.customer()
    mine = await stripe.post("payment_intents", amount=500, currency="usd", customer=customer["id"])
    await stripe.post("payment_intents", amount=500, currency="usd")
    assert [item["id"] for item in (await stripe.get("payment_intents", customer=customer["id"]))["data"]] == [
        mine["id"]
    ]
    assert len((await stripe.get("payment_intents"))["data"]) == 2


async def test_a_browser_confirms_with_the_client_secret(stripe: Stripe) -> None:
    made = await stripe.post("payment_intents", amount=2000, currency="usd")
    path = f"payment_intents/{made['id']}"
    key = "publishable_key"
    assert (await stripe.send("GET", path, {"client_secret": made["client_secret"]}, credential=key)).status == 200
    assert (await stripe.send("GET", path, {}, credential=key)).status == 400
    assert (await stripe.send("GET", path, {"client_secret": "pi_1_secret_2"}, credential=key)).status == 400
    assert (await stripe.send("GET", "customers", {}, credential=key)).status == 403
    answer = await stripe.send(
        "POST", f"{path}/confirm", {"client_secret": made["client_secret"], "payment_method": "pm_card_visa"}, None, key
    )
    assert answer.status == 200


async def test_references_are_shown_where_they_were_told(stripe: Stripe) -> None:
    plain = await stripe.post("payment_intents", amount=2000, currency="usd")
    assert "payment_details" not in plain
    told = {"order_reference": "order-1", "customer_reference": "customer-1"}
    made = await stripe.post("payment_intents", amount=2000, currency="usd", payment_details=told)
    assert made["payment_details"] == {"customer_reference": "customer-1", "order_reference": "order-1"}
    changed = await stripe.post(f"payment_intents/{made['id']}", payment_details={"order_reference": ""})
    assert changed["payment_details"] == {"customer_reference": "customer-1", "order_reference": None}
