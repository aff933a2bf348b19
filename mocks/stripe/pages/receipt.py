"""The receipt of a charge: https://docs.stripe.com/receipts (2026-11). It "shows the latest status of the charge,
including any refunds"."""

from __future__ import annotations

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import charges
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.pages.authentication import SHOP
from mocks.stripe.pages.markup import absent, amount, day, document, rows, text
from mocks.stripe.pages.stage import segment, staged


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    charge = await call.state.get(charges.KIND, segment(call, 2))
    if charge is None or not charge["paid"]:
        return absent()
    currency = charge["currency"]
    facts = [("Date paid", day(charge["created"])), ("Payment method", _method(charge))]
    if charge["receipt_number"]:
        facts.insert(0, ("Receipt number", charge["receipt_number"]))
    sums = [(charge["description"] or f"Payment to {SHOP}", amount(charge["amount"], currency)),
            ("Amount charged", amount(charge["amount_captured"], currency))]  # fmt: skip
    if charge["amount_refunded"]:
        sums.append(("Refunded", amount(-charge["amount_refunded"], currency)))
    shown = [f"<h1>Receipt from {text(SHOP)}<span class=mode>TEST MODE</span></h1>",
             f'<p class=sum id="total">{text(amount(charge["amount_captured"], currency))}</p>']  # fmt: skip
    shown += [
        f'<section class="box">{rows([(text(left), text(right)) for left, right in pairs])}</section>'
        for pairs in (facts, sums)
    ]
    return document("Receipt", "".join(shown))


def _method(charge: Object) -> str:
    details = charge["payment_method_details"] or {}
    kind = str(details.get("type") or "")
    known = details.get(kind) or {}
    name = str(known.get("brand") or kind).replace("_", " ").title()
    return f"{name} - {known['last4']}" if known.get("last4") else name


PAGE = staged(_show, None)
