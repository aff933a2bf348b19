"""Top-ups: money that an account's bank sends to its balance.

https://docs.stripe.com/api/topups, https://docs.stripe.com/connect/top-ups and
https://docs.stripe.com/connect/testing#testing-top-ups (2026-11). The dashboard's own bank account takes the banking
days of the first page; test accounts answer a second later (when they do in test mode is nowhere said: timing ours).

Refusals whose words no page of Stripe's has, and why a top-up failed: wording ours.
"""

from __future__ import annotations

from mocks.stripe import balance, clocks, lists, money, payouts, testbanks
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed, given
from mocks.stripe.errors import exclusive, invalid, missing
from mocks.stripe.metadata import first, merged
from mocks.stripe.testcards import fingerprint

KIND = "topup"
SOURCE = "source"

#: "5-6 business days": https://docs.stripe.com/connect/add-and-pay-out-guide#settlement-timing
BANK_DAYS = 5
#: Of the accounts that stand for a certain answer.
TEST_SECONDS = 1
LONGEST_DESCRIPTOR = 15

#: Test token -> the test account behind it, which fails as payouts to it do.
TEST_TOKENS = {
    "btok_us_verified": "000123456789",
    "btok_us_verified_noAccount": "000111111116",
    "btok_us_verified_accountClosed": "000111111113",
    "btok_us_verified_insufficientFunds": "000222222227",
    "btok_us_verified_debitNotAuthorized": "000333333335",
    "btok_us_verified_invalidCurrency": "000444444440",
}
MESSAGES = {
    "no_account": "The bank account could not be located.",
    "account_closed": "The bank account has been closed.",
    "insufficient_funds": "The bank account has insufficient funds to cover this top-up.",
    "debit_not_authorized": "Debits are not authorized on the bank account.",
    "invalid_currency": "The bank was unable to process this top-up because of its currency.",
}


async def create(call: StripeCall) -> Object:
    body = call.body
    if body["amount"] < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    currency = money.known_currency(body["currency"])
    descriptor = _descriptor(given(body, "statement_descriptor"))
    metadata = first(body.get("metadata"))
    method = await _method(call)
    source = await _source(call, currency)
    network: Object = {"network": "ach"}
    topup: Object = {
        "id": call.new_id("tu_1", 23),
        "object": KIND,
        "amount": body["amount"],
        "balance_transaction": None,
        "created": call.timestamp,
        "currency": currency,
        "description": given(body, "description"),
        "expected_availability_date": payouts.banking_day(call, BANK_DAYS),
        "failure_code": None,
        "failure_message": None,
        "initiated_by": "user",
        "livemode": False,
        "metadata": metadata,
        "payment_method": method,
        "payment_method_options": {"us_bank_account": network} if method else None,
        "source": source,
        "statement_descriptor": descriptor,
        "status": "pending",
        "transfer_group": given(body, "transfer_group"),
    }
    await _store(call, topup)
    await clocks.appoint(call, _answered_at(topup), topup)
    call.event("topup.created", topup)
    return topup


def _descriptor(sent: str | None) -> str | None:
    """ "Limited to 15 ASCII characters", "It must contain at least one letter"."""
    if sent is None:
        return None
    if len(sent) > LONGEST_DESCRIPTOR or not sent.isascii():
        why = f"Statement descriptors of top-ups can have up to {LONGEST_DESCRIPTOR} ASCII characters."
        raise invalid(why, param="statement_descriptor")
    if not any(letter.isalpha() for letter in sent):
        raise invalid("Statement descriptors must contain at least one letter.", param="statement_descriptor")
    return sent


async def _method(call: StripeCall) -> str | None:
    sent: str | None = given(call.body, "payment_method")
    if sent is None:
        return None
    if given(call.body, "source") is not None:
        raise exclusive("payment_method", "source")
    found = await call.referred("payment_method", sent, "payment_method")
    if found["type"] != "us_bank_account":
        raise invalid("Only payment methods of the type us_bank_account can top up.", param="payment_method")
    return sent


