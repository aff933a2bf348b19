"""The hosted invoice page: https://docs.stripe.com/invoicing/hosted-invoice-page (2026-11). It shows an invoice, takes
the payment of an open one, and has it as PDF."""

from __future__ import annotations

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import charges, clocks, confirmation, customers, invoice_payments, payment_intents, payment_methods
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.invoices import KIND
from mocks.stripe.pages import pdf
from mocks.stripe.pages.authentication import SHOP, proved
from mocks.stripe.pages.checkout import question
from mocks.stripe.pages.checkout_answers import card_sent, visitor
from mocks.stripe.pages.checkout_form import card_fields
from mocks.stripe.pages.markup import absent, alert, amount, button, day, document, redirect, rows, text
from mocks.stripe.pages.stage import fields, segment, staged

UNABLE = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
#: Status -> what the page says of it.
STANDING = {
    "open": "Payment due", "paid": "Invoice paid", "void": "This invoice was voided",
    "uncollectible": "Payment is no longer expected",
}  # fmt: skip


async def _invoice(call: StripeCall) -> Object | None:
    """The invoice of the path; a draft has no page yet."""
    found = await call.state.get(KIND, segment(call, 1))
    if found is None or found["status"] == "draft":
        return None
    await clocks.enter(call, found)
    return found


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    invoice = await _invoice(call)
    if invoice is None:
        return absent()
    words = None if refused is None else refused.message
    return await _page(call, invoice, words, 200 if refused is None else 402 if refused.status == 402 else 400)


async def _page(call: StripeCall, invoice: Object, words: str | None, status: int) -> Response:
    currency = invoice["currency"]
    due = text(amount(invoice["amount_remaining"] if invoice["status"] == "open" else invoice["total"], currency))
    lines = [(text(left), text(right)) for left, right in _sums(invoice)]
    facts = [(text(left), text(right)) for left, right in _facts(invoice)]
    parts = [
        f"<h1>{text(invoice['account_name'] or SHOP)}<span class=mode>TEST MODE</span></h1>",
        f'<p class=soft id="status">{text(STANDING[invoice["status"]])}</p><p class=sum id="total">{due}</p>',
        f'<section class="box">{rows(facts)}</section><section class="box">{rows(lines)}</section>',
        await _ways(call, invoice),
    ]
    if invoice["status"] == "open":
        pay = button(f"Pay {amount(invoice['amount_remaining'], currency)}", id="submit")
        form = f"<form method=post>{card_fields(call)}{pay}</form>"
        parts.append(f'<section class="box"><h2>Pay by card</h2>{alert(words)}{form}</section>')
    return document(f"Invoice {invoice['number']}", "".join(parts), status=status)


async def _ways(call: StripeCall, invoice: Object) -> str:
    """To the PDF, and to the receipt of what was paid."""
    found = [f'<li><a id="pdf" href="{text(invoice["invoice_pdf"])}">Download invoice</a></li>']
    intent = await _intent(call, invoice)
    charge = await call.state.get(charges.KIND, intent["latest_charge"]) if intent and intent["latest_charge"] else None
    if charge is not None and charge["receipt_url"] and charge["paid"]:
        found.append(f'<li><a id="receipt" href="{text(charge["receipt_url"])}">Download receipt</a></li>')
    return f"<ul class=actions>{''.join(found)}</ul>"


async def _intent(call: StripeCall, invoice: Object) -> Object | None:
    hidden = await call.state.get(invoice_payments.HIDDEN, invoice["id"]) or {}
    key = hidden.get("payment_intent")
    return await call.state.get(payment_intents.KIND, key) if key else None


def _facts(invoice: Object) -> list[tuple[str, str]]:
    to = invoice["customer_name"] or invoice["customer_email"] or invoice["customer"]
    found = [("Invoice number", invoice["number"] or ""), ("To", to)]
    issued = invoice["status_transitions"]["finalized_at"]
    if issued:
        found.append(("Issued", day(issued)))
    if invoice["due_date"]:
        found.append(("Due", day(invoice["due_date"])))
    return found


def _sums(invoice: Object) -> list[tuple[str, str]]:
    currency = invoice["currency"]
    found = []
    for line in invoice["lines"]["data"]:
        many = f" × {line['quantity']}" if line.get("quantity") not in (None, 1) else ""  # noqa: RUF001 - the sign
        found.append((f"{line['description'] or 'Item'}{many}", amount(line["amount"], currency)))
    found.append(("Subtotal", amount(invoice["subtotal"], currency)))
    discount = sum(each["amount"] for each in invoice["total_discount_amounts"] or ())
    if discount:
        found.append(("Discount", amount(-discount, currency)))
    tax = sum(each["amount"] for each in invoice["total_taxes"] or ())
    if tax:
        found.append(("Tax", amount(tax, currency)))
    found += [("Total", amount(invoice["total"], currency)), ("Amount due", amount(invoice["amount_due"], currency))]
    if invoice["amount_paid"]:
        found.append(("Amount paid", amount(invoice["amount_paid"], currency)))
    return found


async def _act(call: StripeCall) -> Response:
    invoice = await _invoice(call)
    if invoice is None or invoice["status"] != "open":
        return await _show(call, None)
    customer = await call.referred(customers.KIND, invoice["customer"], "customer")
    who = visitor(call)
    body = {"type": "card", "card": card_sent(call), "billing_details": {**who.billing(), "email": customer["email"]}}
    method = await payment_methods.build(call, body)
    done = await invoice_payments.collect(call, invoice, method, off_session=False)
    if done["status"] == "paid":
        return redirect(invoice["hosted_invoice_url"])
    return redirect(call.hosted(f"i/{invoice['id']}/bank"))


async def _show_bank(call: StripeCall, refused: ServiceError | None) -> Response:
    invoice = await _invoice(call)
    if invoice is None:
        return absent()
    intent = await _intent(call, invoice)
    if refused is not None or intent is None or intent["status"] != "requires_action":
        return await _show(call, refused)
    return question(SHOP, amount(intent["amount"], intent["currency"]))


async def _act_bank(call: StripeCall) -> Response:
    invoice = await _invoice(call)
    intent = await _intent(call, invoice) if invoice else None
    if invoice is None or intent is None or intent["status"] != "requires_action":
        return await _show(call, None)
    if fields(call).get("outcome") != "complete":
        await confirmation.unproved(call, intent)
        return await _page(call, invoice, UNABLE, 402)
    await proved(call, intent)
    return redirect(invoice["hosted_invoice_url"])


async def _show_pdf(call: StripeCall, refused: ServiceError | None) -> Response:
    invoice = await _invoice(call)
    if invoice is None:
        return absent()
    lines = [("Invoice", invoice["account_name"] or SHOP), ("", ""), *_facts(invoice), ("", ""), *_sums(invoice)]
    lines += [("", ""), (STANDING[invoice["status"]], ""), ("", ""), ("Test mode: no money moves.", "")]
    return paper(pdf.written(lines), f"Invoice-{invoice['number']}.pdf")


def paper(content: bytes, name: str) -> Response:
    """A PDF to be kept. ``name`` is made of letters, digits, dots and dashes alone."""
    safe = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in ".-"))
    headers = [
        ("content-type", "application/pdf"),
        ("content-disposition", f'attachment; filename="{safe}"'),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ]
    return Response(200, headers, content)


PAGE = staged(_show, _act)
BANK = staged(_show_bank, _act_bank)
PDF = staged(_show_pdf, None)
