"""Quotes: https://docs.stripe.com/api/quotes and https://docs.stripe.com/quotes/overview (2026-11).

A draft can be changed, an open quote only in its expiry; both are canceled when they expire. Refusals: wording ours.
What acceptance makes is in ``quote_acceptance.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import Missing
from mocks.stripe import clocks, customers, money, quote_acceptance, quote_drafts, quote_items, quote_sums
from mocks.stripe.calls import Loader, Object, StripeCall, StripeHandler, given
from mocks.stripe.errors import invalid, missing_param
from mocks.stripe.lists import cut, page
from mocks.stripe.pages import pdf
from mocks.stripe.quote_drafts import HIDDEN
from mocks.stripe.quote_drafts import KIND as KIND

#: How many quotes a customer has had, and how many revisions of each.
COUNTED = "quote_count"

#: What of an open quote can still be changed.
OF_OPEN = {"expand", "expires_at", "metadata"}


async def create(call: StripeCall) -> Object:
    body = call.body
    if body.get("from_quote"):
        return await _cloned(call, body["from_quote"])
    holder = {"test_clock": given(body, "test_clock")}
    if holder["test_clock"]:
        await call.referred(clocks.KIND, holder["test_clock"], "test_clock")
    customer = None
    if given(body, "customer"):
        customer = await call.referred(customers.KIND, body["customer"], "customer")
        holder = {"test_clock": customer["test_clock"]}
    await clocks.enter(call, holder)
    quote = quote_drafts.begun(call, customer, holder["test_clock"])
    items = [
        await quote_items.bought(call, each, f"line_items[{at}]") for at, each in enumerate(body.get("line_items", ()))
    ]
    return await _kept(call, quote, {"line_items": items, "discounts": [], "offered": []})


async def _kept(call: StripeCall, quote: Object, hidden: Object) -> Object:
    """A new draft, with what the call says of it. Stored and told."""
    made = await quote_drafts.written(call, quote, hidden, fresh=True)
    call.event("quote.created", made)
    return made


async def _cloned(call: StripeCall, sent: Mapping[str, Any]) -> Object:
    """ "When using this parameter, you cannot specify any other parameters except for expires_at"."""
    for name in call.body:
        if name not in ("from_quote", "expires_at", "expand"):
            raise invalid(f"`{name}` cannot be combined with `from_quote`.", param=name)
    old = await call.referred(KIND, sent["quote"], "from_quote[quote]")
    await clocks.enter(call, old)
    revised = bool(sent.get("is_revision"))
    # https://docs.stripe.com/quotes/clone: revise what is open, duplicate what is not canceled.
    if old["status"] not in (("open",) if revised else ("draft", "open", "accepted")):
        raise invalid(
            f"A quote that is {old['status']} cannot be {'revised' if revised else 'duplicated'}.",
            param="from_quote[quote]",
        )
    known = await call.named(HIDDEN, old["id"])
    fresh = quote_drafts.begun(call, None, old["test_clock"])
    own = ("id", "created", "expires_at", "number", "status", "status_transitions", "test_clock", "invoice",
           "subscription", "subscription_schedule")  # fmt: skip
    quote = {**old, **{name: fresh[name] for name in own}}
    quote["from_quote"] = {"is_revision": revised, "quote": old["id"]}
    items = [await quote_items.again(call, each) for each in known["line_items"]]
    hidden = {"line_items": items, "discounts": known["discounts"], "offered": known["offered"]}
    if revised:
        hidden["sequence"] = known["sequence"]
    return await _kept(call, quote, hidden)


async def _named(call: StripeCall) -> Object:
    """The quote that the path names, in its customer's time. Raises Missing."""
    quote = await call.state.get(KIND, call.path("quote"))
    if quote is None:
        raise Missing(KIND, call.path("quote"))
    await clocks.enter(call, quote)
    return quote


async def retrieve(call: StripeCall) -> Object:
    return await _named(call)


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("customer", "status", "test_clock") if call.body.get(name)}
    return await page(call, KIND, where or None)


async def update(call: StripeCall) -> Object:
    old = await _named(call)
    body = call.body
    if old["status"] == "open" and not body.keys() <= OF_OPEN:
        raise _unfit(old, "updated: only its expiration date can be")
    if old["status"] not in ("draft", "open"):
        raise _unfit(old, "updated")
    hidden = await call.named(HIDDEN, old["id"])
    quote = old
    if given(body, "customer"):
        # "Once specified, you can't change it."
        if old["customer"] not in (None, body["customer"]):
            raise invalid("The customer of a quote cannot be changed.", param="customer")
        customer = await call.referred(customers.KIND, body["customer"], "customer")
        quote = {**old, "customer": customer["id"], "test_clock": customer["test_clock"] or old["test_clock"]}
    if "line_items" in body:
        hidden = {**hidden, "line_items": await quote_items.replaced(call, hidden["line_items"], body["line_items"])}
    return await quote_drafts.written(call, quote, hidden)


def _unfit(quote: Object, deed: str) -> Exception:
    return invalid(f"This quote is {quote['status']} and cannot be {deed}.")


