"""Transfers: money that goes to a connected account's balance.

https://docs.stripe.com/api/transfers and https://docs.stripe.com/connect/separate-charges-and-transfers (2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mocks.base import Missing
from mocks.stripe import balance, money, scope
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import invalid, missing, missing_param
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first, merged
from mocks.stripe.objects import billing_details

KIND = "transfer"
REVERSAL = "transfer_reversal"

#: Any of these lets an account receive money: https://docs.stripe.com/connect/account-capabilities#transfers
RECEIVING = ("transfers", "crypto_transfers", "legacy_payments")

#: Seen in test mode, and in https://docs.stripe.com/testing#available-balance.
INSUFFICIENT = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance "
    "by creating Charges using the 4000000000000077 test card. See: https://stripe.com/docs/testing#available-balance"
)


async def receiver(call: StripeCall, id: Any, param: str) -> Object:
    """The connected account that is to receive money; raises ServiceError when there is none or it may not."""
    account = await call.state.get("account", str(id))
    if account is None or call.account is not None:
        raise missing("destination", str(id), param)
    if not any(account["capabilities"].get(name) == "active" for name in RECEIVING):
        raise invalid(
            "Your destination account needs to have at least one of the following capabilities enabled: "
            f"{', '.join(RECEIVING)}",
            code="insufficient_capabilities_for_transfer",
            param=param,
        )
    return account


async def create(call: StripeCall) -> Object:
    body = call.body
    currency = money.known_currency(body["currency"])
    charge = await _source(call, currency) if body.get("source_transaction") else None
    amount = body.get("amount", charge["amount"] - charge["amount_refunded"] if charge else None)
    if amount is None:
        raise missing_param("amount")
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    metadata = first(body.get("metadata"))
    account = await receiver(call, body["destination"], "destination")
    if charge is not None:
        await _within(call, charge, amount)
    elif amount > await balance.available(call, currency):
        raise invalid(INSUFFICIENT, code="balance_insufficient")
    about = {"description": given(body, "description"), "metadata": metadata,
             "transfer_group": given(body, "transfer_group")}  # fmt: skip
    made = await send(call, account, amount, currency, charge, about)
    if charge is not None and charge["transfer_group"] is None:
        await _regrouped(call, charge, made["transfer_group"])
    call.event("transfer.created", made)
    return made


async def _source(call: StripeCall, currency: str) -> Object:
    charge = await call.state.get("charge", call.body["source_transaction"])
    if charge is None or charge["status"] == "failed":
        raise missing("charge", call.body["source_transaction"], "source_transaction")
    if not charge["captured"]:
        raise invalid(f"The source_transaction {charge['id']} has not been captured.", param="source_transaction")
    if charge["currency"] != currency:
        raise invalid(
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the "
            f"transfer currency ({currency})",
            param="currency",
        )
    return charge


async def _within(call: StripeCall, charge: Object, amount: int) -> None:
    """Transfers of a charge are no more than the charge."""
    earlier = await call.state.page(KIND, where={"source_transaction": charge["id"]}, limit=100)
    sent = sum(each["amount"] - each["amount_reversed"] for each in earlier)
    if sent + amount > charge["amount_captured"]:
        currency = charge["currency"]
        more = (
            f" (There are existing transfers using this source, amounting to a total of {money.plain(sent, currency)}.)"
            if sent
            else ""
        )
        raise invalid(
            "Transfers using this transaction as a source must not exceed the source amount of "
            f"{money.plain(charge['amount_captured'], currency)}.{more}",
            param="amount",
        )


async def _regrouped(call: StripeCall, charge: Object, group: str) -> None:
    index = {name: charge[name] for name in ("customer", "payment_intent") if charge[name]}
    new = {**charge, "transfer_group": group}
    await call.state.put("charge", charge["id"], new, {**index, "transfer_group": group})


async def send(
    call: StripeCall,
    account: Object,
    amount: int,
    currency: str,
    charge: Object | None,
    about: Object,
    *,
    fees: Sequence[Object] = (),
    fee: Object | None = None,
) -> Object:
    """Move the money, with its balance transaction on either side; answers the stored transfer. ``fees`` are taken
    of what arrives, ``fee`` is the application fee among them."""
    key = call.new_id("tr_3" if charge else "tr_1", 23)
    on = None
    if charge is not None and charge["balance_transaction"]:
        on = (await call.named(balance.KIND, charge["balance_transaction"]))["available_on"]
    moved = await balance.record(
        call, "transfer", amount=-amount, currency=currency, source=key, description=about["description"],
        available=True, on=on,
    )  # fmt: skip
    transfer: Object = {
        "id": key,
        "object": KIND,
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": moved,
        "created": call.timestamp,
        "currency": currency,
        "description": about["description"],
        "destination": account["id"],
        "destination_payment": None,
        "livemode": False,
        "metadata": about["metadata"],
        "reversals": list_of([], f"/v1/transfers/{key}/reversals", total_count=0),
        "reversed": False,
        "source_transaction": charge["id"] if charge else None,
        "source_type": "card",
        "transfer_group": about["transfer_group"] or (_group(charge) if charge else None),
    }
    payment = await _arrive(call.inside(account["id"]), transfer, fees, fee, on)
    transfer = {**transfer, "destination_payment": payment["id"]}
    await store(call, transfer)
    return transfer


def _group(charge: Object) -> str:
    """Transfers of a charge are grouped with it (seen)."""
    return str(charge["transfer_group"] or f"group_{charge['payment_intent'] or charge['id']}")


async def _arrive(
    inside: StripeCall, transfer: Object, fees: Sequence[Object], fee: Object | None, on: int | None
) -> Object:
    """The payment that the connected account sees: a charge of the platform's account. No event tells of it: that of
    its type is none that the contract knows."""
    key = inside.new_id("py_1", 23)
    amount, currency = transfer["amount"], transfer["currency"]
    moved = await balance.record(
        inside, "payment", amount=amount, currency=currency, source=key, description=transfer["description"],
        available=True, on=on, fees=fees,
    )  # fmt: skip
    payment: Object = {
        "id": key,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "application": scope.application(inside),
        "application_fee": fee["id"] if fee else None,
        "application_fee_amount": fee["amount"] if fee else None,
        "balance_transaction": moved,
        "billing_details": billing_details(None),
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": inside.timestamp,
        "currency": currency,
        "customer": None,
        "description": None,
        "destination": None,
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "order": None,
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": inside.hosted(f"receipts/payment/{key}"),
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": {"id": scope.platform(inside), "object": "account"},
        "source_transfer": transfer["id"],
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }
    await inside.state.put("charge", key, payment, {})
    return payment


async def store(call: StripeCall, transfer: Object) -> None:
    """Write a transfer."""
    index = {name: transfer[name] for name in ("destination", "source_transaction", "transfer_group") if transfer[name]}
    await call.state.put(KIND, transfer["id"], transfer, index)


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("transfer"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("transfer"))
    changes: Object = {}
    if "description" in body:
        changes["description"] = given(body, "description")
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    new, previous = changed(old, changes)
    await store(call, new)
    if previous:
        call.event("transfer.updated", new, previous)
    return new


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("destination", "transfer_group") if call.body.get(name)}
    if "destination" in where and await call.state.get("account", where["destination"]) is None:
        raise missing("destination", where["destination"], "destination")
    return await page(call, KIND, where or None)


async def of_path(call: StripeCall, name: str) -> Object:
    """The transfer that the path of a reversal names."""
    found = await call.state.get(KIND, call.path(name))
    if found is None:
        raise Missing(KIND, call.path(name))
    return found
