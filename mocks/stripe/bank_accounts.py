"""Bank accounts as customers' sources: https://docs.stripe.com/api/customer_bank_accounts (2026-11).

Test tokens and deposits: https://docs.stripe.com/ach-deprecated#testing-ach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import invalid, missing, missing_param
from mocks.stripe.metadata import first
from mocks.stripe.money import known_currency
from mocks.stripe.testcards import fingerprint

KIND = "bank_account"

#: The two deposits that verify a test account, and those that do not; others are refused too.
DEPOSITS = (32, 45)

#: Test token -> status of the account behind it.
TEST_TOKENS = {"btok_us": "new", "btok_us_verified": "verified"}
TEST_ACCOUNT = {"account_holder_name": "Jane Austen", "account_holder_type": "individual", "country": "US",
                "currency": "usd", "account_number": "000123456789", "routing_number": "110000000"}  # fmt: skip

HOLDER = ("account_holder_name", "account_holder_type")


def build(call: StripeCall, sent: Mapping[str, Any], param: str = "bank_account") -> Object:
    """An account as it is shown: its last four digits, and a fingerprint of the rest; raises ServiceError."""
    for name in ("country", "account_number"):
        if not sent.get(name):
            raise missing_param(f"{param}[{name}]")
    number, routing = str(sent["account_number"]).replace(" ", ""), given(sent, "routing_number")
    if sent["country"] == "US":
        if not routing:
            raise missing_param(f"{param}[routing_number]")
        if not _routes(routing):
            raise invalid(
                f"Invalid routing number for US: {routing}.",
                code="routing_number_invalid",
                param=f"{param}[routing_number]",
            )
    if not (4 <= len(number) <= 34 and number.isalnum()):
        raise invalid("Invalid account number.", code="account_number_invalid", param=f"{param}[account_number]")
    return {
        "id": call.new_id("ba_1", 23),
        "object": KIND,
        **{name: given(sent, name) for name in HOLDER},
        "account_type": given(sent, "account_type"),
        "bank_name": "STRIPE TEST BANK",
        "country": sent["country"],
        "currency": known_currency(sent.get("currency") or "usd", f"{param}[currency]"),
        "fingerprint": fingerprint(f"{routing}:{number}"),
        "last4": number[-4:],
        "routing_number": routing,
        "status": "new",
    }


def _routes(routing: str) -> bool:
    """The check digit of the American Bankers Association."""
    if not (len(routing) == 9 and routing.isascii() and routing.isdigit()):
        return False
    return sum(int(digit) * weight for digit, weight in zip(routing, (3, 7, 1) * 3, strict=True)) % 10 == 0


def named(source: Any) -> bool:
    """Whether a ``source`` is a bank account's token."""
    return isinstance(source, str) and source.startswith("btok_")


async def from_token(call: StripeCall, id: str, customer: str, param: str) -> Object:
    """The account behind a token, as a customer's; the token is spent. Not stored yet."""
    status = TEST_TOKENS.get(id)
    if status is not None:
        return {**build(call, TEST_ACCOUNT), "customer": customer, "metadata": {}, "status": status}
    token = await call.state.get("token", id)
    if token is None:
        raise missing("token", id, param)
    if token["used"]:
        raise invalid(f"You cannot use a Stripe token more than once: {id}.", code="token_already_used", param=param)
    await call.state.put("token", id, {**token, "used": True})
    return {**token["bank_account"], "customer": customer, "metadata": first(None)}


def updated(account: Object, body: Mapping[str, Any]) -> Object:
    """What a caller may change of an account."""
    return {name: given(body, name) for name in HOLDER if name in body}


def verified(account: Object, amounts: Sequence[int] | None) -> tuple[Object, Object]:
    """The account after its owner told the deposits, and what it was before; raises ServiceError for wrong ones."""
    if account["status"] == "verified":
        raise invalid("This bank account has already been verified.")
    if not amounts:
        raise missing_param("amounts")
    if sorted(amounts) != sorted(DEPOSITS):
        raise invalid(
            "The amounts provided do not match the amounts that were sent to the bank account.",
            code="bank_account_verification_failed",
            param="amounts",
        )
    return changed(account, {"status": "verified"})
