"""A customer's payment sources: cards (https://docs.stripe.com/api/cards), bank accounts
(https://docs.stripe.com/api/customer_bank_accounts) and sources (``sources.py``), as of 2026-11.

The first one is the default.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Missing
from mocks.stripe import bank_accounts, cards, sources
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed, given
from mocks.stripe.errors import invalid
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first, merged

#: All of them by their ids, in their order: {"id", "object"}.
KIND = "payment_source"


async def from_source(call: StripeCall, source: Any, customer: str, param: str) -> Object:
    """The card or bank account that a token or a hash stands for, or a source by its id. Not stored yet."""
    if sources.named(source):
        return await sources.attached(call, source, customer, param)
    if bank_accounts.named(source):
        return await bank_accounts.from_token(call, source, customer, param)
    return await cards.from_source(call, source, customer, param)


async def store(call: StripeCall, source: Object) -> None:
    """Write a customer's source."""
    kind, index = source["object"], {"customer": source["customer"]}
    if kind == cards.KIND:
        await cards.store(call, source)
    elif kind == sources.KIND:
        await sources.store(call, source)
    else:
        await call.state.put(kind, source["id"], source, index)
    await call.state.put(KIND, source["id"], {"id": source["id"], "object": kind}, {**index, "object": kind})


async def owned(call: StripeCall, id: str, customer: str) -> Object | None:
    """A customer's source; None when it is no one's or another's."""
    known = await call.state.get(KIND, id)
    found = await call.state.get(known["object"], id) if known is not None else None
    return found if found is not None and found["customer"] == customer else None


async def create(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    sent = call.body.get("source") or call.body.get("card")
    if not sent:
        raise invalid("Missing required param: source.", code="parameter_missing", param="source")
    metadata = first(call.body.get("metadata"))
    source = await from_source(call, sent, customer["id"], "source")
    source = {**source, "metadata": metadata or source["metadata"]}
    await store(call, source)
    call.event("customer.source.created", source)
    if customer["default_source"] is None:
        await _set_default(call, customer, source["id"])
    return source


async def _set_default(call: StripeCall, customer: Object, id: str | None) -> None:
    new, previous = changed(customer, {"default_source": id})
    await call.state.put("customer", new["id"], new)
    call.event("customer.updated", new, previous)


async def _own(call: StripeCall, customer: str) -> Object:
    key = call.path("id")
    found = await owned(call, key, customer)
    if found is None:
        raise Missing("source", key)
    return found


async def retrieve(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    return await _own(call, customer["id"])


async def update(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    old = await _own(call, customer["id"])
    body = call.body
    if old["object"] == cards.KIND:
        changes: Object = {name: given(body, name) for name in (*cards.ADDRESS, "name") if name in body}
        changes |= {name: int(body[name]) for name in ("exp_month", "exp_year") if name in body}
    elif old["object"] == sources.KIND:
        changes = sources.changes(old, body)
    else:
        changes = bank_accounts.updated(old, body)
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    new, previous = changed(old, changes)
    await store(call, new)
    if previous:
        call.event("customer.source.updated", new, previous)
    return new


async def verify(call: StripeCall) -> Object:
    """Verify a bank account by the two small deposits that it got."""
    customer = await call.named("customer", call.path("customer"))
    account = await _own(call, customer["id"])
    if account["object"] != bank_accounts.KIND:
        raise invalid("Only bank accounts can be verified.", param="id")
    new, previous = bank_accounts.verified(account, call.body.get("amounts"))
    await store(call, new)
    call.event("customer.source.updated", new, previous)
    return new


async def _forget(call: StripeCall, id: str, kind: str) -> Object:
    """What is left of a source that is no longer its customer's."""
    await call.state.delete(KIND, id)
    left: Object = {"id": id, "object": kind, "deleted": True}
    if kind == sources.KIND:
        left = await sources.detached(call, await call.named(kind, id))
    else:
        await call.state.delete(kind, id)
    if kind in (cards.KIND, sources.KIND):
        await call.state.delete("payment_method", id)
    return left


async def delete(call: StripeCall) -> Object:
    """The newest of the others becomes the default."""
    customer = await call.named("customer", call.path("customer"))
    source = await _own(call, customer["id"])
    left = await _forget(call, source["id"], source["object"])
    call.event("customer.source.deleted", left if source["object"] == sources.KIND else source)
    if customer["default_source"] == source["id"]:
        rest = await call.state.page(KIND, where={"customer": customer["id"]}, order="newest", limit=1)
        await _set_default(call, customer, rest[0]["id"] if rest else None)
    return left


async def _whole(call: StripeCall, known: Object) -> Object:
    return await call.state.get(known["object"], known["id"]) or known


async def list_all(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    where = {"customer": customer["id"]}
    if call.body.get("object"):
        where["object"] = call.body["object"]
    found = await page(call, KIND, where, url=f"/v1/customers/{customer['id']}/sources")
    return {**found, "data": [await _whole(call, known) for known in found["data"]]}


async def shown(call: StripeCall, customer: Object) -> Object:
    """A customer's sources, oldest first, as the customer shows them on demand."""
    found = await call.state.page(KIND, where={"customer": customer["id"]}, order="oldest", limit=11)
    first_ten = [await _whole(call, known) for known in found[:10]]
    return list_of(first_ten, f"/v1/customers/{customer['id']}/sources", len(found) > 10, total_count=len(found))


async def delete_all(call: StripeCall, customer: str) -> None:
    """Forget the sources of a customer that goes."""
    while found := await call.state.page(KIND, where={"customer": customer}, limit=100):
        for known in found:
            await _forget(call, known["id"], known["object"])


HANDLERS: dict[str, StripeHandler] = {
    "customers.payment_sources.create": create,
    "customers.payment_sources.delete": delete,
    "customers.payment_sources.list": list_all,
    "customers.payment_sources.retrieve": retrieve,
    "customers.payment_sources.update": update,
    "customers.payment_sources.verify": verify,
    **sources.HANDLERS,
}
