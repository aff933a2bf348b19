"""A customer's cash, sent by bank transfer: https://docs.stripe.com/api/cash_balance and
https://docs.stripe.com/payments/customer-balance (2026-11). Nothing is paid from it by itself here."""

from __future__ import annotations

from mocks.base import Missing
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page
from mocks.stripe.money import known_currency

KIND = "cash_balance"
LINE = "customer_cash_balance_transaction"

#: Currency -> type of the transfer that brings it.
TRANSFERS = {
    "usd": "us_bank_transfer",
    "eur": "eu_bank_transfer",
    "gbp": "gb_bank_transfer",
    "jpy": "jp_bank_transfer",
    "mxn": "mx_bank_transfer",
}


async def of(call: StripeCall, customer: Object) -> Object:
    """A customer's cash balance: nothing until the first transfer."""
    return await call.state.get(KIND, customer["id"]) or {
        "object": KIND,
        "available": None,
        "customer": customer["id"],
        "customer_account": None,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }


async def retrieve(call: StripeCall) -> Object:
    return await of(call, await call.named("customer", call.path("customer")))


async def update(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    old = await of(call, customer)
    mode = (call.body.get("settings") or {}).get("reconciliation_mode")
    if mode is None:
        return old
    default = mode == "merchant_default"
    settings = {"reconciliation_mode": "automatic" if default else mode, "using_merchant_default": default}
    new, _ = changed(old, {"settings": settings})
    await call.state.put(KIND, customer["id"], new)
    return new


async def fund(call: StripeCall) -> Object:
    """A transfer of a test arrives: https://docs.stripe.com/api/cash_balance_transactions/fund_cash_balance."""
    customer = await call.named("customer", call.path("customer"))
    currency, amount = known_currency(call.body["currency"]), call.body["amount"]
    kind = TRANSFERS.get(currency)
    if kind is None:
        raise invalid(f"Cash balances are not supported in {currency}.", param="currency")
    if amount < 1:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    old = await of(call, customer)
    ending = (old["available"] or {}).get(currency, 0) + amount
    new, previous = changed(old, {"available": {**(old["available"] or {}), currency: ending}})
    await call.state.put(KIND, customer["id"], new)
    transfer: Object = {"reference": call.body.get("reference"), "type": kind}
    if kind in SENDERS:
        transfer[kind] = SENDERS[kind]
    line: Object = {
        "id": call.new_id("ccsbtxn_1", 23),
        "object": LINE,
        "created": call.timestamp,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "ending_balance": ending,
        "funded": {"bank_transfer": transfer},
        "livemode": False,
        "net_amount": amount,
        "type": "funded",
    }
    await call.state.put(LINE, line["id"], line, {"customer": customer["id"]})
    call.event("customer_cash_balance_transaction.created", line)
    call.event("cash_balance.funds_available", new, previous)
    return line


#: What is told of the sender's account.
SENDERS: dict[str, Object] = {
    "eu_bank_transfer": {"bic": "DEUTDEFF", "iban_last4": "3000", "sender_name": "Jenny Rosen"},
    "gb_bank_transfer": {"account_number_last4": "2345", "sender_name": "Jenny Rosen", "sort_code": "108800"},
    "jp_bank_transfer": {"sender_bank": "STRIPE TEST BANK", "sender_branch": "TEST", "sender_name": "Jenny Rosen"},
    "us_bank_transfer": {"network": "ach", "sender_name": "Jenny Rosen"},
}


async def retrieve_line(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    found = await call.named(LINE, call.path("transaction"))
    if found["customer"] != customer["id"]:
        raise Missing(LINE, found["id"])
    return found


async def list_lines(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    url = f"/v1/customers/{customer['id']}/cash_balance_transactions"
    return await page(call, LINE, {"customer": customer["id"]}, url=url)
