"""Charges: https://docs.stripe.com/api/charges (2026-11).

Payment intents make them; older integrations make them directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import ServiceError
from mocks.stripe import (
    aftermath,
    application_fees,
    balance,
    banks,
    cards,
    clocks,
    destinations,
    holds,
    money,
    outcomes,
    plastic,
    scope,
    sources,
)
from mocks.stripe.calls import Loader, Object, StripeCall, changed, given
from mocks.stripe.emails import email
from mocks.stripe.errors import invalid, missing, missing_param
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first, merged
from mocks.stripe.objects import parcel
from mocks.stripe.testcards import Decline, TestCard

KIND = "charge"

#: Parameters that the charge keeps as they come.
TOLD = (
    "application_fee_amount", "description", "on_behalf_of", "receipt_email", "statement_descriptor",
    "statement_descriptor_suffix", "transfer_data", "transfer_group",
)  # fmt: skip


def build(
    call: StripeCall, *, amount: int, currency: str, method: Object, capture: bool, about: Mapping[str, Any]
) -> Object:
    """A successful charge of a payment method; ``about`` holds what the caller said about it."""
    is_card = method["type"] == "card"
    key = call.new_id("ch_3" if is_card else "py_3", 23)
    charge: Object = {
        "id": key,
        "object": KIND,
        "amount": amount,
        "amount_captured": amount if capture else 0,
        "amount_refunded": 0,
        "application": scope.application(call) if call.account else None,
        "application_fee": None,
        "application_fee_amount": about.get("application_fee_amount"),
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": _descriptor(about) if is_card else None,
        "captured": capture,
        "created": call.timestamp,
        "currency": currency,
        "customer": about.get("customer"),
        "description": about.get("description"),
        "destination": (about.get("transfer_data") or {}).get("destination"),
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": about.get("metadata") or {},
        "on_behalf_of": about.get("on_behalf_of"),
        "order": None,
        "outcome": outcomes.of_card(None, plastic.behind(method["card"])) if is_card else outcomes.of_bank(),
        "paid": True,
        "payment_intent": about.get("payment_intent"),
        "payment_method": method["id"],
        "payment_method_details": _details(call, method, amount, capture, about.get("payment_method_options")),
        **({"radar_options": {}} if about.get("payment_intent") else {}),
        "receipt_email": about.get("receipt_email"),
        "receipt_number": None,
        "receipt_url": call.hosted(f"receipts/payment/{key}"),
        "refunded": False,
        "review": None,
        "shipping": about.get("shipping"),
        "source": about.get("source"),
        "source_transfer": None,
        "statement_descriptor": about.get("statement_descriptor"),
        "statement_descriptor_suffix": about.get("statement_descriptor_suffix"),
        "status": "succeeded",
        # ``amount`` is there and null where the whole amount goes (seen).
        "transfer_data": {"amount": None, **about["transfer_data"]} if about.get("transfer_data") else None,
        "transfer_group": about.get("transfer_group"),
    }
    return charge


def declined(call: StripeCall, charge: Object, decline: Decline) -> Object:
    """The same charge after the bank said no."""
    details = charge["payment_method_details"]
    if "card" in details:
        card = {**details["card"], "amount_authorized": None, "authorization_code": None}
        details = {**details, "card": card}
    return {
        **charge,
        "amount_captured": 0,
        "captured": False,
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": outcomes.of_card(decline),
        "paid": False,
        "payment_method_details": details,
        "receipt_url": None,
        "status": "failed",
    }


def _descriptor(about: Mapping[str, Any]) -> str:
    own = about.get("statement_descriptor")
    suffix = about.get("statement_descriptor_suffix")
    if own:
        return str(own).upper()
    return f"STRIPE* {suffix}".upper() if suffix else "Stripe"


def _details(call: StripeCall, method: Object, amount: int, capture: bool, options: Mapping[str, Any] | None) -> Object:
    """How the payment method was used for this payment."""
    kind = method["type"]
    if kind != "card":
        return {kind: banks.used(kind, method.get(kind) or {}), "type": kind}
    card = method["card"]
    details: Object = {
        "amount_authorized": amount,
        "authorization_code": call.new_id("", 16)[-6:].upper(),
        "brand": card["brand"],
        "checks": card["checks"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": str(call.timestamp * 100_000 + amount % 100_000),
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
        **holds.features(card["brand"], amount, call.timestamp, not capture, options),
    }
    return {"card": dict(sorted(details.items())), "type": "card"}


async def store(call: StripeCall, charge: Object) -> None:
    """Write a charge."""
    index = {name: charge[name] for name in ("customer", "payment_intent", "transfer_group") if charge[name]}
    await call.state.put(KIND, charge["id"], charge, index)


async def settle(call: StripeCall, charge: Object, amount: int, test: TestCard | None = None) -> Object:
    """The charge with the balance transaction of the ``amount`` that was captured; not stored yet."""
    fee = destinations.fee_of(call, charge, amount)
    kind = charge["payment_method_details"]["type"]
    transaction = await balance.record(
        call,
        "charge" if charge["id"].startswith("ch_") else "payment",
        amount=amount,
        currency=charge["currency"],
        source=charge["id"],
        description=charge["description"],
        with_fee=True,
        kind=kind,
        # "Test transactions settle instantly": https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment.
        available=kind == "us_bank_account" or bool(test and test.bypass_pending),
        category="charge",
        fees=[application_fees.detail(call, fee["amount"], charge["currency"])] if fee else (),
    )
    return await destinations.settled(call, {**charge, "balance_transaction": transaction}, amount, fee)


def failure(decline: Decline, charge: Object, **more: Any) -> ServiceError:
    """The 402 of a declined payment. The failed charge is kept."""
    details = {**plastic.card_error(decline), "charge": charge["id"], **more}
    return ServiceError(402, decline.code, decline.message, details=details, keep=True)


async def create(call: StripeCall) -> Object:
    body = call.body
    # The contract allows to leave both out; no charge can do without them.
    for name in ("amount", "currency"):
        if name not in body:
            raise missing_param(name)
    currency = money.known_currency(body["currency"])
    money.chargeable(body["amount"], currency)
    await destinations.check(call, body, body["amount"], "Charge")
    card, customer = await _payer(call)
    method = sources.as_payment_method(call, card)
    method = {**method, "card": plastic.verified(method["card"])}
    capture = body.get("capture", True)
    about = {
        **{name: given(body, name) for name in TOLD},
        "customer": customer,
        "metadata": first(body.get("metadata")),
        "receipt_email": email(body, "receipt_email"),
        "shipping": parcel(body.get("shipping")),
        # A charge shows two members more of its card (seen 2025-12).
        "source": {**card, "email": None, "phone": None} if card.get("object") == "card" else card,
    }
    charge = build(call, amount=body["amount"], currency=currency, method=method, capture=capture, about=about)
    test = plastic.behind(method["card"])
    if test is not None and test.declined is not None:
        charge = declined(call, charge, test.declined)
        await store(call, charge)
        call.event("charge.failed", charge)
        raise failure(test.declined, charge)
    if sources.named(card["id"]):
        charge["source"] = await sources.charged(call, card)
    if capture:
        charge = await settle(call, charge, charge["amount"], test)
    await store(call, charge)
    call.event("charge.succeeded", charge)
    if capture:
        await aftermath.follow(call, charge, test)
    else:
        await clocks.appoint(call, holds.ends(charge), {"id": charge["id"], "object": KIND})
    return charge


async def _payer(call: StripeCall) -> tuple[Object, str | None]:
    """The card or source to charge, and the customer that it belongs to."""
    body = call.body
    source, wanted = body.get("source") or body.get("card"), body.get("customer")
    if not source and not wanted:
        raise invalid("Must provide source or customer.", code="parameter_missing")
    if not wanted:
        if sources.named(source):
            return await sources.payer(call, source, None), None
        return await cards.from_source(call, source, None, "source"), None
    customer = await call.referred("customer", wanted, "customer")
    if not source:
        source = customer["default_source"]
        if source is None:
            raise ServiceError(402, "missing", "Cannot charge a customer that has no active card",
                               details={"type": "card_error", "param": "card"})  # fmt: skip
    if sources.named(source):
        return await sources.payer(call, source, customer["id"]), customer["id"]
    known = await call.state.get("card", source) if isinstance(source, str) else None
    if known is not None and known["customer"] == customer["id"]:
        return known, customer["id"]
    if (isinstance(source, str) and source.startswith(("tok_", "pm_"))) or isinstance(source, Mapping):
        raise invalid(
            f"Customer {customer['id']} does not have a linked source with ID {source}.", code="missing", param="source"
        )
    raise missing("source", str(source), "source")


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("charge"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("charge"))
    names = ("description", "transfer_group", "customer")
    changes: Object = {name: given(body, name) for name in names if name in body}
    if "receipt_email" in body:
        changes["receipt_email"] = email(body, "receipt_email")
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if "shipping" in body:
        changes["shipping"] = parcel(body["shipping"])
    if body.get("fraud_details"):
        changes["fraud_details"] = {**old["fraud_details"], **body["fraud_details"]}
    if changes.get("customer"):
        await call.referred("customer", changes["customer"], "customer")
    new, previous = changed(old, changes)
    await store(call, new)
    if previous:
        call.event("charge.updated", new, previous)
    return new


async def capture(call: StripeCall) -> Object:
    charge = await call.named(KIND, call.path("charge"))
    if charge["payment_intent"]:
        raise invalid(
            # Seen in github.com/stripe/stripe-mirakl-connector/issues/46.
            f"This uncaptured Charge was created by a PaymentIntent ({charge['payment_intent']}). You must capture the "
            "PaymentIntent instead. For more information, see https://stripe.com/docs/payments/payment-intents",
        )
    if charge["status"] == "failed":
        raise invalid(f"Charge {charge['id']} has failed and cannot be captured.")
    if charge["refunded"]:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["captured"]:
        raise invalid(f"Charge {charge['id']} has already been captured.", code="charge_already_captured")
    amount = call.body.get("amount", charge["amount"])
    if not 0 < amount <= charge["amount"]:
        raise invalid(
            f"Amount must be no more than {money.shown(charge['amount'], charge['currency'])}"
            if amount > 0
            else "Invalid positive integer",
            code="amount_too_large" if amount > 0 else "parameter_invalid_integer",
            param="amount",
        )
    body = call.body
    changes = {name: given(body, name) for name in ("statement_descriptor",) if name in body}
    if "receipt_email" in body:
        changes["receipt_email"] = email(body, "receipt_email")
    captured = await collect(call, {**charge, **changes}, amount)
    await aftermath.follow(call, captured, plastic.behind(captured["payment_method_details"].get("card") or {}))
    return captured


async def collect(
    call: StripeCall, charge: Object, amount: int, *, final: bool = True, with_fee: bool = True
) -> Object:
    """Capture ``amount`` of an authorised charge, with its application fee (``with_fee``); the rest goes back
    to the customer when that is the final capture."""
    earlier, taken = charge["amount_captured"], charge["amount_captured"] + amount
    # More than what was held becomes the amount, so that all of it can be refunded.
    whole = max(charge["amount"], taken)
    changes: Object = {"amount": whole, "amount_captured": taken}
    if final:
        gone = charge["amount_refunded"] + whole - taken
        changes |= {"captured": True, "amount_refunded": gone, "refunded": gone == whole}
    captured, previous = changed(charge, changes)
    test = plastic.behind(charge["payment_method_details"].get("card") or {})
    if amount:
        fee = captured["application_fee_amount"]
        settled = await settle(call, {**captured, "application_fee_amount": fee if with_fee else None}, amount, test)
        captured = {**settled, "application_fee_amount": fee}
        previous["balance_transaction"] = charge["balance_transaction"]
    await store(call, captured)
    if earlier or not final:
        call.event("charge.updated", captured, previous)
    if final:
        call.event("charge.captured", captured)
    return captured


async def expire(call: StripeCall, charge: Object) -> None:
    """Nothing was captured in time: "they will be marked as refunded" (https://docs.stripe.com/api/charges/capture)."""
    gone = {**charge, "amount_refunded": charge["amount"], "refunded": True}
    await store(call, gone)
    call.event("charge.expired", gone)


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("customer", "payment_intent", "transfer_group") if call.body.get(name)}
    if "customer" in where:
        await call.referred("customer", where["customer"], "customer")
    return await page(call, KIND, where or None)


async def refunds_of(call: StripeCall, charge: Object) -> Object:
    """A charge's refunds, newest first."""
    found = await call.state.page("refund", where={"charge": charge["id"]}, limit=11)
    return list_of(found[:10], f"/v1/charges/{charge['id']}/refunds", len(found) > 10, total_count=len(found))


INCLUDES: dict[tuple[str, str], Loader] = {(KIND, "refunds"): refunds_of}
