"""What happens when a customer submits a checkout page: https://docs.stripe.com/payments/checkout/how-checkout-works
(2026-11).

A payment makes its payment intent now, a subscription is begun with the card as its own, a setup intent is confirmed.
A card whose bank wants to see the customer waits until that is done; a decline leaves the session open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mocks.base import ServiceError
from mocks.stripe import (
    beginnings,
    checkout_invoice,
    checkout_items,
    checkout_rules,
    checkout_sessions,
    checkout_settled,
    confirmation,
    customers,
    payment_intents,
    payment_links,
    payment_methods,
    plastic,
    setup_intents,
)
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.objects import ADDRESS, parcel
from mocks.stripe.setup_intents import SHOWN

#: What a session waits for while the customer is at the bank: {"method", "details"}.
WAITING = "checkout.session_waiting"
PAGE = confirmation.Terms(off_session=False, return_url=None, use_stripe_sdk=True, error_on_requires_action=False)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays, as the page's fields say."""

    email: str | None
    name: str | None
    country: str | None
    postal_code: str | None
    phone: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    business: str | None = None
    individual: str | None = None
    tax_type: str | None = None
    tax_id: str | None = None
    #: Keep the card for the next time.
    saves: bool = False

    def address(self) -> Object:
        """The billing address, as far as it was asked."""
        return {name: getattr(self, name) for name in ADDRESS}

    def billing(self) -> Object:
        """Billing details of the payment method."""
        return {"address": self.address(), "email": self.email, "name": self.name, "phone": self.phone}

    def shown(self, session: Object, exempt: str | None) -> Object:
        """``customer_details`` of the session."""
        known = session["customer_details"] or {}
        return {
            "address": self.address(),
            "business_name": self.business,
            "email": self.email or known.get("email"),
            "individual_name": self.individual,
            "name": self.business or self.name,
            "phone": self.phone,
            "tax_exempt": exempt,
            "tax_ids": [{"type": self.tax_type, "value": self.tax_id}] if self.tax_type and self.tax_id else [],
        }


def needs_method(session: Object) -> bool:
    """Whether a card is asked for: always, or only when there is something to pay."""
    return session["payment_method_collection"] == "always" or bool(session["amount_total"])


async def submitted(call: StripeCall, session: Object, who: Customer, sent: Mapping[str, Any] | None) -> Object:
    """The session after the customer pressed the button: complete, or still open where the bank has to be asked.
    ``sent`` is what to pay with: parameters of a payment method, or the id of the customer's own as ``payment_method``.
    Raises ServiceError, kept for a payment that was declined."""
    method = None
    if sent is not None:
        method = await _method(call, session, who, sent)
        if _asks_bank(method) and session["mode"] != "payment":
            await payment_methods.store(call, method)
            return await _waiting(call, session, who, method)
    return await _paid(call, session, who, method)


async def _method(call: StripeCall, session: Object, who: Customer, sent: Mapping[str, Any]) -> Object:
    if "payment_method" not in sent:
        made = await payment_methods.build(call, {**sent, "billing_details": who.billing()})
        # The customer's bank names the account on the page: no deposits have to be waited for.
        await payment_methods.remember(call, made["id"], verified=True)
        return made
    found = await call.state.get(payment_methods.KIND, sent["payment_method"])
    if found is None or found["customer"] is None or found["customer"] != session["customer"]:
        raise invalid("This payment method is not on offer.", param="payment_method")
    return found


async def proved(call: StripeCall, session: Object) -> Object:
    """The session after its customer came back from the bank with a yes. Raises ServiceError as ``submitted``."""
    waiting = await call.state.get(WAITING, session["id"])
    if waiting is None:
        raise invalid("This session does not wait for its customer's bank.")
    call.authenticated = True
    await call.state.delete(WAITING, session["id"])
    method = await call.referred(payment_methods.KIND, waiting["method"], "payment_method")
    return await _paid(call, session, Customer(**waiting["who"]), method)


async def waits(call: StripeCall, session: Object) -> bool:
    """Whether the customer has to go to the bank's page."""
    return session["status"] == "open" and await call.state.get(WAITING, session["id"]) is not None


