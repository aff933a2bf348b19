"""Payment methods: https://docs.stripe.com/api/payment_methods (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import Missing
from mocks.stripe import banks, cards, microdeposits, plastic, testbanks
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid, missing, missing_param
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.objects import billing_details

KIND = "payment_method"

#: What a payment method has been through: {"off_session": set up for later use, "spent": cannot be used again,
#: "verified": its owner told of the deposits, "tries": in vain}.
HISTORY = microdeposits.HISTORY

#: Whose the test bank accounts are.
TESTER = {"billing_details": {"email": "jenny@example.com", "name": "Jenny Rosen"}}

SPENT = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To "
    "use a "
    "PaymentMethod multiple times, you must attach it to a Customer first."
)


def wrap(call: StripeCall, type: str, details: Object, body: Mapping[str, Any] | None = None) -> Object:
    """A payment method around the details of its type."""
    body = body or {}
    return {
        "id": call.new_id("pm_1", 23),
        "object": KIND,
        "allow_redisplay": body.get("allow_redisplay") or "unspecified",
        "billing_details": billing_details(body.get("billing_details")),
        type: details,
        "created": call.timestamp,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "type": type,
    }


async def build(call: StripeCall, body: Mapping[str, Any], prefix: str = "") -> Object:
    """A payment method from its parameters, also those nested as ``payment_method_data``. Not stored yet."""
    kind = body.get("type")
    if not kind and body.get("card"):
        kind = "card"
    if not kind:
        raise missing_param(f"{prefix}[type]" if prefix else "type")
    sent = body.get(kind) or {}
    if kind != "card":
        return wrap(call, kind, banks.details(kind, sent), body)
    if not sent.get("token"):
        _, details = plastic.from_number(call, sent)
        return wrap(call, "card", details, body)
    test = plastic.from_test_token(call, sent["token"])
    if test is not None:
        return wrap(call, "card", test, body)
    token = await cards.unused_token(call, sent["token"], "card[token]")
    method = wrap(call, "card", cards.as_payment_method(call, token["card"])["card"], body)
    await cards.use_token(call, token)
    return method


async def store(call: StripeCall, method: Object) -> None:
    """Write a payment method."""
    index = {"type": method["type"]}
    if method["customer"]:
        index["customer"] = method["customer"]
    await call.state.put(KIND, method["id"], method, index)


async def find(call: StripeCall, id: str) -> Object | None:
    """A stored payment method, or a new one for a test one such as ``pm_card_visa``. Not stored yet in that case."""
    details = plastic.from_test_method(call, id)
    if details is not None:
        return wrap(call, "card", details)
    bank = testbanks.by_name(id)
    if bank is None:
        return await call.state.get(KIND, id)
    made = wrap(call, bank.type, banks.test_details(bank), TESTER)
    # Its owner is known already, unless the account is one for deposits.
    await remember(call, made["id"], verified=bank.reachable)
    return made


async def usable(call: StripeCall, id: str, param: str) -> Object:
    """The payment method that a parameter names and that has not been used up; raises ServiceError."""
    found = await find(call, id)
    if found is None:
        raise missing(KIND, id, param)
    # One that `find` has just made has another id, and no past.
    if found["customer"] is None and found["id"] == id and (await history(call, id)).get("spent"):
        raise invalid(SPENT, param=param)
    return found


async def history(call: StripeCall, id: str) -> Object:
    """What a payment method has been through."""
    return await call.state.get(HISTORY, id) or {}


async def remember(call: StripeCall, id: str, **facts: bool | int) -> None:
    """Add to what a payment method has been through."""
    await call.state.put(HISTORY, id, {**await history(call, id), **facts})


async def create(call: StripeCall) -> Object:
    body = call.body
    if body.get("payment_method"):
        # Cloning for a connected account: https://docs.stripe.com/connect/direct-charges-multiple-accounts
        original = await usable(call, body["payment_method"], "payment_method")
        method = wrap(call, original["type"], original[original["type"]], original)
    else:
        method = await build(call, body)
    await store(call, method)
    return method


async def retrieve(call: StripeCall) -> Object:
    key = call.path("payment_method")
    found = await find(call, key)
    if found is None:
        raise Missing(KIND, key)
    if found["id"] != key:
        await store(call, found)
    return found


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("payment_method"))
    changes: Object = {}
    if "billing_details" in body:
        changes["billing_details"] = billing_details(body["billing_details"], old["billing_details"])
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("allow_redisplay"):
        changes["allow_redisplay"] = body["allow_redisplay"]
    card = body.get("card") or {}
    if card and old["type"] == "card":
        renewed = {name: card[name] for name in ("exp_month", "exp_year") if name in card}
        changes["card"] = {**old["card"], **renewed}
    new, previous = changed(old, changes)
    await store(call, new)
    if previous and new["customer"]:
        call.event("payment_method.updated", new, previous)
    return new


async def attachable(call: StripeCall, id: str) -> Object:
    """The payment method that is to become a customer's, checked by its bank; raises ServiceError."""
    found = await find(call, id)
    if found is None:
        if call.operation.id == "payment_methods.attach":
            raise Missing(KIND, id, "payment_method")
        raise missing(KIND, id, "payment_method")
    if found["customer"] is None and (await history(call, found["id"])).get("spent"):
        raise invalid(SPENT)
    if found["type"] == "card":
        test = plastic.behind(found["card"])
        if test is not None and test.declined is not None and not test.attachable:
            raise plastic.refused(test.declined)
        found = {**found, "card": plastic.verified(found["card"])}
    return found


