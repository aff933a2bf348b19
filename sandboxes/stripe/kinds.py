"""What Stripe's ids and parameters say about the kind of object that they name: prefixes, and members by name.

Kinds are named as Stripe names them in ``object``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

#: Id prefix -> kind. https://docs.stripe.com/api shows an id of every object; those of recorded exchanges agree.
PREFIXES: Mapping[str, str] = {
    "acct": "account",
    "ba": "bank_account",
    "bpc": "billing_portal.configuration",
    "bps": "billing_portal.session",
    "btok": "token",
    "card": "card",
    "cbtxn": "customer_balance_transaction",
    "ccsbtxn": "customer_cash_balance_transaction",
    "ch": "charge",
    "clock": "test_helpers.test_clock",
    "cn": "credit_note",
    "credgr": "billing.credit_grant",
    "cs": "checkout.session",
    "ct": "token",
    "ctoken": "confirmation_token",
    "cus": "customer",
    "cvctok": "token",
    "dp": "dispute",
    "du": "dispute",
    "ent": "entitlements.active_entitlement",
    "ephkey": "ephemeral_key",
    "evt": "event",
    "feat": "entitlements.feature",
    "fee": "application_fee",
    "file": "file",
    "fr": "fee_refund",
    "ii": "invoiceitem",
    "il": "line_item",
    "in": "invoice",
    "inpay": "invoice_payment",
    "link": "file_link",
    "mandate": "mandate",
    "mtr": "billing.meter",
    "person": "person",
    "pi": "payment_intent",
    "plan": "plan",
    "plink": "payment_link",
    "pm": "payment_method",
    "price": "price",
    "prod": "product",
    "prodft": "product_feature",
    "promo": "promotion_code",
    "prv": "review",
    "py": "charge",
    "pyr": "refund",
    "qt": "quote",
    "re": "refund",
    "setatt": "setup_attempt",
    "seti": "setup_intent",
    "shr": "shipping_rate",
    "si": "subscription_item",
    "src": "source",
    "sub": "subscription",
    "sub_sched": "subscription_schedule",
    "tax": "tax.transaction",
    "taxcalc": "tax.calculation",
    "tok": "token",
    "tr": "transfer",
    "trr": "transfer_reversal",
    "txi": "tax_id",
    "txn": "balance_transaction",
    "txr": "tax_rate",
}

#: Members that hold an id whatever it looks like, because applications choose ids of this kind themselves.
CHOSEN: Mapping[str, str] = {
    "coupon": "coupon",
    "customer": "customer",
    "plan": "plan",
    "price": "price",
    "prices": "price",
    "product": "product",
    "products": "product",
}

#: Members whose values are people's or the application's own text, and all that is inside of them.
TEXT = frozenset(
    {
        *(
            "metadata",
            "description",
            "name",
            "nickname",
            "email",
            "phone",
            "address",
            "query",
            "footer",
            "memo",
            "note",
        ),
        *("number", "code", "value", "reference", "identifier", "event_name", "comment", "reason", "display_name"),
        *("client_reference_id", "lookup_key", "lookup_keys", "transfer_lookup_key", "transfer_group", "expand"),
        *("statement_descriptor", "statement_descriptor_suffix", "custom_text", "custom_fields", "message", "page"),
        *("nonce", "line1", "line2", "city", "state", "postal_code", "url", "unit_label", "po_number", "headline"),
        *("doc_url", "request_log_url", "idempotency_key", "request"),
    }
)

#: What browsers and customers get from Stripe itself, which no ledger knows before it is used: tokens and payment
#: methods of Stripe.js (https://docs.stripe.com/js), the session behind a payment link, the event behind a webhook.
BORNE = frozenset({"token", "payment_method", "source", "confirmation_token", "checkout.session", "event"})

_ID = re.compile(r"(sub_sched|[a-z]{2,8})_([A-Za-z0-9_]+)")
_SECRET = re.compile(r"([a-z]{2,5}_(?:test_|live_)?[A-Za-z0-9]+)_secret_\w+")
#: https://docs.stripe.com/testing: ``pm_card_visa``, ``tok_chargeDeclined``, ``btok_us_verified``: everybody's.
_TEST_TAIL = re.compile(
    r"[A-Za-z]{1,12}|[a-zA-Z0-9]+_\w+|"
    r"(?:charge|cvc|avs|risk|create|bypass|three|refund|address|authentication|usBankAccount|customer|cartesBancaires)"
    r"[A-Za-z]*"
)
_TESTED = frozenset({"pm", "tok", "btok", "src", "ct", "cvctok", "ba", "card"})


def kind_of(text: str) -> str | None:
    """The kind of object that an id names, None for text that is no id of Stripe's, or one that is everybody's.

    Values of enumerations share prefixes (``card_present``): an id has a digit or a capital, or is long.
    """
    found = _ID.fullmatch(text)
    if found is None:
        return None
    prefix, tail = found[1], found[2]
    kind = PREFIXES.get(prefix)
    if kind is None or (prefix in _TESTED and _TEST_TAIL.fullmatch(tail)):
        return None
    if ("_" in tail or len(tail) < 14) and tail.islower() and not any(letter.isdigit() for letter in tail):
        return None
    return kind


def bare(text: str) -> str:
    """A client secret's object (``pi_1a_secret_x`` to ``pi_1a``); anything else as it is."""
    if "_secret_" not in text:
        return text
    found = _SECRET.fullmatch(text)
    return found[1] if found else text


def mentions(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """``(path, id, kind)`` of every id in a tree of members, in its order; texts are passed over."""
    if isinstance(value, str):
        name = next((step for step in reversed(path) if not step.isdigit()), "")
        text = bare(value)
        kind = kind_of(text)
        if kind is None and name in CHOSEN and text and not everybodys(text):
            kind = CHOSEN[name]
        if kind is not None:
            yield path, text, kind
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in TEXT and not name.endswith("_url"):
                yield from mentions(inner, (*path, str(name)))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from mentions(inner, (*path, str(position)))


def everybodys(text: str) -> bool:
    """Whether an id is one of Stripe's own for tests."""
    found = _ID.fullmatch(text)
    return bool(found and found[1] in _TESTED and _TEST_TAIL.fullmatch(found[2]))
