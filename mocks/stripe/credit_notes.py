"""Credit notes: https://docs.stripe.com/api/credit_notes and https://docs.stripe.com/invoicing/dashboard/credit-notes
(2026-11). What is open of an invoice is credited first; the rest was paid and goes back to the customer.

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mocks.stripe import (
    charges,
    credit_lines,
    customer_balance,
    invoice_lines,
    invoices,
    money,
    payment_intents,
    refunds,
    taxes,
)
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import exclusive, invalid, missing_param
from mocks.stripe.lists import list_of, page, sliced
from mocks.stripe.metadata import first, merged

KIND = "credit_note"
LINES = "credit_note_lines"


@dataclass(frozen=True, slots=True)
class _Plan:
    """A note before it is written, and what goes which way: refunded to the card, or to the customer's balance."""

    note: Object
    lines: Sequence[Object]
    invoice: Object
    refund: int
    credit: int
    charge: Object | None


async def _plan(call: StripeCall) -> _Plan:
    """What a call asks for; raises ServiceError when it cannot be."""
    body = call.body
    invoice = await call.referred(invoices.KIND, body["invoice"], "invoice")
    if invoice["status"] not in ("open", "paid"):
        raise invalid(
            f"You can only create credit notes for open or paid invoices. This invoice is {invoice['status']}.",
            param="invoice",
        )
    key = call.new_id("cn_1", 23)
    lines = await _lines(call, invoice)
    subtotal = sum(line["amount"] for line in lines)
    off: dict[str, int] = {}
    for part in (part for line in lines for part in line["discount_amounts"]):
        off[part["discount"]] = off.get(part["discount"], 0) + part["amount"]
    owed = [tax for line in lines for tax in line["taxes"]]
    net = subtotal - sum(off.values())
    total = net + taxes.on_top(owed)
    _check_total(invoice, total)
    before = min(total, invoice["amount_remaining"])
    refund, credit, outside = _ways(call, invoice, total - before)
    if credit:
        await call.referred("customer", invoice["customer"], "credit_amount")
    number = 1 + await call.state.count(KIND, {"invoice": invoice["id"]})
    note: Object = {
        "id": key,
        "object": KIND,
        "amount": total,
        "amount_shipping": 0,
        "created": call.timestamp,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": sum(off.values()),
        "discount_amounts": [{"amount": amount, "discount": each} for each, amount in off.items()],
        "effective_at": body.get("effective_at", call.timestamp),
        "invoice": invoice["id"],
        "lines": list_of(lines[:10], f"/v1/credit_notes/{key}/lines", len(lines) > 10),
        "livemode": False,
        "memo": given(body, "memo"),
        "metadata": first(body.get("metadata")),
        "number": f"{invoice['number']}-CN-{number:02}",
        "out_of_band_amount": outside or None,
        "pdf": f"https://pay.stripe.com/credit_notes/{key}/pdf",
        "post_payment_amount": total - before,
        "pre_payment_amount": before,
        "pretax_credit_amounts": [],
        "reason": given(body, "reason"),
        "refunds": [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": subtotal,
        "subtotal_excluding_tax": sum(taxes.excluding(line) for line in lines),
        "total": total,
        "total_excluding_tax": net - taxes.within(owed),
        "total_taxes": taxes.summed(owed),
        "type": "mixed" if 0 < before < total else "pre_payment" if before else "post_payment",
        "voided_at": None,
    }
    return _Plan(note, lines, invoice, refund, credit, await _charge(call, invoice, refund) if refund else None)


async def _lines(call: StripeCall, invoice: Object) -> list[Object]:
    body = call.body
    if body.get("lines") and body.get("amount") is not None:
        raise exclusive("amount", "lines")
    if body.get("lines"):
        return await credit_lines.from_sent(call, invoice, body["lines"])
    if body.get("amount") is None:
        raise missing_param("amount")
    if body["amount"] < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    _check_total(invoice, body["amount"])
    return credit_lines.from_amount(call, invoice, body["amount"])


def _check_total(invoice: Object, total: int) -> None:
    """A note credits no more than what its invoice still asks for or got: see "Limits" of the second page."""
    left = invoice["total"] - invoice["pre_payment_credit_notes_amount"] - invoice["post_payment_credit_notes_amount"]
    if total > left:
        currency = invoice["currency"]
        raise invalid(
            f"The credit note amount ({money.plain(total, currency)}) is greater than the amount that can be credited "
            f"({money.plain(left, currency)}).",
            param="amount",
        )


def _ways(call: StripeCall, invoice: Object, after: int) -> tuple[int, int, int]:
    """How what was paid goes back: by refund, to the balance, outside of Stripe. Together they are just that."""
    refund, credit, outside = (call.body.get(name) or 0 for name in ("refund_amount", "credit_amount",
                                                                      "out_of_band_amount"))  # fmt: skip
    if refund + credit + outside != after:
        currency = invoice["currency"]
        raise invalid(
            f"The sum of credit amount, refund amount and out of band amount "
            f"({money.plain(refund + credit + outside, currency)}) must equal the post payment credit note amount "
            f"({money.plain(after, currency)})."
        )
    return refund, credit, outside


async def _charge(call: StripeCall, invoice: Object, refund: int) -> Object:
    """The payment that a refund comes from."""
    for payment in await call.state.page(invoices.PAYMENT, where={"invoice": invoice["id"]}):
        intent = await call.state.get(payment_intents.KIND, payment["payment"].get("payment_intent") or "")
        charge = await call.state.get(charges.KIND, (intent or {}).get("latest_charge") or "")
        if charge is not None and charge["amount"] - charge["amount_refunded"] >= refund:
            return charge
    raise invalid("There is no payment of this invoice that so much can be refunded of.", param="refund_amount")


async def create(call: StripeCall) -> Object:
    plan = await _plan(call)
    note = plan.note
    if plan.charge is not None:
        made = await refunds.given_back(call, plan.charge, plan.refund, {}, None)
        part = {"amount_refunded": plan.refund, "payment_record_refund": None, "refund": made["id"], "type": "refund"}
        note = {**note, "refunds": [part]}
    if plan.credit:
        note = {**note, "customer_balance_transaction": await _credited(call, note, plan.credit)}
    await _store(call, note)
    await call.state.put(LINES, note["id"], {"lines": list(plan.lines)})
    call.event("credit_note.created", note)
    await _apply(call, plan.invoice, note, 1)
    return note


async def _credited(call: StripeCall, note: Object, amount: int) -> str:
    """The customer owes less: https://docs.stripe.com/billing/customer/balance."""
    customer = await call.referred("customer", note["customer"], "customer")
    made, new = await customer_balance.record(
        call, customer, -amount, "credit_note", currency=note["currency"], invoice=note["invoice"]
    )
    await call.state.put(customer_balance.KIND, made["id"], {**made, "credit_note": note["id"]})
    new, previous = changed(customer, {name: new[name] for name in ("balance", "currency")})
    await call.state.put("customer", new["id"], new)
    if previous:
        call.event("customer.updated", new, previous)
    return str(made["id"])


async def _apply(call: StripeCall, invoice: Object, note: Object, sign: int) -> None:
    """The invoice with a note, or without it again. Stored."""
    before, after = note["pre_payment_amount"] * sign, note["post_payment_amount"] * sign
    new, previous = changed(
        invoice,
        {
            "amount_due": invoice["amount_due"] - before,
            "amount_remaining": invoice["amount_remaining"] - before,
            "pre_payment_credit_notes_amount": invoice["pre_payment_credit_notes_amount"] + before,
            "post_payment_credit_notes_amount": invoice["post_payment_credit_notes_amount"] + after,
        },
    )
    await invoice_lines.store(call, new)
    call.event("invoice.updated", new, previous)
    if before:
        await _ask_for(call, new)
    if new["status"] == "open" and new["amount_remaining"] == 0:
        await invoices.settled(call, new, new["amount_paid"])


async def _ask_for(call: StripeCall, invoice: Object) -> None:
    """The waiting payment asks for what is left."""
    for payment in await call.state.page(invoices.PAYMENT, where={"invoice": invoice["id"]}):
        intent = await call.state.get(payment_intents.KIND, payment["payment"].get("payment_intent") or "")
        if intent is None or payment["status"] != "open":
            continue
        if invoice["amount_remaining"]:
            await payment_intents.store(call, {**intent, "amount": invoice["amount_remaining"]})
        else:
            ended = {
                **intent,
                "status": "canceled",
                "canceled_at": call.timestamp,
                "cancellation_reason": "void_invoice",
            }
            await payment_intents.store(call, ended)
            call.event("payment_intent.canceled", ended)


async def _store(call: StripeCall, note: Object) -> None:
    await call.state.put(KIND, note["id"], note, {"invoice": note["invoice"], "customer": note["customer"]})


async def preview(call: StripeCall) -> Object:
    return (await _plan(call)).note


async def preview_lines(call: StripeCall) -> Object:
    return sliced(call, (await _plan(call)).lines, credit_lines.KIND, call.operation.path)


async def list_lines(call: StripeCall) -> Object:
    note = await call.named(KIND, call.path("credit_note"))
    kept = await call.named(LINES, note["id"])
    return sliced(call, kept["lines"], credit_lines.KIND, f"/v1/credit_notes/{note['id']}/lines")


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("id"))
    changes: Object = {"memo": given(body, "memo")} if "memo" in body else {}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    new, previous = changed(old, changes)
    await _store(call, new)
    if previous:
        call.event("credit_note.updated", new, previous)
    return new


async def void(call: StripeCall) -> Object:
    """Only while the invoice is open: https://docs.stripe.com/api/credit_notes/void."""
    old = await call.named(KIND, call.path("id"))
    invoice = await call.named(invoices.KIND, old["invoice"])
    if old["status"] == "void":
        raise invalid("This credit note is void already.")
    if invoice["status"] != "open" or old["post_payment_amount"]:
        raise invalid("You can only void a credit note of an invoice that is open.")
    new = {**old, "status": "void", "voided_at": call.timestamp}
    await _store(call, new)
    call.event("credit_note.voided", new)
    await _apply(call, invoice, old, -1)
    return new


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("invoice", "customer") if call.body.get(name)}
    return await page(call, KIND, where or None)
