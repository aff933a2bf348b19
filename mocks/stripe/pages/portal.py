"""The billing portal: a customer's subscriptions, card, invoices and details. https://docs.stripe.com/customer-management
(2026-11). What may be done there, the session's configuration says; a session with a flow begins with that:
https://docs.stripe.com/customer-management/portal-deep-links.
"""

from __future__ import annotations

from contracts.exchange import Response
from mocks.base import Mail, ServiceError
from mocks.stripe import customers, portal_configurations, portal_sessions
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.pages import portal_acts as acts
from mocks.stripe.pages import portal_views as views
from mocks.stripe.pages.markup import absent, alert, button, document, field, notice, redirect, text
from mocks.stripe.pages.stage import said, segment, staged

#: Sessions whose flow is done.
DONE = "billing_portal.session_done"
#: Flow -> its view.
FLOWS = {
    "customer_update": "customer", "payment_method_update": "card", "subscription_cancel": "cancel",
    "subscription_update": "update", "subscription_update_confirm": "confirm",
}  # fmt: skip
#: Act -> the flow that it completes.
ENDS = {
    "card": "payment_method_update", "default": "payment_method_update", "customer": "customer_update",
    "cancel": "subscription_cancel", "stay": "subscription_cancel",
}  # fmt: skip


async def _session(call: StripeCall) -> Object | None:
    return await call.state.get(portal_sessions.KIND, segment(call, 2))


def _gone(call: StripeCall, session: Object) -> bool:
    return bool(session["created"] + portal_sessions.SECONDS <= call.timestamp)


async def _rules(call: StripeCall, session: Object) -> Object:
    found: Object = (await call.named(portal_configurations.KIND, session["configuration"]))["features"]
    return found


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    session = await _session(call)
    if session is None:
        return absent()
    back = (session["return_url"], "Back to the shop") if session["return_url"] else None
    if _gone(call, session):
        return notice("This link is no longer active", "Go back to the shop for another one.", link=back)
    customer = await call.state.get(customers.KIND, session["customer"])
    if customer is None:
        return absent()
    view, key = await _view(call, session)
    if view == "done":
        custom = ((session["flow"] or {}).get("after_completion") or {}).get("hosted_confirmation") or {}
        return notice("All done", custom.get("custom_message") or "Your changes are saved.", link=back, good=True)
    words = None if refused is None else refused.message
    try:
        inner = await _inner(call, session, customer, view, key)
    except ServiceError as wrong:
        # What an address asks for may not be there, or not be allowed: the page says so, and shows the rest.
        words, inner = words or wrong.message, await _inner(call, session, customer, "home", None)
    status = 200 if refused is None else 402 if refused.status == 402 else 400
    return document("Billing portal", f"{_head(call, session, customer, view)}{alert(words)}{inner}", status=status)


async def _view(call: StripeCall, session: Object) -> tuple[str, str | None]:
    """Which view, and of which subscription."""
    query = call.params.query
    if query.get("view"):
        return str(query["view"]), query.get("subscription")
    flow = session["flow"]
    if flow is None or await call.state.get(DONE, session["id"]) is not None:
        return "home", None
    about = flow.get(flow["type"]) or {}
    return FLOWS.get(flow["type"], "home"), about.get("subscription")


def _head(call: StripeCall, session: Object, customer: Object, view: str) -> str:
    back = ""
    if session["return_url"]:
        back = f'<a class=back id="return" href="{text(session["return_url"])}">&larr; Back</a>'
    elif view != "home" and session["flow"] is None:
        back = f'<a class=back id="home" href="{text(views.way(call, session))}">&larr; Back</a>'
    name = text(customer["email"] or customer["name"] or customer["id"])
    return f"{back}<h1>Billing<span class=mode>TEST MODE</span></h1><p class=soft>{name}</p>"


async def _inner(call: StripeCall, session: Object, customer: Object, view: str, key: str | None) -> str:
    rules = await _rules(call, session)
    match view:
        case "cancel" if rules["subscription_cancel"]["enabled"]:
            return await views.cancel(call, session, rules["subscription_cancel"], key)
        case "update" if rules["subscription_update"]["enabled"]:
            return await views.update(call, session, rules["subscription_update"], key)
        case "confirm" if rules["subscription_update"]["enabled"] and _confirms(session):
            about, changes = await _flow_change(call, session, rules["subscription_update"])
            return await views.confirm(call, session, about, changes, {})
        case "customer" if rules["customer_update"]["enabled"]:
            return views.customer_form(call, customer, rules["customer_update"]["allowed_updates"])
        case "card" if rules["payment_method_update"]["enabled"]:
            return await views.card(call, customer)
    parts = [await views.subscriptions(call, session, rules)]
    if rules["payment_method_update"]["enabled"]:
        parts.append(await views.card(call, customer))
    if rules["customer_update"]["enabled"]:
        parts.append(views.customer_form(call, customer, rules["customer_update"]["allowed_updates"]))
    if rules["invoice_history"]["enabled"]:
        parts.append(await views.invoices(call, customer))
    return "".join(parts)


