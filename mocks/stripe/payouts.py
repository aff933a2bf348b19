"""Payouts: money that leaves for an account's bank.

https://docs.stripe.com/api/payouts and https://docs.stripe.com/payouts (2026-11). A payout arrives by itself: whoever
looks at it after its ``arrival_date`` finds it paid, or failed where its bank account is one of the testing page's.

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from mocks.stripe import balance, clocks, external_accounts, money
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import invalid, missing
from mocks.stripe.lists import page, within
from mocks.stripe.metadata import first, merged

KIND = "payout"

#: Days that the bank takes: https://docs.stripe.com/payouts#payout-speed
BANK_DAYS = 2

#: The last digits of test account numbers -> why a payout there fails: https://docs.stripe.com/connect/testing#payouts
FAILING = {
    "1116": (
        "no_account",
        "The bank account details on file are probably incorrect. No bank account could be located.",
    ),
    "1113": ("account_closed", "The bank account has been closed."),
    "2227": ("insufficient_funds", "Your Stripe account has insufficient funds to cover the payout."),
    "3335": ("debit_not_authorized", "Debit transactions are not approved on your bank account."),
    "4440": ("invalid_currency", "The bank was unable to process this payout because of its currency."),
}

#: Seen in test mode.
INSUFFICIENT = (
    "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low.  You can use "
    "the the /v1/balance endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance)."
)


async def create(call: StripeCall) -> Object:
    body = call.body
    currency = money.known_currency(body["currency"])
    amount = body["amount"]
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    metadata = first(body.get("metadata"))
    target = await _destination(call, given(body, "destination"), currency)
    if amount > await balance.available(call, currency):
        raise invalid(INSUFFICIENT, code="balance_insufficient")
    instant = body.get("method") == "instant"
    payout = await _build(
        call, amount=amount, currency=currency, target=target, instant=instant, metadata=metadata,
        description=given(body, "description"), descriptor=given(body, "statement_descriptor"),
    )  # fmt: skip
    await _sent(call, payout)
    if instant:
        # It has arrived within minutes: the answer still shows it on its way.
        await _arrived(call, payout)
    return payout


async def by_schedule(call: StripeCall, amount: int, currency: str, target: Object) -> None:
    """The payout of an account's schedule."""
    payout = await _build(
        call, amount=amount, currency=currency, target=target, instant=False, metadata={}, description="STRIPE PAYOUT",
        automatic=True,
    )  # fmt: skip
    await _sent(call, payout)


async def _sent(call: StripeCall, payout: Object) -> None:
    await _store(call, payout)
    call.event("payout.created", payout)
    if payout["method"] == "standard":
        await clocks.appoint(call, payout["arrival_date"], payout)


async def look(call: StripeCall, key: str) -> None:
    """The bank's answer by time alone."""
    payout = await call.state.get(KIND, key)
    if payout is not None:
        await _now(call, payout)


async def _destination(call: StripeCall, wanted: str | None, currency: str) -> Object:
    if wanted is not None:
        found = await external_accounts.one(call, wanted)
        if found is None:
            raise missing("external account", wanted, "destination")
        return found
    found = await external_accounts.of_currency(call, currency)
    if found is None:
        raise invalid(f"There is no external account in that currency ({currency}).")
    return found


async def _build(
    call: StripeCall,
    *,
    amount: int,
    currency: str,
    target: Object,
    instant: bool,
    metadata: Mapping[str, str],
    description: str | None,
    descriptor: str | None = None,
    original: str | None = None,
    automatic: bool = False,
) -> Object:
    key = call.new_id("po_1", 23)
    moved = await balance.record(
        call, "payout", amount=-amount, currency=currency, source=key,
        description=description or "STRIPE PAYOUT", available=True,
        category="payout_reversal" if original else "payout",
    )  # fmt: skip
    return {
        "id": key,
        "object": KIND,
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": call.timestamp if instant else banking_day(call, BANK_DAYS),
        "automatic": automatic,
        "balance_transaction": moved,
        "created": call.timestamp,
        "currency": currency,
        "description": description,
        "destination": target["id"],
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(metadata),
        "method": "instant" if instant else "standard",
        "original_payout": original,
        "payout_method": None,
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": descriptor,
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": target["object"],
    }


def banking_day(call: StripeCall, left: int) -> int:
    """Midnight (UTC) of the banking day so many from today."""
    day = call.now.replace(hour=0, minute=0, second=0, microsecond=0)
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return int(day.timestamp())


