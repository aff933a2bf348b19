"""Connected accounts for tests."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe

BANK = {
    "object": "bank_account",
    "country": "US",
    "currency": "usd",
    "account_number": "000123456789",
    "routing_number": "110000000",
}

INDIVIDUAL = {
    "address": {"city": "Denver", "line1": "12 Main St", "postal_code": "80014", "state": "CO"},
    "dob": {"day": 1, "month": 1, "year": 1981},
    "email": "jenny@shop.example",
    "first_name": "Jenny",
    "last_name": "Rosen",
    "phone": "+15555551234",
    "ssn_last_4": "0000",
}

COMPLETE: dict[str, Any] = {
    "type": "custom",
    "country": "US",
    "business_type": "individual",
    "business_profile": {"mcc": "5734", "url": "https://shop.example"},
    "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
    "external_account": BANK,
    "individual": INDIVIDUAL,
    "tos_acceptance": {"date": 1609798905, "ip": "8.8.8.8"},
}


async def account(stripe: Stripe, **params: Any) -> Any:
    """A custom account that may do everything."""
    return await stripe.post("accounts", **{**COMPLETE, **params})


async def funded(stripe: Stripe, amount: int = 10_000, **params: Any) -> Any:
    """A charge whose money is available at once."""
    asked = {"amount": amount, "currency": "usd", "source": "tok_bypassPending"}
    return await stripe.post("charges", **{**asked, **params})


def on(key: str) -> dict[str, str]:
    """The header of a call on a connected account."""
    return {"stripe-account": key}


async def available(stripe: Stripe, key: str | None = None, currency: str = "usd") -> int:
    """What can leave an account, in minor units."""
    return await _amount(stripe, "available", key, currency)


async def pending(stripe: Stripe, key: str | None = None, currency: str = "usd") -> int:
    """What is on its way to an account, in minor units."""
    return await _amount(stripe, "pending", key, currency)


async def _amount(stripe: Stripe, name: str, key: str | None, currency: str) -> int:
    found = await stripe.get("balance", headers=on(key) if key else None)
    return sum(each["amount"] for each in found[name] if each["currency"] == currency)
