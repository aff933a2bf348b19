"""The page of a checkout session: what is bought, and a form that pays. https://docs.stripe.com/payments/checkout
(2026-11).

Fields have the names that Stripe's own page gives them, so that a script that fills one fills the other.
"""

from __future__ import annotations

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import checkout_payment, checkout_recovery, checkout_sessions, payment_links
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.pages.checkout_answers import changed, paid_with, visitor
from mocks.stripe.pages.checkout_form import form
from mocks.stripe.pages.markup import absent, amount, button, document, notice, redirect, rows, text
from mocks.stripe.pages.stage import fields, segment, staged


async def _session(call: StripeCall) -> Object | None:
    found = await call.state.get(checkout_sessions.KIND, segment(call, 2))
    return None if found is None else await checkout_sessions.current(call, found)


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    session = await _session(call)
    if session is None:
        return absent()
    if refused is not None:
        await call.state.delete(checkout_payment.WAITING, session["id"])
        session = {**session, "status": session["status"]}
    elif session["status"] == "open" and await checkout_payment.waits(call, session):
        return redirect(call.hosted(f"c/pay/{session['id']}/bank"))
    return await _state(call, session, refused)


async def _state(call: StripeCall, session: Object, refused: ServiceError | None) -> Response:
    if session["status"] == "expired":
        back = session["cancel_url"] and (addressed(session["cancel_url"], session), "Back to the shop")
        return notice("This checkout session has timed out", "Go back to the shop and begin again.", link=back)
    if session["status"] == "complete":
        return notice("You're all done here", "Your order has already been completed.", good=True)
    items = await checkout_sessions.items_of(call, session)
    words = None if refused is None else refused.message
    return document(
        f"{session['branding_settings']['display_name']} - Checkout",
        f"{_summary(session, items)}<div class=box>{await form(call, session, items, words)}</div>",
        status=200 if refused is None else 402 if refused.status == 402 else 400,
        wide=True,
    )


def addressed(address: str, session: Object) -> str:
    """The address with the session's id where its placeholder is:
    https://docs.stripe.com/payments/checkout/custom-success-page."""
    return address.replace("{CHECKOUT_SESSION_ID}", str(session["id"]))


def _summary(session: Object, items: list[Object]) -> str:
    back = ""
    if session["cancel_url"]:
        place = text(addressed(session["cancel_url"], session))
        back = f'<a class=back id="cancel" href="{place}">&larr; Back</a>'
    name = text(session["branding_settings"]["display_name"])
    head = f"<h1>{name}<span class=mode>TEST MODE</span></h1>"
    if session["mode"] == "setup":
        return f"<div>{back}{head}<p class=sum>Save your card</p></div>"
    currency = session["currency"]
    bought = [(_bought(item), text(amount(item["amount_subtotal"], currency))) for item in items]
    sums = [("Subtotal", text(amount(session["amount_subtotal"], currency)))]
    details = session["total_details"]
    if details["amount_discount"]:
        sums.append(("Discount", f"&minus;{text(amount(details['amount_discount'], currency))}"))
    if session["shipping_options"]:
        sums.append(("Shipping", text(amount(details["amount_shipping"], currency))))
    if details["amount_tax"] or session["automatic_tax"]["enabled"]:
        sums.append(("Tax", text(amount(details["amount_tax"], currency))))
    total = text(amount(session["amount_total"], currency))
    sums.append(('<span class="total">Total due today</span>', f'<span class="total" id="total">{total}</span>'))
    verb = "Subscribe to" if session["mode"] == "subscription" else "Pay"
    top = f"<p class=soft>{verb} {name}</p><p class=sum>{total}</p>"
    return f"<div>{back}{head}{top}{rows(bought)}{rows(sums, 'all')}</div>"


def _bought(item: Object) -> str:
    recurring = item["price"]["recurring"]
    every = ""
    if recurring:
        count = recurring["interval_count"]
        every = f"every {count} {recurring['interval']}s" if count > 1 else f"per {recurring['interval']}"
    many = f"Qty {item['quantity']}" if item["quantity"] not in (1, None) else ""
    notes = " · ".join(note for note in (many, every) if note)
    return f"{text(item['description'] or 'Item')}<small>{text(notes)}</small>"


async def _act(call: StripeCall) -> Response:
    session = await _session(call)
    if session is None or session["status"] != "open":
        return await _show(call, None)
    session = await changed(call, session)
    who = visitor(call, session)
    return await _onwards(call, await checkout_payment.submitted(call, session, who, await paid_with(call, session)))


async def _onwards(call: StripeCall, session: Object) -> Response:
    if session["status"] != "complete":
        return redirect(call.hosted(f"c/pay/{session['id']}/bank"))
    back = session["success_url"] or session.get("return_url")
    if back and session.get("redirect_on_completion") != "never":
        return redirect(addressed(back, session))
    words = "A payment to the shop will appear on your statement."
    link = await call.state.get(payment_links.KIND, session["payment_link"]) if session["payment_link"] else None
    if link is not None:
        # https://docs.stripe.com/payment-links/post-payment: the seller's own words on the confirmation page.
        words = (link["after_completion"].get("hosted_confirmation") or {}).get("custom_message") or words
    return notice("Thanks for your payment", words, good=True)


async def _recover(call: StripeCall, refused: ServiceError | None) -> Response:
    old = await call.state.get(checkout_sessions.KIND, segment(call, 2))
    if old is None:
        return absent()
    again = await checkout_recovery.open_again(call, old)
    if again is None:
        return notice("This link is no longer active", "Go back to the shop and begin again.")
    return redirect(again["url"])


async def _show_bank(call: StripeCall, refused: ServiceError | None) -> Response:
    session = await _session(call)
    if session is None:
        return absent()
    if refused is not None or not await checkout_payment.waits(call, session):
        return await _show(call, refused)
    total = "" if not session["amount_total"] else amount(session["amount_total"], session["currency"])
    return question(session["branding_settings"]["display_name"], total)


async def _act_bank(call: StripeCall) -> Response:
    session = await _session(call)
    if session is None or session["status"] != "open":
        return await _show(call, None)
    if fields(call).get("outcome") != "complete":
        await checkout_payment.unproved(call, session)
        unable = (
            "We are unable to authenticate your payment method. Please choose a different payment method and try again."
        )
        return await _state(call, session, ServiceError(402, "payment_intent_authentication_failure", unable))
    return await _onwards(call, await checkout_payment.proved(call, session))


def question(shop: str, total: str) -> Response:
    """What the customer's bank asks in test mode, with the ids of the buttons of Stripe's own page."""
    asked = f"of {text(total)} " if total else ""
    inner = (
        "<div class=box><h2>3D Secure 2 Test Page</h2>"
        f"<p>{text(shop)} asks for a payment {asked}with a card whose bank wants to know that it is you.</p>"
        "<p class=soft>In live mode this is the bank's page. Complete or fail the authentication.</p>"
        "<form method=post>"
        + button("Complete", id="test-source-authorize-3ds", name="outcome", value="complete")
        + button("Fail", id="test-source-fail-3ds", name="outcome", value="fail", kind="quiet")
        + "</form></div>"
    )
    return document("3D Secure", inner)


PAGE = staged(_show, _act)
BANK = staged(_show_bank, _act_bank)
RECOVERY = staged(_recover, None)
