"""What a customer has to its credit, and each change of it: https://docs.stripe.com/api/customer_balance_transactions
and https://docs.stripe.com/billing/customer/balance (2026-11). A negative balance is credit."""

from __future__ import annotations

from mocks.base import Missing
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.money import known_currency

KIND = "customer_balance_transaction"

#: customer -> balances in currencies that are not the customer's own.
OTHERS = "customer_credit"


async def record(
    call: StripeCall,
    customer: Object,
    amount: int,
    type: str,
    *,
    currency: str,
    description: str | None = None,
    metadata: Object | None = None,
    invoice: str | None = None,
) -> tuple[Object, Object]:
    """Add ``amount`` to a balance; answers the transaction, which is stored, and the customer, which is not."""
    new = customer if customer["currency"] else {**customer, "currency": currency}
    if new["currency"] == currency:
        ending = new["balance"] + amount
        new = {**new, "balance": ending}
    else:
        others = await call.state.get(OTHERS, new["id"]) or {}
        ending = others.get(currency, 0) + amount
        await call.state.put(OTHERS, new["id"], {**others, currency: ending})
    return await _noted(call, new, amount, ending, type, currency, description, metadata, invoice), new


async def adjusted(call: StripeCall, customer: Object, balance: int) -> None:
    """Note that a customer's balance was set to ``balance`` by hand; the customer itself is the caller's to store."""
    amount = balance - customer["balance"]
    if amount:
        currency = customer["currency"] or "usd"
        await _noted(call, customer, amount, balance, "adjustment", currency, None, None, None)


async def _noted(
    call: StripeCall,
    customer: Object,
    amount: int,
    ending: int,
    type: str,
    currency: str,
    description: str | None,
    metadata: Object | None,
    invoice: str | None,
) -> Object:
    transaction: Object = {
        "id": call.new_id("cbtxn_1", 23),
        "object": KIND,
        "amount": amount,
        "checkout_session": None,
        "created": call.timestamp,
        "credit_note": None,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "description": description,
        "ending_balance": ending,
        "invoice": invoice,
        "livemode": False,
        "metadata": metadata or {},
        "type": type,
    }
    index = {"customer": customer["id"], **({"invoice": invoice} if invoice else {})}
    await call.state.put(KIND, transaction["id"], transaction, index)
    return transaction


async def create(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    currency = known_currency(call.body["currency"])
    if call.body["amount"] == 0:
        raise invalid("Invalid non-zero integer", code="parameter_invalid_integer", param="amount")
    transaction, new = await record(
        call,
        customer,
        call.body["amount"],
        "adjustment",
        currency=currency,
        description=given(call.body, "description"),
        metadata=first(call.body.get("metadata")),
    )
    new, previous = changed(customer, {"balance": new["balance"], "currency": new["currency"]})
    await call.state.put("customer", new["id"], new)
    if previous:
        call.event("customer.updated", new, previous)
    return transaction


async def _own(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    found = await call.named(KIND, call.path("transaction"))
    if found["customer"] != customer["id"]:
        raise Missing(KIND, found["id"])
    return found


async def retrieve(call: StripeCall) -> Object:
    return await _own(call)


async def update(call: StripeCall) -> Object:
    old = await _own(call)
    changes: Object = {}
    if "description" in call.body:
        changes["description"] = given(call.body, "description")
    if "metadata" in call.body:
        changes["metadata"] = merged(old["metadata"], call.body["metadata"])
    new, _ = changed(old, changes)
    await call.state.put(KIND, new["id"], new)
    return new


async def list_all(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    where = {"customer": customer["id"]}
    if call.body.get("invoice"):
        where["invoice"] = call.body["invoice"]
    return await page(call, KIND, where, url=f"/v1/customers/{customer['id']}/balance_transactions")
