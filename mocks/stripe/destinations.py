"""Payments for connected accounts: destination charges, direct charges with an application fee, and their refunds.

https://docs.stripe.com/connect/destination-charges and https://docs.stripe.com/connect/direct-charges (2026-11): of
a destination charge the whole amount (or ``transfer_data[amount]``) goes to the account, which pays the application
fee of it; Stripe's own fee stays with the platform. Of a direct charge the account pays both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import application_fees, transfer_reversals, transfers
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid, missing

#: Seen in test mode.
NO_ACCOUNT = (
    "Can only apply an application_fee_amount when the {noun} is attempting a direct payment (using an OAuth key or "
    "Stripe-Account header) or destination payment (using `transfer_data[destination]`)."
)


async def check(call: StripeCall, body: Mapping[str, Any], amount: int, noun: str, known: Object | None = None) -> None:
    """Refuse a payment whose connected account or fee cannot be; raises ServiceError. ``known`` is what is updated."""
    data = body.get("transfer_data") or {}
    if data.get("destination"):
        await transfers.receiver(call, data["destination"], "transfer_data[destination]")
    if data.get("amount") is not None and not 0 < data["amount"] <= amount:
        raise invalid(
            "The transfer_data[amount] must be positive and no more than the amount.", param="transfer_data[amount]"
        )
    named = body.get("on_behalf_of")
    if named and await call.state.get("account", named) is None:
        raise missing("account", named, "on_behalf_of")
    fee = body.get("application_fee_amount")
    if not fee:
        return
    if call.account is None and not (data.get("destination") or ((known or {}).get("transfer_data") or {})):
        raise invalid(NO_ACCOUNT.format(noun=noun), param="application_fee_amount")
    if data.get("amount") is not None:
        raise invalid(
            "You may only specify one of these parameters: application_fee_amount, transfer_data[amount].",
            code="parameters_exclusive",
            param="application_fee_amount",
        )
    if fee > amount:
        raise invalid(
            "The application fee amount must be less than or equal to the amount.", param="application_fee_amount"
        )


def fee_of(call: StripeCall, charge: Object, amount: int) -> Object | None:
    """The application fee that a direct charge pays; None for none. Nothing is stored yet."""
    wanted = charge["application_fee_amount"]
    if call.account is None or not wanted:
        return None
    return application_fees.build(call, call.account, min(wanted, amount), charge["currency"])


async def settled(call: StripeCall, charge: Object, amount: int, fee: Object | None) -> Object:
    """What follows from ``amount`` of a charge being captured; answers the charge with it, not stored yet."""
    if fee is not None:
        taken = await application_fees.collect(call, fee, charge["id"], None)
        return {**charge, "application_fee": taken["id"]}
    data = charge["transfer_data"]
    if call.account is not None or not data or not data.get("destination"):
        return charge
    account = await call.state.get("account", data["destination"])
    if account is None:
        return charge
    wanted = charge["application_fee_amount"]
    currency = charge["currency"]
    part = None
    if wanted:
        part = application_fees.build(call, account["id"], min(wanted, amount), currency)
    about: Object = {"description": None, "metadata": {}, "transfer_group": charge["transfer_group"]}
    fees = [application_fees.detail(call, part["amount"], currency)] if part else []
    sent = await transfers.send(
        call, account, min(data.get("amount") or amount, amount), currency, charge, about, fees=fees, fee=part
    )
    call.follow("transfer.created", sent)
    found = {**charge, "transfer": sent["id"], "transfer_group": sent["transfer_group"]}
    if part is not None:
        taken = await application_fees.collect(call, part, sent["destination_payment"], charge["id"])
        found["application_fee"] = taken["id"]
    return found


async def check_refund(call: StripeCall, body: Mapping[str, Any], charge: Object) -> None:
    """Refuse what a refund cannot take back with it; raises ServiceError."""
    if body.get("reverse_transfer") and not charge.get("transfer"):
        raise invalid(
            f"Cannot reverse transfer on charge {charge['id']} because it does not have an associated transfer.",
            param="reverse_transfer",
        )
    if not body.get("refund_application_fee"):
        return
    if charge["application_fee"] is None:
        raise invalid(
            f"Cannot refund the application fee of charge {charge['id']} because it has none.",
            param="refund_application_fee",
        )
    if charge.get("transfer") and not body.get("reverse_transfer"):
        # https://docs.stripe.com/connect/destination-charges#issue-refunds
        raise invalid(
            "To refund the application fee of a destination charge, the transfer must be reversed as well.",
            param="refund_application_fee",
        )


async def refunded(call: StripeCall, body: Mapping[str, Any], charge: Object, refund: Object) -> str | None:
    """Take back the transfer and the fee in proportion to a refund; answers the reversal's id."""
    reversal = None
    amount, whole = int(refund["amount"]), int(charge["amount_captured"])
    if body.get("reverse_transfer"):
        transfer = await call.named(transfers.KIND, charge["transfer"])
        left = transfer["amount"] - transfer["amount_reversed"]
        share = min(left, (transfer["amount"] * amount * 2 + whole) // (2 * whole))
        if share:
            made = await transfer_reversals.carry_out(call, transfer, share, {}, refund["id"])
            reversal = str(made["id"])
    if body.get("refund_application_fee"):
        platform = call.inside(None)
        fee = await platform.named(application_fees.KIND, charge["application_fee"])
        share = application_fees.share(fee, amount, whole)
        if share:
            await application_fees.give_back(call, fee, share, {})
    return reversal
