"""A quote while it is a draft: what it is made with, what may be said of it, and what it comes to.

https://docs.stripe.com/api/quotes/create (2026-11). Refusals: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import clocks, customers, discounts, quote_sums, taxes
from mocks.stripe.beginnings import billing_mode
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.discount_sums import Terms
from mocks.stripe.errors import invalid, missing_param
from mocks.stripe.metadata import first, merged

KIND = "quote"
#: Its line items, the discounts as they were asked for, and where it stands among the customer's quotes.
HIDDEN = "quote_details"
#: Seconds from its making to its expiry, as in the examples of https://docs.stripe.com/api/quotes/object.
LASTING = 30 * 86_400
#: What is kept as it comes.
PLAIN = ("application_fee_amount", "application_fee_percent", "description", "footer", "header", "on_behalf_of")


def begun(call: StripeCall, customer: Object | None, clock: str | None) -> Object:
    return {
        "id": call.new_id("qt_1", 23),
        "object": KIND,
        "amount_subtotal": 0,
        "amount_total": 0,
        "application": None,
        **dict.fromkeys(PLAIN),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "collection_method": "charge_automatically",
        "computed": {},
        "created": call.timestamp,
        "currency": None,
        "customer": customer and customer["id"],
        "customer_account": None,
        "default_tax_rates": [],
        "discounts": [],
        "expires_at": call.timestamp + LASTING,
        "from_quote": None,
        "invoice": None,
        "invoice_settings": {
            "custom_fields": None,
            "days_until_due": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "livemode": False,
        "metadata": {},
        "number": None,
        "status": "draft",
        "status_transitions": {"accepted_at": None, "canceled_at": None, "finalized_at": None},
        "subscription": None,
        "subscription_data": {
            "billing_mode": _mode(call, None),
            "description": None,
            "effective_date": None,
            "metadata": {},
            "trial_period_days": None,
        },
        "subscription_schedule": None,
        "test_clock": clock,
        "total_details": {},
        "transfer_data": None,
    }


def _mode(call: StripeCall, sent: Any) -> Object:
    return {name: value for name, value in billing_mode(call, sent).items() if name != "updated_at"}


async def written(call: StripeCall, old: Object, hidden: Object, *, fresh: bool = False) -> Object:
    """A draft with what the call says of it, reckoned and stored. Raises ServiceError."""
    body = call.body
    quote = {**old, **{name: given(body, name) for name in PLAIN if name in body}}
    quote["collection_method"] = body.get("collection_method") or old["collection_method"]
    quote["metadata"] = merged(old["metadata"], body.get("metadata"))
    for name, read in (("invoice_settings", _settings), ("subscription_data", _subscription)):
        if body.get(name):
            quote[name] = {**old[name], **read(call, body[name])}
    if "transfer_data" in body:
        sent = given(body, "transfer_data")
        quote["transfer_data"] = sent and {"amount": None, "amount_percent": None, **sent}
    if "default_tax_rates" in body:
        rates = await taxes.named(call, given(body, "default_tax_rates"), "default_tax_rates")
        quote["default_tax_rates"] = [rate["id"] for rate in rates]
    if "expires_at" in body:
        quote["expires_at"] = expiry(call, body["expires_at"])
    if "discounts" in body:
        planned = await discounts.asked(call, quote["customer"]) or []
        offered = await discounts.offered(call, planned, quote["customer"])
        quote["discounts"] = [key for key, _ in offered]
        asked = [{name: value for name, value in each.items() if value} for each in given(body, "discounts") or ()]
        hidden = {
            **hidden,
            "discounts": asked,
            "offered": [[key, terms.record()] for key, terms in offered],
        }
    quote, hidden = await _reckoned(call, quote, hidden)
    _fitting(body, quote)
    await store(call, quote)
    await call.state.put(HIDDEN, quote["id"], hidden)
    if fresh or quote["expires_at"] != old["expires_at"]:
        await clocks.appoint(call, quote["expires_at"], quote)
    return quote


def _settings(call: StripeCall, sent: Mapping[str, Any]) -> Object:
    return {name: given(sent, name) for name in sent}


def _subscription(call: StripeCall, sent: Mapping[str, Any]) -> Object:
    found: Object = {name: given(sent, name) for name in sent}
    if "billing_mode" in sent:
        found["billing_mode"] = _mode(call, sent["billing_mode"])
    if "metadata" in sent:
        # "Unlike object-level metadata, this field is declarative."
        found["metadata"] = first(sent["metadata"], "subscription_data[metadata]")
    if found.get("effective_date") == "current_period_end":
        raise invalid("There is no current period: the quote is of a new subscription.",
                      param="subscription_data[effective_date]")  # fmt: skip
    return found


def expiry(call: StripeCall, at: int) -> int:
    if at <= call.timestamp:
        raise invalid("The expiration date of a quote must be in the future.", param="expires_at")
    return at


def _fitting(body: Mapping[str, Any], quote: Object) -> None:
    """What goes together: https://docs.stripe.com/api/quotes/create. Raises ServiceError."""
    recurs = quote["computed"]["recurring"] is not None
    if quote["application_fee_amount"] is not None and recurs:
        raise invalid("There cannot be any line items with recurring prices when using this field.",
                      param="application_fee_amount")  # fmt: skip
    if body.get("application_fee_percent") and not recurs:
        raise invalid("There must be at least 1 line item with a recurring price to use this field.",
                      param="application_fee_percent")  # fmt: skip
    if quote["collection_method"] == "send_invoice" and not quote["invoice_settings"]["days_until_due"]:
        raise missing_param("invoice_settings[days_until_due]")


