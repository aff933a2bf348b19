"""Balance transactions: what each movement of money did to the account's balance.

https://docs.stripe.com/api/balance_transactions (2026-11). The mock's account settles in the
currency that it is paid in.
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.lists import page
from mocks.stripe.money import fee as fee_of

KIND = "balance_transaction"

DAY = 24 * 60 * 60
#: Test payments become available at midnight, a week later (seen).
PENDING_DAYS = 7


async def record(
    call: StripeCall,
    type: str,
    *,
    amount: int,
    currency: str,
    source: str,
    description: str | None,
    with_fee: bool = False,
    available: bool = False,
    category: str | None = None,
    fee: int = 0,
    fee_description: str = "Stripe processing fees",
) -> str:
    """Store a movement of ``amount`` minor units (negative when money leaves) with the fee of a payment (``with_fee``)
    or another ``fee``; answers its id."""
    fee = fee_of(amount) if with_fee else fee
    details = {"amount": fee, "application": None, "currency": currency, "description": fee_description,
               "type": "stripe_fee"}  # fmt: skip
    on = call.timestamp if available else (call.timestamp // DAY + PENDING_DAYS) * DAY
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
        "fee_details": [details] if fee else [],
        "net": amount - fee,
        "reporting_category": category or type,
        "source": source,
        "status": "available" if available else "pending",
        "type": type,
    }
    index = {"type": type, "currency": currency, "source": source}
    await call.state.put(KIND, transaction["id"], transaction, index)
    return str(transaction["id"])


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("type", "currency", "source") if call.body.get(name)}
    return await page(call, KIND, where or None)
