"""Reversals of transfers: https://docs.stripe.com/api/transfer_reversals (2026-11).

The money comes back from the connected account's balance, where it shows as a refund of what had arrived.
"""

from __future__ import annotations

from typing import Any

from mocks.stripe import application_fees, balance, money, transfers
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page, with_newest
from mocks.stripe.metadata import first, merged

KIND = transfers.REVERSAL


async def create(call: StripeCall) -> Object:
    body = call.body
    transfer = await transfers.of_path(call, "id")
    amount = _amount(body.get("amount"), transfer)
    metadata = first(body.get("metadata"))
    inside = call.inside(transfer["destination"])
    if amount > await balance.total(inside, transfer["currency"]):
        raise invalid(transfers.INSUFFICIENT, code="balance_insufficient")
    reversal = await carry_out(call, transfer, amount, metadata)
    if body.get("refund_application_fee"):
        await fee_back(call, transfer, amount)
    return reversal


def _amount(asked: Any, transfer: Object) -> int:
    left = int(transfer["amount"]) - int(transfer["amount_reversed"])
    if left == 0:
        raise invalid(f"Transfer {transfer['id']} is already fully reversed.", code="transfer_already_reversed")
    if asked is None:
        return left
    if asked < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if asked > left:
        currency = transfer["currency"]
        raise invalid(
            f"Transfer reversal amount ({money.plain(asked, currency)}) is greater than unreversed amount on transfer "
            f"({money.plain(left, currency)})",
            param="amount",
        )
    return int(asked)


async def carry_out(
    call: StripeCall, transfer: Object, amount: int, metadata: Object, refund: str | None = None
) -> Object:
    """Bring the money back; ``refund`` is the refund of the charge that wants it."""
    inside = call.inside(transfer["destination"])
    currency = transfer["currency"]
    key = call.new_id("trr_1", 23)
    moved = await balance.record(
        call, "transfer_refund", amount=amount, currency=currency, source=key, description=None, available=True
    )
    back = await _refunded(inside, transfer, key, amount)
    reversal: Object = {
        "id": key,
        "object": KIND,
        "amount": amount,
        "balance_transaction": moved,
        "created": call.timestamp,
        "currency": currency,
        "destination_payment_refund": back,
        "metadata": metadata,
        "source_refund": refund,
        "transfer": transfer["id"],
    }
    await call.state.put(KIND, key, reversal, {"transfer": transfer["id"]})
    reversed_ = transfer["amount_reversed"] + amount
    shown = with_newest(transfer["reversals"], reversal)
    new, previous = changed(
        transfer, {"amount_reversed": reversed_, "reversals": shown, "reversed": reversed_ == transfer["amount"]}
    )
    await transfers.store(call, new)
    call.event("transfer.reversed", new, previous)
    return reversal


async def _refunded(inside: StripeCall, transfer: Object, reversal: str, amount: int) -> str:
    """The refund that the connected account sees; answers its id."""
    payment = await inside.named("charge", transfer["destination_payment"])
    key = inside.new_id("pyr_1", 23)
    moved = await balance.record(
        inside, "payment_refund", amount=-amount, currency=transfer["currency"], source=key,
        description="REFUND FOR PAYMENT", available=True,
    )  # fmt: skip
    refund: Object = {
        "id": key,
        "object": "refund",
        "amount": amount,
        "balance_transaction": moved,
        "charge": payment["id"],
        "created": inside.timestamp,
        "currency": transfer["currency"],
        "destination_details": {"stripe_account": {}, "type": "stripe_account"},
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": reversal,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    back = payment["amount_refunded"] + amount
    new, previous = changed(payment, {"amount_refunded": back, "refunded": back == payment["amount"]})
    await inside.state.put("charge", payment["id"], new, {})
    await inside.state.put("refund", key, refund, {"charge": payment["id"]})
    inside.follow("charge.refunded", new, previous)
    inside.follow("refund.created", refund)
    return key


async def fee_back(call: StripeCall, transfer: Object, amount: int) -> None:
    """Give back the part of the application fee that belongs to ``amount`` of the transfer."""
    payment = await call.inside(transfer["destination"]).named("charge", transfer["destination_payment"])
    if payment["application_fee"] is not None:
        fee = await call.named(application_fees.KIND, payment["application_fee"])
        share = application_fees.share(fee, amount, transfer["amount"])
        if share:
            await application_fees.give_back(call, fee, share, {})


async def retrieve(call: StripeCall) -> Object:
    transfer = await transfers.of_path(call, "transfer")
    return await _of(call, transfer)


async def _of(call: StripeCall, transfer: Object) -> Object:
    found = await call.named(KIND, call.path("id"))
    if found["transfer"] != transfer["id"]:
        raise invalid(f"No such transfer reversal: '{found['id']}'", code="resource_missing", param="id", status=404)
    return found


async def update(call: StripeCall) -> Object:
    transfer = await transfers.of_path(call, "transfer")
    old = await _of(call, transfer)
    new = {**old, "metadata": merged(old["metadata"], call.body.get("metadata"))}
    await call.state.put(KIND, new["id"], new)
    known = transfer["reversals"]
    shown = [new if each["id"] == new["id"] else each for each in known["data"]]
    await transfers.store(call, {**transfer, "reversals": {**known, "data": shown}})
    return new


async def list_all(call: StripeCall) -> Object:
    transfer = await transfers.of_path(call, "id")
    return await page(call, KIND, {"transfer": transfer["id"]}, url=f"/v1/transfers/{transfer['id']}/reversals")


HANDLERS: dict[str, StripeHandler] = {
    "transfers.reversals.create": create,
    "transfers.reversals.list": list_all,
    "transfers.reversals.retrieve": retrieve,
    "transfers.reversals.update": update,
}
