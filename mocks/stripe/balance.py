"""Balance transactions, what each movement of money did to the account's balance, and the balance itself.

https://docs.stripe.com/api/balance_transactions and https://docs.stripe.com/api/balance (2026-11). The mock's account
settles in the currency that it is paid in.
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe import payout_schedule
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.lists import page
from mocks.stripe.money import fee as fee_of

KIND = "balance_transaction"
#: A currency's money: what is available, and what becomes it by the time when.
FUNDS = "funds"

DAY = 24 * 60 * 60
#: Test payments become available at midnight, a week later (seen).
PENDING_DAYS = 7

#: Type -> reporting category: https://docs.stripe.com/reports/reporting-categories. Others are their own.
CATEGORIES = {
    "application_fee": "platform_earning", "application_fee_refund": "platform_earning_refund", "payment": "charge",
    "payment_failure_refund": "refund_failure", "payment_refund": "refund", "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal", "stripe_fee": "fee", "transfer_refund": "transfer_reversal",
}  # fmt: skip


async def record(
    call: StripeCall,
    type: str,
    *,
    amount: int,
    currency: str,
    source: str,
    description: str | None,
    with_fee: bool = False,
    kind: str = "card",
    available: bool = False,
    category: str | None = None,
    fee: int = 0,
    fee_description: str = "Stripe processing fees",
    fees: Sequence[Object] = (),
    on: int | None = None,
) -> str:
    """Store a movement of ``amount`` minor units (negative when money leaves) with the fee of a payment (``with_fee``,
    of that ``kind`` of payment method) or another ``fee``; answers its id.

    ``fees`` are what others than Stripe take of it. ``on`` is when it becomes available, where that is not Stripe's
    usual time."""
    details = list(fees)
    if stripes := fee_of(amount, kind) if with_fee else fee:
        details.append({"amount": stripes, "application": None, "currency": currency, "description": fee_description,
                        "type": "stripe_fee"})  # fmt: skip
    fee = sum(each["amount"] for each in details)
    now = _now(call)
    scheduled = payout_schedule.automatic(call)
    if on is None:
        days = await payout_schedule.held_days(call) if scheduled and not available else PENDING_DAYS
        on = now if available else (now // DAY + days) * DAY
    if scheduled and amount > fee:
        await payout_schedule.expect(call, currency, max(on, now))
    transaction: Object = {
        "id": call.new_id("txn_3", 23),
        "object": KIND,
        "amount": amount,
        "available_on": on,
        "balance_type": "payments",
        "created": call.timestamp,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details,
        "net": amount - fee,
        "reporting_category": category or CATEGORIES.get(type, type),
        "source": source,
        "status": "available" if on <= now else "pending",
        "type": type,
    }
    index = {"type": type, "currency": currency, "source": source}
    await call.state.put(KIND, transaction["id"], transaction, index)
    await _add(call, currency, amount - fee, on)
    return str(transaction["id"])


def _now(call: StripeCall) -> int:
    """Money takes the environment's time, whatever a test clock says."""
    return int(call.now.timestamp())


async def _add(call: StripeCall, currency: str, net: int, on: int) -> None:
    held = await _funds(call, currency)
    if on <= _now(call):
        held["available"] += net
    else:
        held["pending"][str(on)] = held["pending"].get(str(on), 0) + net
    await call.state.put(FUNDS, currency, held)


async def _funds(call: StripeCall, currency: str) -> Object:
    """A currency's money now: a copy that may be changed."""
    held = await call.state.get(FUNDS, currency)
    if held is None:
        return {"currency": currency, "available": _opening(call).get(currency, 0), "pending": {}}
    return _ripened(call, held)


def _ripened(call: StripeCall, held: Object) -> Object:
    due = {on: net for on, net in held["pending"].items() if int(on) <= _now(call)}
    rest = {on: net for on, net in held["pending"].items() if on not in due}
    return {**held, "available": held["available"] + sum(due.values()), "pending": rest}


def _opening(call: StripeCall) -> dict[str, int]:
    """What the platform's account has from the beginning, by the policy's option ``balance``: ``{usd: 100000}``."""
    told = call.options.get("balance")
    if call.account is not None or not isinstance(told, dict):
        return {}
    return {str(currency).lower(): int(amount) for currency, amount in told.items()}


async def expect_payouts(call: StripeCall) -> None:
    """See to it that what the account has is paid out as its schedule says."""
    if payout_schedule.automatic(call):
        for held in await call.state.page(FUNDS, order="oldest"):
            await payout_schedule.expect(call, held["currency"], _now(call))


async def available(call: StripeCall, currency: str) -> int:
    """What can leave the account now, in minor units."""
    return int((await _funds(call, currency))["available"])


async def total(call: StripeCall, currency: str) -> int:
    """What the account has, the pending money included."""
    held = await _funds(call, currency)
    pending: int = sum(held["pending"].values())
    return int(held["available"]) + pending


async def funds(call: StripeCall) -> Object:
    """The balance: every currency that the account has had, the account's own first."""
    own = "usd"
    if call.account is not None:
        own = (await call.named("account", call.account))["default_currency"]
    stored = {held["currency"]: _ripened(call, held) for held in await call.state.page(FUNDS, order="oldest")}
    names = list(dict.fromkeys([own, *_opening(call), *stored]))
    held = [stored.get(name) or await _funds(call, name) for name in names]
    free = [_amount(each["currency"], each["available"]) for each in held]
    waiting = [_amount(each["currency"], sum(each["pending"].values())) for each in held]
    found: Object = {
        "object": "balance",
        "available": free,
        "instant_available": [_amount(each["currency"], max(each["amount"], 0)) for each in free],
        "livemode": False,
        "pending": waiting,
        "refund_and_dispute_prefunding": {
            "available": [_amount(name, 0) for name in names],
            "pending": [_amount(name, 0) for name in names],
        },
    }
    if call.account is None and await call.state.count("account"):
        found["connect_reserved"] = [{"amount": 0, "currency": name} for name in names]
    return dict(sorted(found.items(), key=lambda item: (item[0] != "object", item[0])))


def _amount(currency: str, amount: int) -> Object:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _current(call: StripeCall, transaction: Object) -> Object:
    """A transaction as it is by now: pending until its time."""
    if transaction["status"] == "pending" and transaction["available_on"] <= _now(call):
        return {**transaction, "status": "available"}
    return transaction


async def retrieve(call: StripeCall) -> Object:
    return _current(call, await call.named(KIND, call.path("id")))


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("type", "currency", "source") if call.body.get(name)}
    found = await page(call, KIND, where or None)
    return {**found, "data": [_current(call, each) for each in found["data"]]}
