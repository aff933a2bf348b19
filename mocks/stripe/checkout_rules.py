"""What a checkout session must and must not be asked for: https://docs.stripe.com/api/checkout/sessions/create
(2026-11).

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mocks.stripe import money
from mocks.stripe.calls import StripeCall, given
from mocks.stripe.errors import exclusive, invalid, missing_param

MINUTES = 60
#: A session lives for half an hour at least and for a day at most.
SHORTEST, LONGEST = 30 * MINUTES, 24 * 60 * MINUTES

#: Parameter -> the modes that it is for.
ONLY = {
    "line_items": ("payment", "subscription"),
    "payment_intent_data": ("payment",),
    "subscription_data": ("subscription",),
    "setup_intent_data": ("setup",),
    "invoice_creation": ("payment",),
    "customer_creation": ("payment", "setup"),
    "discounts": ("payment", "subscription"),
    "shipping_options": ("payment",),
    "submit_type": ("payment", "subscription"),
}


def allowed(call: StripeCall) -> None:
    """Refuse what does not go together; raises ServiceError before anything is made."""
    body = call.body
    mode = body.get("mode")
    if mode is None:
        raise missing_param("mode")
    _addresses(body)
    if given(body, "customer") and given(body, "customer_email"):
        raise exclusive("customer", "customer_email")
    for name, modes in ONLY.items():
        if body.get(name) and mode not in modes:
            raise invalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    if mode != "setup" and not body.get("line_items"):
        raise missing_param("line_items")
    if body.get("discounts") and body.get("allow_promotion_codes"):
        raise exclusive("allow_promotion_codes", "discounts")
    if mode == "setup" and not (body.get("payment_method_types") or body.get("currency")):
        # https://docs.stripe.com/payments/save-and-reuse: dynamic payment methods need to know the currency.
        raise missing_param("currency")
    _times(call, body)


def _addresses(body: Mapping[str, Any]) -> None:
    hosted = body.get("ui_mode", "hosted_page") == "hosted_page"
    if hosted and not body.get("success_url"):
        raise missing_param("success_url")
    for name in ("success_url", "cancel_url", "return_url"):
        address = given(body, name)
        if address is None:
            continue
        if not hosted and name != "return_url":
            raise invalid(f"`{name}` is only allowed when `ui_mode` is `hosted_page`.", param=name)
        valid(address, name)


def valid(address: str | None, param: str) -> None:
    """Refuse an address that no browser should go to; raises ServiceError."""
    if address and not is_address(address):
        raise invalid("Not a valid URL", code="url_invalid", param=param)


def is_address(text: str) -> bool:
    """With a scheme, which may be an application's own; never one that a browser would run."""
    parts = urlsplit(text.strip())
    return bool(parts.scheme) and bool(parts.netloc) and parts.scheme.lower() not in ("javascript", "data")


def _times(call: StripeCall, body: Mapping[str, Any]) -> None:
    at = given(body, "expires_at")
    if at is None:
        return
    if at < call.timestamp + SHORTEST:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", param="expires_at"
        )
    if at > call.timestamp + LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", param="expires_at"
        )


def enough(mode: str, total: int, currency: str) -> None:
    """Refuse a payment that is too small to be made; nothing at all is allowed. Raises ServiceError."""
    smallest = money.MINIMUM.get(currency, 1)
    if mode == "payment" and 0 < total < smallest:
        raise invalid(
            f"The Checkout Session's total amount due must add up to at least {money.shown(smallest, currency)}",
            code="amount_too_small",
        )


def trial(data: Mapping[str, Any]) -> Any:
    """What a session says of a trial; falsy when its subscription begins without one."""
    asked = data.get("subscription_data") or {}
    return asked.get("trial_period_days") or asked.get("trial_end")
