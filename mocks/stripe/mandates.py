"""Mandates: what a customer allowed for a bank account, https://docs.stripe.com/api/mandates (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import banks
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.money import known_currency

KIND = "mandate"
#: Payment methods whose mandates are made here, and what such a one has of its own.
OWN: Mapping[str, tuple[str, ...]] = {
    "acss_debit": ("interval_description", "payment_schedule", "transaction_type"),
    "au_becs_debit": ("url",),
    "bacs_debit": ("network_status", "reference", "url"),
    "nz_bank_account": (),
    "sepa_debit": ("reference", "url"),
    "us_bank_account": (),
}


async def given(call: StripeCall, intent: Object, method: Object) -> Object:
    """What changes of a setup intent that a bank account goes with: the mandate that the call gives. Stored."""
    sent = call.body.get("mandate_data")
    if not sent or method["type"] not in OWN:
        return {}
    once = call.body.get("single_use")
    mandate = _built(call, method, sent["customer_acceptance"], once, intent)
    await _store(call, mandate)
    return {"single_use_mandate" if once else "mandate": mandate["id"]}


async def of_payment(call: StripeCall, intent: Object, method: Object) -> str | None:
    """The mandate that a debit is made by: what the call gives, or the one that the method was set up with. Stored."""
    sent = call.body.get("mandate_data")
    if method["type"] not in OWN:
        return None
    if sent:
        once = None
        if not intent["setup_future_usage"]:
            once = {"amount": intent["amount"], "currency": intent["currency"]}
        mandate = _built(call, method, sent["customer_acceptance"], once, intent)
        await _store(call, mandate)
        return str(mandate["id"])
    found = await call.state.page(KIND, where={"payment_method": method["id"]}, limit=1)
    return str(found[0]["id"]) if found else None


async def after_failure(call: StripeCall, method: Object, charge: Object) -> None:
    """A debit that the customer did not allow, or whose account is gone, ends its mandate:
    https://docs.stripe.com/payments/bacs-debit/accept-a-payment (test account numbers)."""
    bank = banks.behind(method)
    key = (charge["payment_method_details"].get(method["type"]) or {}).get("mandate")
    mandate = await call.state.get(KIND, key) if key and bank is not None and bank.revoked else None
    if mandate is not None and mandate["status"] == "active":
        new, previous = changed(mandate, {"status": "inactive"})
        await _store(call, new)
        call.event("mandate.updated", new, previous)


async def _store(call: StripeCall, mandate: Object) -> None:
    await call.state.put(KIND, mandate["id"], mandate, {"payment_method": mandate["payment_method"]})


def _built(
    call: StripeCall, method: Object, accepted: Mapping[str, Any], once: Mapping[str, Any] | None, intent: Object
) -> Object:
    key, kind = call.new_id("mandate_1", 32), method["type"]
    options = (intent["payment_method_options"].get(kind) or {}).get("mandate_options") or {}
    known: Object = {
        "interval_description": options.get("interval_description"),
        "payment_schedule": options.get("payment_schedule", "sporadic"),
        "transaction_type": options.get("transaction_type", "personal"),
        "network_status": "accepted",
        "reference": call.new_id("", 16).upper(),
        "url": f"https://payments.stripe.com/{kind}/mandate/{key}",
    }
    acceptance: Object = {"accepted_at": accepted.get("accepted_at", call.timestamp), "type": accepted["type"]}
    if accepted["type"] == "online":
        online = accepted.get("online") or {}
        acceptance["online"] = {name: online.get(name) for name in ("ip_address", "user_agent")}
    else:
        acceptance["offline"] = {}
    use: Object = {"multi_use": {}}
    if once:
        use = {"single_use": {"amount": once["amount"], "currency": known_currency(once["currency"])}}
    return {
        "id": key,
        "object": KIND,
        "customer_acceptance": acceptance,
        "livemode": False,
        **use,
        "payment_method": method["id"],
        "payment_method_details": {kind: {name: known[name] for name in OWN[kind]}, "type": kind},
        "status": "active",
        "type": "single_use" if once else "multi_use",
    }


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("mandate"))
