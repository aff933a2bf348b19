"""Application fees: what the platform takes of a connected account's payment.

https://docs.stripe.com/api/application_fees and https://docs.stripe.com/connect/marketplace/tasks/app-fees (2026-11).
"""

from __future__ import annotations

from typing import Any

from mocks.stripe import balance, money, scope
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid, missing
from mocks.stripe.lists import list_of, page, with_newest
from mocks.stripe.metadata import first, merged

KIND = "application_fee"
REFUND = "fee_refund"


def detail(call: StripeCall, amount: int, currency: str) -> Object:
    """The fee as the payment's balance transaction shows it."""
    return {
        "amount": amount,
        "application": scope.application(call),
        "currency": currency,
        "description": "Application fee",
        "type": KIND,
    }


def build(call: StripeCall, account: str, amount: int, currency: str) -> Object:
    """A fee that ``account`` pays; not stored yet: what it is taken of comes later."""
    key = call.new_id("fee_1", 23)
    return {
        "id": key,
        "object": KIND,
        "account": account,
        "amount": amount,
        "amount_refunded": 0,
        "application": scope.application(call),
        "balance_transaction": None,
        "charge": None,
        "created": call.timestamp,
        "currency": currency,
        "fee_source": None,
        "livemode": False,
        "originating_transaction": None,
        "refunded": False,
        "refunds": list_of([], f"/v1/application_fees/{key}/refunds", total_count=0),
    }


async def collect(call: StripeCall, fee: Object, charge: str, origin: str | None) -> Object:
    """Take a fee of the connected account's ``charge``, for the platform; ``origin`` is the platform's charge behind
    it."""
    platform = call.inside(None)
    moved = await balance.record(
        platform, KIND, amount=fee["amount"], currency=fee["currency"], source=fee["id"],
        description=None, available=False,
    )  # fmt: skip
    taken = {
        **fee,
        "balance_transaction": moved,
        "charge": charge,
        "fee_source": {"charge": charge, "type": "charge"},
        "originating_transaction": origin,
    }
    await _store(platform, taken)
    platform.follow("application_fee.created", taken)
    return taken


async def _store(call: StripeCall, fee: Object) -> None:
    await call.state.put(KIND, fee["id"], fee, {"charge": fee["charge"]})


def share(fee: Object, amount: int, whole: int) -> int:
    """The part of what is left of a fee that belongs to ``amount`` of ``whole``, rounded half up; all of it for the
    whole. https://docs.stripe.com/api/refunds/create: "proportional to the amount of the charge refunded"."""
    left = int(fee["amount"]) - int(fee["amount_refunded"])
    return min(left, (int(fee["amount"]) * amount * 2 + whole) // (2 * whole))


async def give_back(call: StripeCall, fee: Object, amount: int, metadata: Object) -> Object:
    """Return ``amount`` of a fee to the connected account; answers the stored fee refund."""
    platform, inside = call.inside(None), call.inside(fee["account"])
    key = platform.new_id("fr_1", 23)
    currency = fee["currency"]
    moved = await balance.record(
        platform, "application_fee_refund", amount=-amount, currency=currency, source=key, description=None,
        available=True,
    )  # fmt: skip
    await balance.record(
        inside, "adjustment", amount=amount, currency=currency, source=fee["charge"],
        description="Application fee refund", available=True, category="fee",
    )  # fmt: skip
    refund: Object = {
        "id": key,
        "object": REFUND,
        "amount": amount,
        "balance_transaction": moved,
        "created": platform.timestamp,
        "currency": currency,
        "fee": fee["id"],
        "metadata": metadata,
    }
    await platform.state.put(REFUND, key, refund, {"fee": fee["id"]})
    back = fee["amount_refunded"] + amount
    shown = with_newest(fee["refunds"], refund)
    new, previous = changed(fee, {"amount_refunded": back, "refunded": back == fee["amount"], "refunds": shown})
    await _store(platform, new)
    platform.follow("application_fee.refunded", new, previous)
    return refund


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


async def list_all(call: StripeCall) -> Object:
    charge = call.body.get("charge")
    return await page(call, KIND, {"charge": charge} if charge else None)


async def refund(call: StripeCall) -> Object:
    """Give back a fee, or a part of it."""
    fee = await call.named(KIND, call.path("id"))
    metadata = first(call.body.get("metadata"))
    return await give_back(call, fee, _amount(call.body.get("amount"), fee), metadata)


def _amount(asked: Any, fee: Object) -> int:
    left = int(fee["amount"]) - int(fee["amount_refunded"])
    if left == 0:
        raise invalid(
            f"Application fee {fee['id']} has already been refunded.", code="application_fee_already_refunded"
        )
    if asked is None:
        return left
    if asked < 1:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if asked > left:
        currency = fee["currency"]
        raise invalid(
            f"Refund amount ({money.plain(asked, currency)}) is greater than unrefunded amount on fee "
            f"({money.plain(left, currency)})",
            param="amount",
        )
    return int(asked)


async def _refund_of(call: StripeCall) -> tuple[Object, Object]:
    fee = await call.named(KIND, call.path("fee"))
    found = await call.named(REFUND, call.path("id"))
    if found["fee"] != fee["id"]:
        raise missing(REFUND, found["id"], "id")
    return fee, found


async def retrieve_refund(call: StripeCall) -> Object:
    return (await _refund_of(call))[1]


async def update_refund(call: StripeCall) -> Object:
    fee, old = await _refund_of(call)
    new, previous = changed(old, {"metadata": merged(old["metadata"], call.body.get("metadata"))})
    await call.state.put(REFUND, new["id"], new)
    known = fee["refunds"]
    shown = [new if each["id"] == new["id"] else each for each in known["data"]]
    await _store(call, {**fee, "refunds": {**known, "data": shown}})
    if previous:
        call.event("application_fee.refund.updated", new, previous)
    return new


async def list_refunds(call: StripeCall) -> Object:
    fee = await call.named(KIND, call.path("id"))
    return await page(call, REFUND, {"fee": fee["id"]}, url=f"/v1/application_fees/{fee['id']}/refunds")