async def _source(call: StripeCall, currency: str) -> Object | None:
    """The bank account that a parameter names: a test token, a token, or a source; None for the dashboard's own."""
    sent: str | None = given(call.body, "source")
    if sent is None:
        return None
    if number := TEST_TOKENS.get(sent):
        made = _debit(call, currency, number[-4:], fingerprint(f"110000000:{number}"), "110000000")
    elif sent.startswith("btok_"):
        token = await call.referred("token", sent, "source")
        if token["used"]:
            why = f"You cannot use a Stripe token more than once: {sent}."
            raise invalid(why, code="token_already_used", param="source")
        await call.state.put("token", sent, {**token, "used": True})
        bank = token["bank_account"]
        made = _debit(call, currency, bank["last4"], bank["fingerprint"], bank["routing_number"])
    else:
        known = await call.state.get(SOURCE, sent)
        if known is None:
            raise missing(SOURCE, sent, "source")
        return known
    await call.state.put(SOURCE, made["id"], made)
    return made


def _debit(call: StripeCall, currency: str, last4: str, print: str, routing: str | None) -> Object:
    names = ("address", "email", "name", "phone")
    return {
        "id": call.new_id("src_1", 23),
        "object": SOURCE,
        "ach_debit": {
            "bank_name": "STRIPE TEST BANK", "country": "US", "fingerprint": print, "last4": last4,
            "routing_number": routing, "type": "individual",
        },
        "amount": None,
        "client_secret": call.new_id("src_client_secret_", 24),
        "created": call.timestamp,
        "currency": currency,
        "flow": "none",
        "livemode": False,
        "metadata": {},
        "owner": {**dict.fromkeys(names), **{f"verified_{name}": None for name in names}},
        "statement_descriptor": None,
        "status": "chargeable",
        "type": "ach_debit",
        "usage": "reusable",
    }  # fmt: skip


async def _store(call: StripeCall, topup: Object) -> None:
    await call.state.put(KIND, topup["id"], topup, {"status": topup["status"]})


def _answered_at(topup: Object) -> int:
    if topup["source"] or topup["payment_method"]:
        return int(topup["created"]) + TEST_SECONDS
    return int(topup["expected_availability_date"])


async def look(call: StripeCall, key: str) -> None:
    """The bank's answer, when its time has come."""
    topup = await call.state.get(KIND, key)
    if topup is None or topup["status"] != "pending" or _answered_at(topup) > call.timestamp:
        return
    code = await _failing(call, topup)
    if code is not None:
        message = MESSAGES.get(code, "The bank did not pay this top-up.")
        done = {**topup, "failure_code": code, "failure_message": message, "status": "failed"}
    else:
        moved = await balance.record(
            call, "topup", amount=topup["amount"], currency=topup["currency"], source=key,
            description=topup["description"], on=call.timestamp,
        )  # fmt: skip
        done = {**topup, "balance_transaction": moved, "status": "succeeded"}
    await _store(call, done)
    call.event(f"topup.{done['status']}", done)


async def _failing(call: StripeCall, topup: Object) -> str | None:
    """The failure code that the account behind a top-up stands for; None where it pays."""
    if topup["payment_method"]:
        method = await call.state.get("payment_method", topup["payment_method"])
        bank = testbanks.behind("us_bank_account", method["us_bank_account"]["fingerprint"]) if method else None
        return bank.fails if bank is not None else None
    debit = (topup["source"] or {}).get("ach_debit") or {}
    code, _ = payouts.FAILING.get(debit.get("last4", ""), (None, ""))
    return code


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("topup"))


async def update(call: StripeCall) -> Object:
    """No event tells of it: https://docs.stripe.com/api/events/types."""
    old = await call.named(KIND, call.path("topup"))
    changes: Object = {"metadata": merged(old["metadata"], call.body.get("metadata"))}
    if "description" in call.body:
        changes["description"] = given(call.body, "description")
    new, _ = changed(old, changes)
    await _store(call, new)
    return new


async def cancel(call: StripeCall) -> Object:
    """ "Only pending top-ups can be canceled"."""
    topup = await call.named(KIND, call.path("topup"))
    if topup["status"] != "pending":
        raise invalid(f"Only pending top-ups can be canceled; this one has a status of {topup['status']}.")
    done = {**topup, "status": "canceled"}
    await _store(call, done)
    call.event("topup.canceled", done)
    return done


async def list_all(call: StripeCall) -> Object:
    status, amount = call.body.get("status"), call.body.get("amount")
    keep = lists.within("amount", amount) if amount else None
    return await lists.page(call, KIND, {"status": status} if status else None, keep=keep)


HANDLERS: dict[str, StripeHandler] = {
    "topups.cancel": cancel,
    "topups.create": create,
    "topups.list": list_all,
    "topups.retrieve": retrieve,
    "topups.update": update,
}