def _confirms(session: Object) -> bool:
    return bool((session["flow"] or {}).get("subscription_update_confirm"))


async def _flow_change(call: StripeCall, session: Object, rule: Object) -> tuple[str, Object]:
    key, changes = acts.told(session)
    return key, acts.terms(await views.own(call, session, key), rule, changes)


async def _preview(call: StripeCall, session: Object, rule: Object) -> str:
    key, changes = await acts.wanted(call, session, rule)
    marks = {name: said(call, name) or "" for name in ("price", "quantity", "promotionCode")}
    return await views.confirm(call, session, key, changes, marks)


async def _act(call: StripeCall) -> Response:
    session = await _session(call)
    if session is None or _gone(call, session):
        return await _show(call, None)
    rules, act = await _rules(call, session), said(call, "act")
    update = rules["subscription_update"]
    match act:
        case "cancel" if rules["subscription_cancel"]["enabled"]:
            await acts.cancel(call, session, rules["subscription_cancel"])
        case "stay":
            await acts.stay(call, session)
        case "renew":
            await acts.renew(call, session)
        case "card" if rules["payment_method_update"]["enabled"]:
            await acts.new_card(call, session)
        case "default" | "remove" if rules["payment_method_update"]["enabled"]:
            await acts.saved_card(call, session, remove=act == "remove")
        case "customer" if rules["customer_update"]["enabled"]:
            await acts.customer(call, session, rules["customer_update"]["allowed_updates"])
        case "preview" if update["enabled"]:
            inner = await _preview(call, session, update)
            customer = await call.named(customers.KIND, session["customer"])
            return document("Billing portal", f"{_head(call, session, customer, 'update')}{inner}")
        case "update" if update["enabled"]:
            return await _updated(call, session, update)
        case _:
            raise invalid("This is not possible here.")
    return await _after(call, session, ENDS.get(act))


async def _updated(call: StripeCall, session: Object, rule: Object) -> Response:
    if _confirms(session) and not said(call, "price") and not said(call, "quantity"):
        key, changes = await _flow_change(call, session, rule)
        await acts.update(call, key, changes)
        return await _after(call, session, "subscription_update_confirm")
    key, changes = await acts.wanted(call, session, rule)
    await acts.update(call, key, changes)
    return await _after(call, session, "subscription_update")


async def _after(call: StripeCall, session: Object, flow: str | None) -> Response:
    """Where the customer goes when something is done: at the end of the session's flow where that says."""
    asked = session["flow"]
    if asked is None or asked["type"] != flow:
        return redirect(session["url"])
    await call.state.put(DONE, session["id"], {"at": call.timestamp})
    after = asked["after_completion"]
    if after["type"] == "redirect" and after["redirect"]:
        return redirect(after["redirect"]["return_url"])
    if after["type"] == "hosted_confirmation":
        return redirect(views.way(call, session, view="done"))
    return redirect(session["url"])


async def _ask_login(call: StripeCall, refused: ServiceError | None) -> Response:
    """The login page of a configuration: https://docs.stripe.com/customer-management/activate-no-code-customer-portal."""
    rules = await call.state.get(portal_configurations.KIND, segment(call, 2))
    if rules is None or not rules["login_page"]["enabled"] or not rules["active"]:
        return absent()
    send = button("Send", id="submit")
    asked = f"<form method=post>{field('Email', 'email', kind='email', complete='email')}{send}</form>"
    words = alert(None if refused is None else refused.message)
    return document("Billing portal", f'<section class="box"><h2>Manage your billing</h2>{words}{asked}</section>')


async def _send_login(call: StripeCall) -> Response:
    """Who is a customer gets a mail with the way in, into the environment's mailbox; nobody is told who is one."""
    rules = await call.state.get(portal_configurations.KIND, segment(call, 2))
    if rules is None or not rules["login_page"]["enabled"] or not rules["active"]:
        return absent()
    email = said(call, "email") or ""
    found = await call.state.page(customers.KIND, where={"email": email}, limit=1) if email else ()
    if found:
        session = await portal_sessions.create(call.as_if({"customer": found[0]["id"], "configuration": rules["id"]}))
        call.send_mail(
            Mail(
                id=call.new_id("mail_", 24),
                sender={"email": "billing@mock.example", "name": "Mock account"},
                to=[{"email": email, "name": found[0]["name"] or ""}],
                subject="Your login link",
                text=f"Manage your billing here: {session['url']}",
            )
        )
    return notice("Check your email", "If you are a customer, you have been sent a link.")


PAGE = staged(_show, _act)
LOGIN = staged(_ask_login, _send_login)
