"""Bank accounts whose owner is to be seen first: small deposits are sent, and the owner tells of them.

https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment and /payments/acss-debit/accept-a-payment (2026-11),
"Verify bank account with microdeposits" and "Test microdeposit amounts and descriptor codes".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from mocks.stripe import banks
from mocks.stripe.calls import Object, StripeCall

DAY = 86_400
#: What a payment method has been through is kept here: see payment_methods.HISTORY, which is above this module.
HISTORY = "payment_method_history"

Told = Literal["verified", "wrong", "exceeded", "timeout"]

AMOUNTS: dict[tuple[int, ...], Told] = {(32, 45): "verified", (10, 11): "exceeded", (40, 41): "timeout"}
CODES: dict[str, Told] = {"SM11AA": "verified", "SM33CC": "exceeded", "SM44DD": "timeout"}
#: "You have three failed verification attempts" of a descriptor code, ten of amounts.
ATTEMPTS: Final[dict[str, int]] = {"descriptor_code": 3, "amounts": 10}


async def needed(call: StripeCall, method: Object) -> bool:
    """Whether the owner of a bank account has not been seen yet. An account that the bank itself named (Financial
    Connections) and a test payment method need no deposits."""
    kind = method["type"]
    if kind not in banks.VERIFIED or method[kind].get("financial_connections_account"):
        return False
    past = await call.state.get(HISTORY, method["id"]) or {}
    return not past.get("verified")


def action(call: StripeCall, intent: Object, method: Object) -> Object:
    """What the customer has to do. Deposits arrive at midnight, on the next day."""
    # A US account gets one of a cent, whose statement tells a code; a Canadian one two amounts.
    kind = "descriptor_code" if method["type"] == "us_bank_account" else "amounts"
    arrival = (int(call.now.timestamp()) // DAY + 1) * DAY
    address = call.hosted(f"microdeposit/{intent['id']}", client_secret=intent["client_secret"])
    details = {"arrival_date": arrival, "hosted_verification_url": address, "microdeposit_type": kind}
    return {"type": "verify_with_microdeposits", "verify_with_microdeposits": details}


def told(amounts: Sequence[int] | None, code: str | None) -> Told:
    """What the amounts or the code of a test stand for; in any order, and whatever was sent."""
    if code:
        return CODES.get(code.upper(), "wrong")
    return AMOUNTS.get(tuple(sorted(amounts or ())), "wrong")
