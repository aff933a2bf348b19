"""What a credit note gives back, line by line: https://docs.stripe.com/api/credit_notes/line_item (2026-11).

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from mocks.stripe import taxes
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid, missing, missing_param
from mocks.stripe.metadata import first

KIND = "credit_note_line_item"


def from_amount(call: StripeCall, invoice: Object, amount: int) -> list[Object]:
    """The lines of a note over an amount alone: the invoice's own, from the first on, as far as the amount reaches.
    Their taxes are a part of it."""
    found = []
    for line in invoice["lines"]["data"]:
        whole = taxes.gross(line)
        share = min(amount, whole)
        if share > 0:
            owed = taxes.scaled(line["taxes"], share, whole)
            rest = share - taxes.on_top(owed)
            found.append(_line(call, rest, line["description"], of=line["id"], owed=owed))
            amount -= share
    return found


async def from_sent(call: StripeCall, invoice: Object, sent: Sequence[Mapping[str, Any]]) -> list[Object]:
    """The lines that a call asks for. Raises ServiceError."""
    found = []
    for place, each in enumerate(sent):
        param = f"lines[{place}]"
        if each["type"] == "custom_line_item":
            found.append(await _custom(call, each, param))
        else:
            found.append(_of_invoice(call, invoice, each, param))
    return found


async def _custom(call: StripeCall, sent: Mapping[str, Any], param: str) -> Object:
    if not sent.get("description"):
        raise missing_param(f"{param}[description]")
    quantity = sent.get("quantity", 1)
    unit = sent.get("unit_amount_decimal", sent.get("unit_amount"))
    if unit is None and sent.get("amount") is None:
        raise missing_param(f"{param}[unit_amount]")
    amount = sent["amount"] if unit is None else round(Decimal(str(unit)) * quantity)
    rates = await taxes.named(call, sent.get("tax_rates"), f"{param}[tax_rates]")
    owed = taxes.parts(int(amount), rates)
    return _line(call, int(amount), sent["description"], quantity, unit, metadata=sent.get("metadata"), owed=owed)


def _of_invoice(call: StripeCall, invoice: Object, sent: Mapping[str, Any], param: str) -> Object:
    key = sent.get("invoice_line_item")
    if not key:
        raise missing_param(f"{param}[invoice_line_item]")
    line = next((line for line in invoice["lines"]["data"] if line["id"] == key), None)
    if line is None:
        raise missing("invoice_line_item", key, f"{param}[invoice_line_item]")
    amount, quantity = sent.get("amount"), sent.get("quantity")
    whole = line["quantity"] or 1
    if quantity is not None and not 1 <= quantity <= whole:
        raise invalid(f"The quantity must be between 1 and {whole}.", param=f"{param}[quantity]")
    if amount is None:
        amount = line["amount"] * (quantity or whole) // whole
    if not 0 < amount <= line["amount"]:
        raise invalid("The amount must be positive and at most that of the invoice line.", param=f"{param}[amount]")
    off = [
        {"amount": part["amount"] * amount // line["amount"], "discount": part["discount"]}
        for part in line["discount_amounts"]
    ]
    owed = taxes.scaled(line["taxes"], amount, line["amount"])
    unit = None if amount % (quantity or whole) else amount // (quantity or whole)
    words = sent.get("description") or line["description"]
    return _line(call, amount, words, quantity or line["quantity"], unit, key, off, sent.get("metadata"), owed)


def _line(
    call: StripeCall,
    amount: int,
    description: str | None,
    quantity: int | None = None,
    unit: Any = None,
    of: str | None = None,
    off: Sequence[Object] = (),
    metadata: Any = None,
    owed: Sequence[Object] = (),
) -> Object:
    exact = None if unit is None else format(Decimal(str(unit)).normalize(), "f")
    return {
        "id": call.new_id("cnli_1", 23),
        "object": KIND,
        "amount": amount,
        "description": description,
        "discount_amount": sum(part["amount"] for part in off),
        "discount_amounts": list(off),
        **({"invoice_line_item": of} if of else {}),
        "livemode": False,
        "metadata": first(metadata),
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "tax_rates": [],
        "taxes": list(owed),
        "type": "invoice_line_item" if of else "custom_line_item",
        "unit_amount": int(exact) if exact is not None and exact.lstrip("-").isdigit() else None,
        "unit_amount_decimal": exact,
    }