async def finalize(call: StripeCall) -> Object:
    """It gets its number: prefix, the customer's invoice prefix, the quote's sequence and the revision's."""
    old = await _named(call)
    if old["status"] != "draft":
        raise _unfit(old, "finalized")
    if old["customer"] is None:
        raise missing_param("customer")
    hidden = await call.named(HIDDEN, old["id"])
    if not hidden["line_items"]:
        raise missing_param("line_items")
    customer = await call.referred(customers.KIND, old["customer"], "customer")
    counted = await call.state.get(COUNTED, customer["id"]) or {"quotes": 0, "revisions": {}}
    sequence = hidden.get("sequence") or counted["quotes"] + 1
    revision = counted["revisions"].get(str(sequence), 0) + 1
    counted = {
        "quotes": max(counted["quotes"], sequence),
        "revisions": {**counted["revisions"], str(sequence): revision},
    }
    await call.state.put(COUNTED, customer["id"], counted)
    await call.state.put(HIDDEN, old["id"], {**hidden, "sequence": sequence})
    at = quote_drafts.expiry(call, call.body["expires_at"]) if "expires_at" in call.body else old["expires_at"]
    number = f"QT-{customer['invoice_prefix']}-{sequence:04}-{revision}"
    quote = await _moved(call, {**old, "expires_at": at, "number": number}, "open", "finalized")
    if at != old["expires_at"]:
        await clocks.appoint(call, at, quote)
    return quote


async def _moved(call: StripeCall, quote: Object, status: str, deed: str) -> Object:
    """A quote in its next status. Stored and told."""
    transitions = {**quote["status_transitions"], f"{deed}_at": call.timestamp}
    new = {**quote, "status": status, "status_transitions": transitions}
    await quote_drafts.store(call, new)
    call.event(f"quote.{deed}", new)
    return new


async def accept(call: StripeCall) -> Object:
    quote = await _named(call)
    if quote["status"] != "open":
        raise _unfit(quote, "accepted")
    hidden = await call.named(HIDDEN, quote["id"])
    became = await quote_acceptance.made(call, quote, hidden)
    return await _moved(call, {**quote, **became}, "accepted", "accepted")


async def cancel(call: StripeCall) -> Object:
    quote = await _named(call)
    if quote["status"] not in ("draft", "open"):
        raise _unfit(quote, "canceled")
    return await _moved(call, quote, "canceled", "canceled")


async def look(call: StripeCall, key: str) -> None:
    """Quotes that are a draft or open are canceled when they expire."""
    quote = await call.state.get(KIND, key)
    if quote is not None and quote["status"] in ("draft", "open") and quote["expires_at"] <= call.timestamp:
        await _moved(call, quote, "canceled", "canceled")


async def list_items(call: StripeCall) -> Object:
    quote = await _named(call)
    return cut(call, (await call.named(HIDDEN, quote["id"]))["line_items"], f"/v1/quotes/{quote['id']}/line_items")


async def list_upfront(call: StripeCall) -> Object:
    quote = await _named(call)
    return cut(call, (await call.named(HIDDEN, quote["id"]))["upfront"], _upfront_url(quote))


def _upfront_url(quote: Object) -> str:
    return f"/v1/quotes/{quote['id']}/computed_upfront_line_items"


async def as_pdf(call: StripeCall) -> bytes:
    """ "Download the PDF for a finalized quote": https://docs.stripe.com/api/quotes/pdf."""
    quote = await _named(call)
    if quote["number"] is None:
        raise _unfit(quote, "downloaded: finalize it first")
    lines = [("Quote", quote["number"]), ("", ""), (quote["header"] or "", ""), (quote["description"] or "", "")]
    items = (await call.named(HIDDEN, quote["id"]))["line_items"]
    lines += [
        (f"{item['description']} x {item['quantity']}", money.shown(item["amount_subtotal"], item["currency"]))
        for item in items
    ]
    lines += [("", ""), ("Total", money.shown(quote["amount_total"], quote["currency"])), (quote["footer"] or "", "")]
    lines += [("", ""), ("Test mode: no money moves.", "")]
    return pdf.written(lines)


async def _line_items(call: StripeCall, quote: Object) -> Object:
    found = (await call.named(HIDDEN, quote["id"]))["line_items"]
    return quote_sums.first_of(found, f"/v1/quotes/{quote['id']}/line_items")


async def _upfront_items(call: StripeCall, quote: Object) -> Object:
    return quote_sums.first_of((await call.named(HIDDEN, quote["id"]))["upfront"], _upfront_url(quote))


def _breakdown(part: str) -> Loader:
    async def load(call: StripeCall, quote: Object) -> Object:
        return await quote_sums.breakdown(call, (await call.named(HIDDEN, quote["id"]))["parts"][part])

    return load


INCLUDES: dict[tuple[str, str], Loader] = {
    (KIND, "line_items"): _line_items,
    (KIND, "computed.upfront.line_items"): _upfront_items,
    (KIND, "total_details.breakdown"): _breakdown("total"),
    (KIND, "computed.upfront.total_details.breakdown"): _breakdown("upfront"),
    (KIND, "computed.recurring.total_details.breakdown"): _breakdown("recurring"),
}

HANDLERS: dict[str, StripeHandler] = {
    "quotes.accept": accept,
    "quotes.cancel": cancel,
    "quotes.computed_upfront_line_items.list": list_upfront,
    "quotes.create": create,
    "quotes.finalize_quote": finalize,
    "quotes.line_items.list": list_items,
    "quotes.list": list_all,
    "quotes.pdf": as_pdf,
    "quotes.retrieve": retrieve,
    "quotes.update": update,
}
