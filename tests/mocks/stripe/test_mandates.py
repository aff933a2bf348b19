"""Mandates: https://docs.stripe.com/api/mandates."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe

ONLINE = {"ip_address": "192.0.2.1", "user_agent": "tests"}


async def _set_up(stripe: Stripe, **more: Any) -> Any:
    customer = await stripe.customer()
    method = await stripe.post(
        "payment_methods",
        type="sepa_debit",
        billing_details={"name": "Ada", "email": "ada@example.com"},
        sepa_debit={"iban": "DE89370400440532013000"},
    )
    asked = {"customer": customer["id"], "payment_method": method["id"], "payment_method_types": ["sepa_debit"]}
    return await stripe.post("setup_intents", confirm=True, **asked, **more)


async def test_a_set_up_bank_account_has_a_mandate(stripe: Stripe) -> None:
    made = await _set_up(stripe, mandate_data={"customer_acceptance": {"type": "online", "online": ONLINE}})
    assert (made["status"], made["single_use_mandate"]) == ("succeeded", None)
    mandate = await stripe.get(f"mandates/{made['mandate']}")
    assert (mandate["status"], mandate["type"], mandate["multi_use"]) == ("active", "multi_use", {})
    assert (mandate["payment_method"], mandate["customer_acceptance"]["online"]) == (made["payment_method"], ONLINE)
    assert set(mandate["payment_method_details"]["sepa_debit"]) == {"reference", "url"}
    shown = await stripe.get(f"setup_intents/{made['id']}", expand=["mandate"])
    assert shown["mandate"] == mandate


async def test_for_one_payment(stripe: Stripe) -> None:
    accepted = {"customer_acceptance": {"type": "offline"}}
    once = {"amount": 5200, "currency": "EUR"}
    made = await _set_up(stripe, mandate_data=accepted, single_use=once, usage="on_session")
    assert made["mandate"] is None
    mandate = await stripe.get(f"mandates/{made['single_use_mandate']}")
    assert (mandate["type"], mandate["single_use"]) == ("single_use", {"amount": 5200, "currency": "eur"})
    assert mandate["customer_acceptance"]["type"] == "offline"


async def test_nothing_was_allowed(stripe: Stripe) -> None:
    assert (await _set_up(stripe))["mandate"] is None
    await stripe.error("GET", "mandates/mandate_none", 404)
