"""Billing credits: https://docs.stripe.com/api/billing/credit-grant, credit-balance-summary and
credit-balance-transaction beside it (2026-11).

The words of refusals are ours. What an open invoice holds back is not told, so both balances of a summary are the
same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import clocks, customers, money, prices
from mocks.stripe.calls import Object, StripeCall, StripeHandler, given
from mocks.stripe.credit_ledger import GRANT, KIND, MOST, appointed, left, look, noted, of_customer, usable
from mocks.stripe.errors import exclusive, invalid, missing_param
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged

SCOPE = "applicability_config[scope]"


async def create(call: StripeCall) -> Object:
    body = call.body
    if not given(body, "customer"):
        raise missing_param("customer")
    customer = await call.referred(customers.KIND, body["customer"], "customer")
    await clocks.enter(call, customer)
    monetary = body["amount"].get("monetary")
    if not monetary:
        raise missing_param("amount[monetary]")
    if monetary["value"] <= 0:
        raise invalid("This value must be greater than 0.", param="amount[monetary][value]")
    scope = await _scope(call, body["applicability_config"]["scope"], SCOPE)
    effective, expires = body.get("effective_at") or call.timestamp, body.get("expires_at")
    _later(call, expires, effective)
    if not 0 <= body.get("priority", 50) <= 100:
        raise invalid("The priority must be between 0 and 100.", param="priority")
    unused = [grant for grant in await of_customer(call, customer["id"]) if await left(call, grant)]
    if len(unused) >= MOST:
        raise invalid(f"A customer can have up to {MOST} unused credit grants.", param="customer")
    grant: Object = {
        "id": call.new_id("credgr_test_", 26),
        "object": GRANT,
        "amount": _monetary(money.known_currency(monetary["currency"]), monetary["value"]),
        "applicability_config": {"scope": scope},
        "category": body.get("category", "paid"),
        "created": call.timestamp,
        "customer": customer["id"],
        "customer_account": None,
        "effective_at": effective,
        "expires_at": expires,
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "name": body.get("name"),
        "priority": body.get("priority", 50),
        "test_clock": customer["test_clock"],
        "updated": call.timestamp,
        "voided_at": None,
    }
    await _store(call, grant)
    call.event("billing.credit_grant.created", grant)
    await noted(call, grant, monetary["value"], "credits_granted")
    await appointed(call, grant)
    return grant


async def _scope(call: StripeCall, sent: Mapping[str, Any], param: str) -> Object:
    """``price_type``, or prices that have a meter. Raises ServiceError."""
    if sent.get("price_type") and sent.get("prices"):
        raise exclusive(f"{param}[price_type]", f"{param}[prices]")
    if sent.get("prices"):
        for place, each in enumerate(sent["prices"]):
            where = f"{param}[prices][{place}][id]"
            price = await call.referred(prices.KIND, each["id"], where)
            if not (price["recurring"] or {}).get("meter"):
                raise invalid("Billing credits apply to prices that have a billing meter.", param=where)
        return {"prices": [{"id": each["id"]} for each in sent["prices"]]}
    if not sent.get("price_type"):
        raise missing_param(f"{param}[price_type]")
    return {"price_type": sent["price_type"]}


def _later(call: StripeCall, expires: int | None, effective: int) -> None:
    if expires is not None and expires <= max(call.timestamp, effective):
        raise invalid("`expires_at` must be in the future, and after `effective_at`.", param="expires_at")


async def _store(call: StripeCall, grant: Object) -> None:
    await call.state.put(GRANT, grant["id"], grant, {"customer": grant["customer"]})


async def _own(call: StripeCall) -> Object:
    grant = await call.named(GRANT, call.path("id"))
    await clocks.enter(call, grant)
    return grant


async def _open(call: StripeCall) -> Object:
    """The grant that the path names, if it is neither void nor over."""
    grant = await _own(call)
    if grant["voided_at"] is not None:
        raise invalid("This credit grant is voided.")
    if grant["expires_at"] is not None and grant["expires_at"] <= call.timestamp:
        raise invalid("This credit grant is expired.")
    return grant


async def _moved(call: StripeCall, old: Object, changes: Mapping[str, Any]) -> Object:
    new = {**old, **changes, "updated": call.timestamp}
    await _store(call, new)
    call.event("billing.credit_grant.updated", new, {name: old[name] for name in new if new[name] != old[name]})
    return new


async def retrieve(call: StripeCall) -> Object:
    return await call.named(GRANT, call.path("id"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await (_open if "expires_at" in body else _own)(call)
    changes: Object = {}
    if "expires_at" in body:
        changes["expires_at"] = given(body, "expires_at")
        _later(call, changes["expires_at"], old["effective_at"])
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    new = await _moved(call, old, changes)
    await appointed(call, new)
    return new


async def list_all(call: StripeCall) -> Object:
    customer = call.body.get("customer")
    return await page(call, GRANT, {"customer": customer} if customer else None)


async def expire(call: StripeCall) -> Object:
    new = await _moved(call, await _open(call), {"expires_at": call.timestamp})
    await look(call, new["id"])
    return new


async def void(call: StripeCall) -> Object:
    """Of what an invoice has not used anything of."""
    old = await _open(call)
    rest = await left(call, old)
    if rest != old["amount"]["monetary"]["value"]:
        raise invalid("A credit grant that was applied to an invoice cannot be voided.")
    new = await _moved(call, old, {"voided_at": call.timestamp})
    await noted(call, new, rest, "credits_voided")
    return new


async def summary(call: StripeCall) -> Object:
    """By currency, of one grant or of those with a scope."""
    body, wanted = call.body, call.body["filter"]
    if not given(body, "customer"):
        raise missing_param("customer")
    customer = await call.referred(customers.KIND, body["customer"], "customer")
    await clocks.enter(call, customer)
    grants = await of_customer(call, customer["id"])
    if wanted["type"] == "credit_grant":
        if not wanted.get("credit_grant"):
            raise missing_param("filter[credit_grant]")
        one = await call.referred(GRANT, wanted["credit_grant"], "filter[credit_grant]")
        grants = [grant for grant in grants if grant["id"] == one["id"]]
    else:
        scope = await _scope(call, wanted.get("applicability_scope") or {}, "filter[applicability_scope]")
        grants = [grant for grant in grants if _within(grant["applicability_config"]["scope"], scope)]
    sums: dict[str, int] = {}
    for grant in grants:
        currency = grant["amount"]["monetary"]["currency"]
        rest = await left(call, grant) if usable(grant, call.timestamp) else 0
        sums[currency] = sums.get(currency, 0) + rest
    return {
        "object": "billing.credit_balance_summary",
        "balances": [
            {name: _monetary(currency, value) for name in ("available_balance", "ledger_balance")}
            for currency, value in sums.items()
        ],
        "customer": customer["id"],
        "customer_account": None,
        "livemode": False,
    }


def _monetary(currency: str, value: int) -> Object:
    return {"monetary": {"currency": currency, "value": value}, "type": "monetary"}


def _within(scope: Object, wanted: Object) -> bool:
    if "price_type" in wanted:
        return bool(scope.get("price_type") == wanted["price_type"])
    return any(each in wanted["prices"] for each in scope.get("prices") or ())


async def list_transactions(call: StripeCall) -> Object:
    names = ("credit_grant", "customer")
    return await page(call, KIND, {name: call.body[name] for name in names if call.body.get(name)} or None)


async def retrieve_transaction(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


HANDLERS: Mapping[str, StripeHandler] = {
    "billing.credit_balance_summary.retrieve": summary,
    "billing.credit_balance_transactions.list": list_transactions,
    "billing.credit_balance_transactions.retrieve": retrieve_transaction,
    "billing.credit_grants.create": create,
    "billing.credit_grants.expire": expire,
    "billing.credit_grants.list": list_all,
    "billing.credit_grants.retrieve": retrieve,
    "billing.credit_grants.update": update,
    "billing.credit_grants.void_grant": void,
}