async def unproved(call: StripeCall, session: Object) -> Object:
    """The customer came back with a no: the session is open as before."""
    await call.state.delete(WAITING, session["id"])
    if session["payment_intent"]:
        intent = await call.named(payment_intents.KIND, session["payment_intent"])
        if intent["status"] == "requires_action":
            await confirmation.unproved(call, intent)
    return session


def _asks_bank(method: Object) -> bool:
    test = plastic.behind(method.get("card") or {})
    return test is not None and test.authentication in SHOWN


async def _waiting(call: StripeCall, session: Object, who: Customer, method: Object) -> Object:
    await call.state.put(WAITING, session["id"], {"method": method["id"], "who": asdict(who)})
    await checkout_sessions.store(call, session)
    return session


async def _paid(call: StripeCall, session: Object, who: Customer, method: Object | None) -> Object:
    session = await _with_customer(call, session, who)
    match session["mode"]:
        case "payment":
            return await _payment(call, session, who, method)
        case "subscription":
            try:
                return await _subscription(call, session, who, method)
            except ServiceError as refused:
                # Nothing is begun: the customer may try another card.
                refused.keep = False
                raise
        case _:
            return await _setup(call, session, who, method)


async def _with_customer(call: StripeCall, session: Object, who: Customer) -> Object:
    if session["customer"] is not None:
        await _kept_by(call, session, who)
        return session
    details = (await call.state.get(checkout_sessions.HIDDEN, session["id"]) or {}).get("data", {})
    saved = (details.get("payment_intent_data") or {}).get("setup_future_usage")
    billed = (session["invoice_creation"] or {}).get("enabled")
    if session["mode"] == "payment" and session["customer_creation"] != "always" and not (saved or billed):
        return session
    if session["mode"] == "setup" and session["customer_creation"] != "always":
        return session
    email = who.email or session["customer_email"]
    address = {name: value for name, value in who.address().items() if value}
    about = {"email": email, "name": who.business or who.name, "phone": who.phone, "address": address}
    if (there := _parcel(session)) is not None:
        about["shipping"] = there
    customer = await customers.create(call.as_if({name: value for name, value in about.items() if value}))
    return {**session, "customer": customer["id"]}


async def _kept_by(call: StripeCall, session: Object, who: Customer) -> None:
    """What of the form ``customer_update`` keeps with the customer that the session is for."""
    details = (await call.state.get(checkout_sessions.HIDDEN, session["id"]) or {}).get("data", {})
    asked = details.get("customer_update") or {}
    told = {"address": who.address(), "name": who.business or who.name, "shipping": _parcel(session)}
    changes = {name: value for name, value in told.items() if asked.get(name) == "auto" and value}
    if changes:
        await customers.update(call.as_if(changes, customer=session["customer"]))


def _parcel(session: Object) -> Object | None:
    """Where it goes to, if anybody asked."""
    found: Object | None = (session["collected_information"] or {}).get("shipping_details")
    return found


async def _payment(call: StripeCall, session: Object, who: Customer, method: Object | None) -> Object:
    if method is None:
        if checkout_invoice.wanted(session):
            session = await checkout_invoice.made(call, session, None)
        return await _complete(call, session, who, "no_payment_required")
    intent = await intent_of(call, session)
    session = {**session, "payment_intent": intent["id"]}
    await checkout_sessions.store(call, session)
    done = await confirmation.attempt(call, intent, method, PAGE)
    if done["status"] == "requires_action":
        return await _waiting(call, session, who, method)
    if who.saves and session["customer"] and method["customer"] is None:
        kept = await call.state.get(payment_methods.KIND, method["id"]) or method
        await payment_methods.attach_to(call, {**kept, "allow_redisplay": "always"}, session["customer"])
        await payment_methods.remember(call, method["id"], spent=False)
    if done["status"] == "processing":
        await checkout_settled.waits(call, session)
    elif done["status"] == "succeeded" and checkout_invoice.wanted(session):
        session = await checkout_invoice.made(call, session, done)
    return await _complete(call, session, who, "paid" if done["status"] == "succeeded" else "unpaid")