async def attach_to(call: StripeCall, method: Object, customer: str) -> Object:
    """Give a payment method to a customer."""
    attached = {**method, "customer": customer}
    await store(call, attached)
    call.event("payment_method.attached", attached)
    return attached


async def attach(call: StripeCall) -> Object:
    wanted = call.body.get("customer")
    if not wanted:
        raise missing_param("customer")
    customer = await call.referred("customer", wanted, "customer")
    method = await attachable(call, call.path("payment_method"))
    if method["customer"] == customer["id"]:
        return method
    if method["customer"] is not None:
        raise invalid("The payment method you provided has already been attached to a customer.")
    return await attach_to(call, method, customer["id"])


async def detach(call: StripeCall) -> Object:
    method = await call.named(KIND, call.path("payment_method"))
    if method["customer"] is None:
        raise invalid(
            "The payment method you are trying to detach is not attached to a customer. Detachment is impossible."
        )
    owner = await call.state.get("customer", method["customer"])
    freed = await _release(call, method)
    if owner is not None and owner["invoice_settings"]["default_payment_method"] == method["id"]:
        settings = {**owner["invoice_settings"], "default_payment_method": None}
        new, previous = changed(owner, {"invoice_settings": settings})
        await call.state.put("customer", new["id"], new)
        call.event("customer.updated", new, previous)
    return freed


async def _release(call: StripeCall, method: Object) -> Object:
    freed, previous = changed(method, {"customer": None})
    await store(call, freed)
    await remember(call, method["id"], spent=True)
    call.event("payment_method.detached", freed, previous)
    return freed


async def detach_all(call: StripeCall, customer: str) -> None:
    """Take the payment methods from a customer that goes; its cards go with it."""
    while found := await call.state.page(KIND, where={"customer": customer}, limit=100):
        for method in found:
            if method["id"].startswith(("card_", "src_")):
                await call.state.delete(KIND, method["id"])
            else:
                await _release(call, method)


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("customer", "type") if call.body.get(name)}
    if "customer" in where:
        await call.referred("customer", where["customer"], "customer")
    return await page(call, KIND, where or None)


async def list_of_customer(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    where = {"customer": customer["id"]}
    if call.body.get("type"):
        where["type"] = call.body["type"]
    return await page(call, KIND, where, url=f"/v1/customers/{customer['id']}/payment_methods")


async def retrieve_of_customer(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    method = await call.named(KIND, call.path("payment_method"))
    if method["customer"] != customer["id"]:
        raise Missing(KIND, method["id"])
    return method
