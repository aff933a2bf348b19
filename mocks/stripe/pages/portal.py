"""The billing portal: a customer's subscriptions, card and invoices. https://docs.stripe.com/customer-management
(2026-11). What may be done there, the session's configuration says."""

from __future__ import annotations

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import (
    checkout_payment,
    customers,
    endings,
    invoice_lines,
    payment_methods,
    portal_configurations,
    portal_sessions,
    pricing,
    products,
    subscriptions,
)
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.pages.checkout_answers import card_sent, visitor
from mocks.stripe.pages.checkout_form import card_fields
from mocks.stripe.pages.markup import absent, alert, amount, button, day, document, notice, redirect, rows, text
from mocks.stripe.pages.stage import said, segment, staged


async def _session(call: StripeCall) -> Object | None:
    return await call.state.get(portal_sessions.KIND, segment(call, 2))


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    session = await _session(call)
    if session is None:
        return absent()
    if session["created"] + portal_sessions.SECONDS <= call.timestamp:
        back = session["return_url"] and (session["return_url"], "Back to the shop")
        return notice("This link is no longer active", "Go back to the shop for another one.", link=back)
    customer = await call.state.get(customers.KIND, session["customer"])
    if customer is None:
        return absent()
    rules = (await call.named(portal_configurations.KIND, session["configuration"]))["features"]
    parts = [_head(session, customer), alert(None if refused is None else refused.message)]
    parts.append(await _subscriptions(call, session, rules))
    if rules["payment_method_update"]["enabled"]:
        parts.append(await _card(call, customer))
    if rules["invoice_history"]["enabled"]:
        parts.append(await _invoices(call, customer))
    status = 200 if refused is None else 402 if refused.status == 402 else 400
    return document("Billing portal", "".join(parts), status=status)


def _head(session: Object, customer: Object) -> str:
    back = ""
    if session["return_url"]:
        back = f'<a class=back id="return" href="{text(session["return_url"])}">&larr; Back</a>'
    name = text(customer["email"] or customer["name"] or customer["id"])
    return f"{back}<h1>Billing<span class=mode>TEST MODE</span></h1><p class=soft>{name}</p>"


async def _subscriptions(call: StripeCall, session: Object, rules: Object) -> str:
    where = {"customer": session["customer"]}
    found = [each for each in await call.state.page(endings.KIND, where=where) if each["status"] not in endings.ENDED]
    if not found:
        return "<section class=box><h2>Subscriptions</h2><p class=soft>There are none.</p></section>"
    return "".join([await _subscription(call, each, rules["subscription_cancel"]) for each in found])


async def _subscription(call: StripeCall, subscription: Object, rule: Object) -> str:
    lines, ends = [], 0
    for item in subscription["items"]["data"]:
        product = await call.state.get(products.KIND, item["price"]["product"])
        ends = item["current_period_end"]
        cost = amount(await pricing.cost(call, item, subscription["currency"]), subscription["currency"])
        words = text(product["name"] if product else "Subscription")
        lines.append((words, f"{text(cost)} per {text(item['price']['recurring']['interval'])}"))
    ending = subscription["cancel_at_period_end"]
    state = f"{'Ends' if ending else 'Renews'} on {day(ends)}"
    form = ""
    if ending:
        form = _form("renew", subscription["id"], "Renew subscription", "quiet")
    elif rule["enabled"]:
        form = _form("cancel", subscription["id"], "Cancel subscription", "grave")
    status = text(subscription["status"].replace("_", " "))
    return f"<section class=box><h2>Subscription ({status})</h2>{rows(lines)}<p class=soft>{state}</p>{form}</section>"


def _form(act: str, key: str, words: str, kind: str) -> str:
    return (
        f'<form method=post><input type=hidden name="subscription" value="{text(key)}">'
        f"{button(words, id=f'{act}-{key}', name='act', value=act, kind=kind)}</form>"
    )


async def _card(call: StripeCall, customer: Object) -> str:
    key = customer["invoice_settings"]["default_payment_method"]
    method = await call.state.get(payment_methods.KIND, key) if key else None
    known = "No card is saved."
    if method is not None and method["type"] == "card":
        known = f"{method['card']['brand'].title()} ending in {method['card']['last4']}"
    fields = card_fields(call)
    send = button("Save card", id="submit", name="act", value="card")
    return (
        f'<section class=box><h2>Payment method</h2><p id="card">{text(known)}</p>'
        f"<form method=post>{fields}{send}</form></section>"
    )


async def _invoices(call: StripeCall, customer: Object) -> str:
    found = await call.state.page(invoice_lines.INVOICE, where={"customer": customer["id"]}, limit=12)
    lines = [
        (
            (
                f'<a href="{text(each["hosted_invoice_url"])}">{day(each["created"])}</a>'
                f"<small>{text(each['status'])}</small>"
            ),
            text(amount(each["total"], each["currency"])),
        )
        for each in found
        if each["status"] != "draft"
    ]
    return f"<section class=box><h2>Invoices</h2>{rows(lines) or '<p class=soft>There are none.</p>'}</section>"


async def _act(call: StripeCall) -> Response:
    session = await _session(call)
    if session is None or session["created"] + portal_sessions.SECONDS <= call.timestamp:
        return await _show(call, None)
    rules = (await call.named(portal_configurations.KIND, session["configuration"]))["features"]
    match said(call, "act"):
        case "cancel" if rules["subscription_cancel"]["enabled"]:
            await _cancel(call, session, rules["subscription_cancel"]["mode"])
        case "renew":
            await _own(call, session)
            await subscriptions.update(_about(call, {"cancel_at_period_end": False}))
        case "card" if rules["payment_method_update"]["enabled"]:
            await _new_card(call, session)
        case _:
            raise invalid("This is not possible here.")
    flow = session["flow"] or {"after_completion": {"type": "portal_homepage"}}
    after = flow["after_completion"]
    if after["type"] == "redirect" and after["redirect"]:
        return redirect(after["redirect"]["return_url"])
    return redirect(session["url"])


def _about(call: StripeCall, body: Object) -> StripeCall:
    return call.as_if(body, subscription_exposed_id=said(call, "subscription") or "")


async def _own(call: StripeCall, session: Object) -> Object:
    """The subscription that the form names, if it is the customer's. Raises ServiceError."""
    found = await call.state.get(endings.KIND, said(call, "subscription") or "")
    if found is None or found["customer"] != session["customer"]:
        raise invalid("There is no such subscription.")
    return found


async def _cancel(call: StripeCall, session: Object, mode: str) -> None:
    await _own(call, session)
    if mode == "immediately":
        await subscriptions.cancel(_about(call, {}))
    else:
        await subscriptions.update(_about(call, {"cancel_at_period_end": True}))


async def _new_card(call: StripeCall, session: Object) -> None:
    body = {"type": "card", "card": card_sent(call), "billing_details": visitor(call).billing()}
    method = await payment_methods.build(call, body)
    method = await checkout_payment.attachable(call, method)
    await payment_methods.attach_to(call, method, session["customer"])
    settings = {"invoice_settings": {"default_payment_method": method["id"]}}
    await customers.update(call.as_if(settings, customer=session["customer"]))


PAGE = staged(_show, _act)
