"""Where a payment link leads: to a checkout session of the visitor's own. https://docs.stripe.com/payment-links
(2026-11)."""

from __future__ import annotations

from typing import Any

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import checkout_sessions, payment_links
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.pages.markup import absent, notice, redirect
from mocks.stripe.pages.stage import segment, staged


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    link = await call.state.get(payment_links.KIND, segment(call, 1))
    if link is None:
        return absent()
    if not link["active"]:
        return notice("This link is no longer active", link["inactive_message"] or "Ask the shop for another one.")
    session = await _opened(call, link)
    return redirect(session["url"])


async def _act(call: StripeCall) -> Response:
    return await _show(call, None)


async def _opened(call: StripeCall, link: Object) -> Object:
    """A session of the link. The query may know the visitor:
    https://docs.stripe.com/payment-links/url-parameters."""
    details = await call.named(payment_links.HIDDEN, link["id"])
    items = [{**item, "id": call.new_id("li_1", 23)} for item in details["line_items"]]
    body: dict[str, Any] = {
        **details["sent"],
        "mode": "subscription" if payment_links.subscribes(items) else "payment",
        "metadata": link["metadata"],
        "success_url": (link["after_completion"].get("redirect") or {}).get("url"),
        "shipping_options": [{"shipping_rate": each["shipping_rate"]} for each in link["shipping_options"]],
        "submit_type": link["submit_type"],
        "customer_creation": link["customer_creation"],
    }
    query = call.params.query
    for name, key in (("prefilled_email", "customer_email"), ("client_reference_id", "client_reference_id")):
        if query.get(name):
            body[key] = str(query[name])[:200]
    return await checkout_sessions.opened(call.as_if(body), None, items, link["id"])


PAGE = staged(_show, _act)