async def _reckoned(call: StripeCall, quote: Object, hidden: Object) -> tuple[Object, Object]:
    """The quote with its totals, and what they are made of."""
    items = hidden["line_items"]
    if len({item["currency"] for item in items}) > 1:
        raise invalid("All prices of a quote must have the same `currency`.", param="line_items")
    customer = await call.state.get(customers.KIND, quote["customer"] or "")
    exempt = customer["tax_exempt"] if customer else None
    rates = [await call.named("tax_rate", key) for key in quote["default_tax_rates"]]
    offered = [(key, Terms(**terms)) for key, terms in hidden["offered"]]
    every = await quote_sums.reckoned(call, items, offered, rates, exempt)
    lasting = [(key, terms) for key, terms in offered if terms.duration == "forever"]
    again = [each for each in await quote_sums.reckoned(call, items, lasting, rates, exempt) if each.recurs]
    data = quote["subscription_data"]
    later = bool(data["trial_period_days"]) or (data["effective_date"] or 0) > call.timestamp
    upfront = [each for each in every if not (later and each.recurs)]
    tax = call.body.get("automatic_tax")
    if tax is not None:
        enabled = bool(tax["enabled"])
        known = bool(customer and (customer["address"] or {}).get("country"))
        quote["automatic_tax"] = {
            "enabled": enabled,
            "liability": {"type": "self", **(tax.get("liability") or {})} if enabled else None,
            "provider": "stripe" if enabled else None,
            "status": ("complete" if known else "requires_location_inputs") if enabled else None,
        }
    new = {
        **quote,
        **quote_sums.sums(every),
        "computed": {"recurring": quote_sums.recurring(again), "upfront": quote_sums.sums(upfront)},
        "currency": items[0]["currency"] if items else (customer or {}).get("currency"),
    }
    parts = {
        "total": quote_sums.broken_down(every),
        "recurring": quote_sums.broken_down(again),
        "upfront": quote_sums.broken_down(upfront),
    }
    shown = [entry.item for entry in every]
    return new, {**hidden, "line_items": shown, "upfront": [each.item for each in upfront], "parts": parts}


async def store(call: StripeCall, quote: Object) -> None:
    index = {"status": quote["status"]}
    index |= {name: quote[name] for name in ("customer", "test_clock") if quote[name]}
    await call.state.put(KIND, quote["id"], quote, index)