async def intent_of(call: StripeCall, session: Object) -> Object:
    """The session's payment intent, made at the first try."""
    if session["payment_intent"]:
        made = await call.named(payment_intents.KIND, session["payment_intent"])
        return {**made, "customer": session["customer"], "shipping": parcel(_parcel(session)) or made["shipping"]}
    details = (await call.named(checkout_sessions.HIDDEN, session["id"]))["data"]
    asked = dict(details.get("payment_intent_data") or {})
    body = {
        **asked,
        "amount": session["amount_total"],
        "customer": session["customer"],
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "allowed_payment_method_types": session["payment_method_types"],
    }
    if (there := _parcel(session)) is not None:
        body["shipping"] = there
    intent = payment_intents.build(call.as_if(body), body, session["currency"], None)
    call.event("payment_intent.created", intent)
    return intent


async def _subscription(call: StripeCall, session: Object, who: Customer, method: Object | None) -> Object:
    details = await call.named(checkout_sessions.HIDDEN, session["id"])
    items, asked = details["line_items"], dict(details["data"].get("subscription_data") or {})
    body: dict[str, Any] = {
        **asked,
        "customer": session["customer"],
        "items": [
            {**await _bought(call, item), "of_session": True} for item in items if item["price"]["type"] == "recurring"
        ],
        "payment_behavior": "error_if_incomplete",
    }
    once = [item for item in items if item["price"]["type"] != "recurring"]
    if once:
        body["add_invoice_items"] = [await _bought(call, item) for item in once]
    if session["discounts"]:
        body["discounts"] = [{k: v for k, v in each.items() if v} for each in session["discounts"]]
    if method is not None:
        if method["customer"] is None:
            method = await payment_methods.attach_to(call, await attachable(call, method), session["customer"])
        body["default_payment_method"] = method["id"]
    begun = await beginnings.create(call.as_if(body))
    paid = "no_payment_required" if checkout_rules.trial(details["data"]) and not session["amount_total"] else "paid"
    changes = {"subscription": begun["id"], "invoice": begun["latest_invoice"]}
    return await _complete(call, {**session, **changes}, who, paid)


async def _bought(call: StripeCall, item: Object) -> Object:
    """An item of a session as parameters of a subscription name it."""
    rates = [rate["id"] for rate in await checkout_items.rates_of(call, item)]
    many = {} if item["quantity"] is None else {"quantity": item["quantity"]}
    return {"price": item["price"]["id"], **many, **({"tax_rates": rates} if rates else {})}


async def attachable(call: StripeCall, method: Object) -> Object:
    """The card as its bank lets it be saved. Raises ServiceError."""
    test = plastic.behind(method["card"])
    if test is not None and test.declined is not None and not test.attachable:
        raise plastic.refused(test.declined)
    return {**method, "card": plastic.verified(method["card"])}


async def _setup(call: StripeCall, session: Object, who: Customer, method: Object | None) -> Object:
    if method is None:
        raise invalid("A payment method is needed.", param="payment_method")
    intent = await call.named(setup_intents.KIND, session["setup_intent"])
    intent = {**intent, "customer": session["customer"]}
    done = await setup_intents.attempt(call, intent, method)
    if done["status"] != "succeeded":
        return await _waiting(call, session, who, method)
    return await _complete(call, session, who, "no_payment_required")


async def _complete(call: StripeCall, session: Object, who: Customer, paid: str) -> Object:
    exempt = None if session["mode"] == "setup" else "none"
    done = {
        **session,
        "customer_details": who.shown(session, exempt),
        "automatic_tax": {**session["automatic_tax"], "status": "complete"}
        if session["automatic_tax"]["enabled"]
        else session["automatic_tax"],
        "payment_status": paid,
        "status": "complete",
        "url": None,
    }
    await checkout_sessions.store(call, done)
    details = await call.named(checkout_sessions.HIDDEN, session["id"])
    await checkout_items.redeemed(call, done, details.get("coupon"))
    if done["payment_link"]:
        await payment_links.used(call, done["payment_link"])
    call.event("checkout.session.completed", done)
    return done