async def _store(call: StripeCall, payout: Object) -> None:
    index = {"status": payout["status"], "destination": payout["destination"]}
    await call.state.put(KIND, payout["id"], payout, index)


async def _arrived(call: StripeCall, payout: Object) -> Object:
    """The bank's answer."""
    target = await external_accounts.one(call, payout["destination"])
    failing = FAILING.get(target["last4"]) if target is not None else None
    if target is None or failing is None:
        trace = {"status": "unsupported", "value": None}
        new, previous = changed(payout, {"status": "paid", "trace_id": trace})
        call.event("payout.paid", new, previous)
    else:
        code, message = failing
        back = await balance.record(
            call, "payout_failure", amount=payout["amount"], currency=payout["currency"], source=payout["id"],
            description="STRIPE PAYOUT FAILURE", available=True,
        )  # fmt: skip
        changes = {"status": "failed", "failure_balance_transaction": back, "failure_code": code,
                   "failure_message": message}  # fmt: skip
        new, previous = changed(payout, changes)
        call.event("payout.failed", new, previous)
        await external_accounts.errored(call, target)
    await _store(call, new)
    return new


async def _now(call: StripeCall, payout: Object) -> Object:
    """A payout as it is by now."""
    if payout["status"] == "pending" and payout["arrival_date"] <= call.timestamp:
        return await _arrived(call, payout)
    return payout


async def _ripen(call: StripeCall) -> None:
    """Let arrive what has arrived, oldest first."""
    waiting = await call.state.page(KIND, where={"status": "pending"}, order="oldest", limit=100)
    for payout in waiting:
        await _now(call, payout)


async def retrieve(call: StripeCall) -> Object:
    return await _now(call, await call.named(KIND, call.path("payout")))


async def update(call: StripeCall) -> Object:
    old = await _now(call, await call.named(KIND, call.path("payout")))
    new, previous = changed(old, {"metadata": merged(old["metadata"], call.body.get("metadata"))})
    await _store(call, new)
    if previous:
        call.event("payout.updated", new, previous)
    return new


async def cancel(call: StripeCall) -> Object:
    """The money comes back. Only while it is pending, "You can't cancel automatic Stripe payouts":
    https://docs.stripe.com/api/payouts/cancel."""
    payout = await call.named(KIND, call.path("payout"))
    if payout["automatic"]:
        raise invalid("You cannot cancel a payout that was made by the schedule.")
    if payout["status"] != "pending" or payout["arrival_date"] <= call.timestamp or payout["original_payout"]:
        now = "paid" if payout["status"] == "pending" else payout["status"]
        raise invalid(f"You can only cancel a payout while it is pending; this one has a status of {now}.")
    back = await balance.record(
        call, "payout_cancel", amount=payout["amount"], currency=payout["currency"], source=payout["id"],
        description="STRIPE PAYOUT CANCEL", available=True,
    )  # fmt: skip
    new, previous = changed(payout, {"status": "canceled", "failure_balance_transaction": back})
    await _store(call, new)
    call.event("payout.canceled", new, previous)
    return new


async def reverse(call: StripeCall) -> Object:
    """A payout of the opposite amount: https://docs.stripe.com/api/payouts/reverse."""
    old = await _now(call, await call.named(KIND, call.path("payout")))
    if old["status"] != "paid" or old["reversed_by"] or old["original_payout"]:
        why = "it has already been reversed" if old["reversed_by"] else f"it has a status of {old['status']}"
        raise invalid(f"You can only reverse a payout that has been paid and was not reversed before; {why}.")
    metadata = first(call.body.get("metadata"))
    target: Object = {"id": old["destination"], "object": old["type"]}
    made = await _build(
        call, amount=-old["amount"], currency=old["currency"], target=target, instant=False, metadata=metadata,
        description=None, original=old["id"],
    )  # fmt: skip
    await _store(call, made)
    await clocks.appoint(call, made["arrival_date"], made)
    new, previous = changed(old, {"reversed_by": made["id"]})
    await _store(call, new)
    call.event("payout.created", made)
    call.event("payout.updated", new, previous)
    return made


async def list_all(call: StripeCall) -> Object:
    await _ripen(call)
    where = {name: call.body[name] for name in ("status", "destination") if call.body.get(name)}
    arrival = call.body.get("arrival_date")
    return await page(call, KIND, where or None, keep=within("arrival_date", arrival) if arrival else None)
