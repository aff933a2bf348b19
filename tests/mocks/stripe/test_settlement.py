"""Bank debits that settle later."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.stripe import settlement, testbanks
from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import again, opened
from tests.mocks.stripe.test_checkout_settled import DEBIT

MANDATE = {"customer_acceptance": {"type": "online", "online": {"ip_address": "127.0.0.1", "user_agent": "test"}}}


async def _debit(stripe: Stripe, method: str, **more: Any) -> Any:
    kind = (found := testbanks.by_name(method)) and found.type
    return await stripe.pay(method, payment_method_types=[kind], mandate_data=MANDATE, **more)


async def _after(stripe: Stripe, intent: Any, seconds: int = testbanks.SOON) -> Any:
    stripe.wait(seconds)
    return await stripe.get(f"payment_intents/{intent['id']}", expand=["latest_charge.balance_transaction"])


async def test_a_debit_that_goes_well(stripe: Stripe) -> None:
    intent = await _debit(stripe, "pm_usBankAccount_success", amount=10_000)
    assert intent["status"] == "processing"
    charge = await stripe.get(f"charges/{intent['latest_charge']}")
    assert (charge["status"], charge["paid"], charge["balance_transaction"]) == ("pending", False, None)
    done = await _after(stripe, intent)
    charge = done["latest_charge"]
    assert (done["status"], done["amount_received"]) == ("succeeded", 10_000)
    assert (charge["status"], charge["paid"], charge["captured"]) == ("succeeded", True, True)
    money = charge["balance_transaction"]
    # ACH costs 0.8 %, and is available at once in test mode.
    assert (money["type"], money["net"], money["status"]) == ("payment", 9920, "available")
    assert (await stripe.get("balance"))["available"][0]["amount"] == 9920
    assert await stripe.event_types() == [
        "payment_intent.created", "charge.pending", "payment_intent.processing", "charge.succeeded",
        "payment_intent.succeeded",
    ]  # fmt: skip
    event = (await stripe.get("events", type="payment_intent.succeeded"))["data"][0]
    assert event["request"] == {"id": None, "idempotency_key": None}


@pytest.mark.parametrize(
    ("method", "currency", "code"),
    [
        ("pm_usBankAccount_accountClosed", "usd", "account_closed"),
        ("pm_usBankAccount_insufficientFunds", "usd", "insufficient_funds"),
        ("pm_bacsDebit_exceedsWeeklyLimit", "gbp", "charge_exceeds_source_limit"),
        ("pm_auBecsDebit_referToCustomer", "aud", "refer_to_customer"),
        ("pm_acssDebit_noAccount", "cad", "no_account"),
        ("pm_nzBankAccount_insufficientFunds", "nzd", "insufficient_funds"),
        ("pm_failed_de", "eur", "generic_could_not_process"),
    ],
)
async def test_a_debit_that_fails(stripe: Stripe, method: str, currency: str, code: str) -> None:
    intent = await _debit(stripe, method, currency=currency)
    failed = await _after(stripe, intent)
    assert (failed["status"], failed["payment_method"]) == ("requires_payment_method", None)
    error = failed["last_payment_error"]
    shown = code if code in settlement.TOLD else "payment_intent_payment_attempt_failed"
    assert (error["code"], error["charge"]) == (shown, failed["latest_charge"]["id"])
    assert error["payment_method"]["id"] == intent["payment_method"]
    assert (failed["latest_charge"]["status"], failed["latest_charge"]["failure_code"]) == ("failed", code)
    assert failed["latest_charge"]["balance_transaction"] is None
    assert (await stripe.event_types())[-2:] == ["charge.failed", "payment_intent.payment_failed"]


async def test_three_minutes(stripe: Stripe) -> None:
    intent = await _debit(stripe, "pm_bacsDebit_successDelayed", currency="gbp")
    assert (await _after(stripe, intent, 179))["status"] == "processing"
    assert (await _after(stripe, intent, 1))["status"] == "succeeded"


async def test_a_bank_that_never_answers(stripe: Stripe) -> None:
    intent = await _debit(stripe, "pm_usBankAccount_processing")
    assert (await _after(stripe, intent, 90 * 86_400))["status"] == "processing"
    canceled = await stripe.post(f"payment_intents/{intent['id']}/cancel")
    assert canceled["status"] == "canceled"


async def test_a_debit_that_is_disputed(stripe: Stripe) -> None:
    intent = await _debit(stripe, "pm_disputed_de", currency="eur")
    done = await _after(stripe, intent)
    assert (done["status"], done["latest_charge"]["disputed"]) == ("succeeded", True)
    dispute = await stripe.get(f"disputes/{done['latest_charge']['dispute']}")
    assert (dispute["reason"], dispute["amount"]) == ("debit_not_authorized", 2000)
    assert (await stripe.event_types())[-3:] == [
        "payment_intent.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn",
    ]  # fmt: skip


async def test_a_mandate_that_the_customer_takes_back(stripe: Stripe) -> None:
    intent = await _debit(stripe, "pm_bacsDebit_debitNotAuthorized", currency="gbp")
    charge = await stripe.get(f"charges/{intent['latest_charge']}")
    mandate = charge["payment_method_details"]["bacs_debit"]["mandate"]
    assert (await stripe.get(f"mandates/{mandate}"))["status"] == "active"
    await _after(stripe, intent)
    assert (await stripe.get(f"mandates/{mandate}"))["status"] == "inactive"
    assert (await stripe.event_types())[-1] == "mandate.updated"


async def test_a_mandate_of_a_setup_serves_the_payments_after_it(stripe: Stripe) -> None:
    customer = await stripe.customer()
    saved = await stripe.post(
        "setup_intents", payment_method="pm_sepaDebit", payment_method_types=["sepa_debit"], confirm=True,
        customer=customer["id"], mandate_data=MANDATE,
    )  # fmt: skip
    paid = await stripe.pay(
        saved["payment_method"], currency="eur", payment_method_types=["sepa_debit"], customer=customer["id"],
        off_session=True,
    )  # fmt: skip
    charge = await stripe.get(f"charges/{paid['latest_charge']}")
    assert charge["payment_method_details"]["sepa_debit"]["mandate"] == saved["mandate"]


async def _subscribed(stripe: Stripe, method: str) -> Any:
    customer = await stripe.customer()
    bank = testbanks.by_name(method)
    assert bank is not None
    saved = await stripe.post(
        "setup_intents", payment_method=method, payment_method_types=[bank.type], confirm=True,
        customer=customer["id"], mandate_data=MANDATE,
    )  # fmt: skip
    return await stripe.post(
        "subscriptions", customer=customer["id"], items=[{"price": (await price(stripe))["id"]}],
        default_payment_method=saved["payment_method"],
    )  # fmt: skip


async def test_a_subscription_is_active_while_the_bank_thinks(stripe: Stripe) -> None:
    subscription = await _subscribed(stripe, "pm_usBankAccount_success")
    assert subscription["status"] == "active"
    path = f"invoices/{subscription['latest_invoice']}"
    assert (await stripe.get(path))["status"] == "open"
    stripe.wait(testbanks.SOON)
    invoice = await stripe.get(path)
    assert (invoice["status"], invoice["attempt_count"]) == ("paid", 1)


async def test_a_subscription_whose_debit_fails_is_past_due(stripe: Stripe) -> None:
    subscription = await _subscribed(stripe, "pm_usBankAccount_insufficientFunds")
    assert subscription["status"] == "active"
    stripe.wait(testbanks.SOON)
    assert (await stripe.get(f"subscriptions/{subscription['id']}"))["status"] == "past_due"
    invoice = await stripe.get(f"invoices/{subscription['latest_invoice']}")
    assert (invoice["status"], invoice["attempt_count"]) == ("open", 1)
    assert invoice["next_payment_attempt"] is not None
    assert "invoice.payment_failed" in await stripe.event_types()


async def test_a_connected_account_s_debit_settles_too(stripe: Stripe) -> None:
    account = await stripe.post("accounts", type="custom", country="US")
    there = {"stripe-account": account["id"]}
    made = await stripe.post(
        "payment_intents", headers=there, amount=2000, currency="usd", payment_method="pm_usBankAccount_success",
        payment_method_types=["us_bank_account"], confirm=True,
    )  # fmt: skip
    stripe.wait(testbanks.SOON)
    # A call of the platform brings it about.
    await stripe.get("payment_intents/pi_none", expect=404)
    await stripe.get("balance")
    done = await stripe.get(f"payment_intents/{made['id']}", headers=there)
    assert done["status"] == "succeeded"
    assert (await stripe.get("balance"))["available"][0]["amount"] == 0


@pytest.mark.parametrize(
    ("account", "event", "paid"),
    [("000123456789", "succeeded", "paid"), ("000111111113", "failed", "unpaid")],
)
async def test_a_checkout_session_hears_of_it(stripe: Stripe, account: str, event: str, paid: str) -> None:
    made = await opened(stripe, allowed_payment_method_types=["card", "us_bank_account"])
    await stripe.visit(made["url"], {**DEBIT, "us_bank_account[account_number]": account})
    stripe.wait(testbanks.SOON)
    assert (await again(stripe, made))["payment_status"] == paid
    assert (await stripe.event_types())[-1] == f"checkout.session.async_payment_{event}"
