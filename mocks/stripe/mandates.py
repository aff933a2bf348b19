"""Mandates: what a customer allowed for a bank account, https://docs.stripe.com/api/mandates (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.money import known_currency

KIND = "mandate"
#: Payment methods whose mandates are made here, and what such a one has of its own.
OWN: Mapping[str, tuple[str, ...]] = {
    "au_becs_debit": ("url",),
    "bacs_debit": ("network_status", "reference", "url"),
    "sepa_debit": ("reference", "url"),
    "us_bank_account": (),
}


async def given(call: StripeCall, intent: Object, method: Object) -> Object:
    """What changes of a setup intent that a bank account goes with: the mandate that the call gives. Stored."""
    sent = call.body.get("mandate_data")
    if not sent or method["type"] not in OWN:
        return {}
    once = call.body.get("single_use")
    mandate = _built(call, method, sent["customer_acceptance"], once)
    await call.state.put(KIND, mandate["id"], mandate)
    return {"single_use_mandate" if once else "mandate": mandate["id"]}


def _built(call: StripeCall, method: Object, accepted: Mapping[str, Any], once: Mapping[str, Any] | None) -> Object:
    key, kind = call.new_id("mandate_1", 32), method["type"]
    known = {
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
