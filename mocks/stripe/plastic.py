"""The card inside a payment method, token or source: from a number, a test token or a test payment method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import ServiceError
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import missing_param
from mocks.stripe.testcards import BY_FINGERPRINT, INCORRECT_NUMBER, Decline, TestCard, by_name, by_number

Checks = tuple[str | None, str | None, str | None]


def refused(decline: Decline, **details: Any) -> ServiceError:
    """The 402 of a card that cannot be saved: Stripe blames an empty parameter then (seen)."""
    return ServiceError(402, decline.code, decline.message, details={**card_error(decline), "param": "", **details})


def card_error(decline: Decline) -> Object:
    """The members of a ``card_error`` besides code and message (https://docs.stripe.com/declines/codes)."""
    found: Object = {"type": "card_error", "decline_code": decline.decline_code}
    if decline.param:
        found["param"] = decline.param
    if decline.advice:
        found["advice_code"] = decline.advice
    if decline.network:
        found["network_decline_code"] = decline.network
    return found


def _invalid(code: str, message: str, param: str) -> ServiceError:
    return ServiceError(402, code, message, details={"type": "card_error", "param": param})


def details(
    *,
    brand: str,
    country: str | None,
    funding: str,
    last4: str,
    fingerprint: str,
    expires: tuple[int, int],
    checks: Checks,
) -> Object:
    """The ``card`` hash of a payment method."""
    line1, postal_code, cvc = checks
    return {
        "brand": brand,
        "checks": {"address_line1_check": line1, "address_postal_code_check": postal_code, "cvc_check": cvc},
        "country": country,
        "display_brand": brand if brand != "amex" else "american_express",
        "exp_month": expires[0],
        "exp_year": expires[1],
        "fingerprint": fingerprint,
        "funding": funding,
        "generated_from": None,
        "last4": last4,
        "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def from_test(
    call: StripeCall, test: TestCard, expires: tuple[int, int] | None = None, checks: Checks | None = None
) -> Object:
    """The details of a test card. Without a date it expires a year from now, as Stripe's own do (seen)."""
    return details(
        brand=test.brand,
        country=test.country,
        funding=test.funding,
        last4=test.last4,
        fingerprint=test.fingerprint,
        expires=expires or (call.now.month, call.now.year + 1),
        checks=checks or (None, None, "unchecked"),
    )


def from_test_token(call: StripeCall, id: str) -> Object | None:
    """The details behind ``tok_visa`` and its like."""
    test = by_name(id, "tok_")
    return None if test is None else from_test(call, test)


def from_test_method(call: StripeCall, id: str) -> Object | None:
    """The details behind ``pm_card_visa`` and its like."""
    test = by_name(id, "pm_card_")
    return None if test is None else from_test(call, test)


def from_number(call: StripeCall, sent: Mapping[str, Any]) -> tuple[TestCard, Object]:
    """The test card and details of a number with date and code; raises a ``card_error`` for impossible ones."""
    for name in ("number", "exp_month", "exp_year"):
        if sent.get(name) in (None, ""):
            raise missing_param(name)
    test = by_number(str(sent["number"]))
    if test is None:
        raise _invalid(INCORRECT_NUMBER.code, INCORRECT_NUMBER.message, "number")
    month, year = _expiry(call, str(sent["exp_month"]), str(sent["exp_year"]))
    cvc = sent.get("cvc")
    length = 4 if test.brand == "amex" else 3
    if cvc and not (str(cvc).isdigit() and len(str(cvc)) in (3, length)):
        raise _invalid("invalid_cvc", "Your card's security code is invalid.", "cvc")
    line1 = "unchecked" if sent.get("address_line1") else None
    postal_code = "unchecked" if sent.get("address_zip") else None
    checks = (line1, postal_code, "unchecked" if cvc else None)
    return test, from_test(call, test, (month, year), checks)


def _expiry(call: StripeCall, month: str, year: str) -> tuple[int, int]:
    if not (month.isdigit() and 1 <= int(month) <= 12):
        raise _invalid("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    full = int(year) + 2000 if year.isdigit() and len(year) <= 2 else int(year) if year.isdigit() else 0
    if not call.now.year <= full <= call.now.year + 50:
        raise _invalid("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    if (full, int(month)) < (call.now.year, call.now.month):
        raise _invalid("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    return int(month), full


def behind(card: Mapping[str, Any]) -> TestCard | None:
    """The test card that a stored card (or a payment method's ``card``) was made from."""
    return BY_FINGERPRINT.get(card.get("fingerprint") or "")


def checked(test: TestCard | None, sent: str | None, name: str = "cvc_check") -> str | None:
    """What becomes of a check when the bank is asked; nothing when the value was not sent."""
    if sent is None:
        return None
    return (test.checks if test else {}).get(name, "pass")


def verified(card: Object) -> Object:
    """The card after the bank looked at it: ``unchecked`` becomes the check's result."""
    test = behind(card)
    checks = {name: checked(test, value, name) for name, value in card["checks"].items()}
    return card if checks == card["checks"] else {**card, "checks": checks}
