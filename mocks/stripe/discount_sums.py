"""What discounts take off some lines, to the cent: https://docs.stripe.com/billing/subscriptions/coupons (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal

from mocks.stripe.calls import Object


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon promises: a percentage, or an amount by currency; of some products' lines only, or of all."""

    duration: str
    percent_off: float | None
    amount_off: Mapping[str, int]
    products: Sequence[str] | None

    def record(self) -> Object:
        """As it is stored."""
        return asdict(self)

    def reaches(self, line: Object) -> bool:
        """Whether a line is among those that it is for."""
        if not line["discountable"]:
            return False
        details = (line["pricing"] or {}).get("price_details") or {}
        return not self.products or details.get("product") in self.products

    def off(self, currency: str, amounts: Sequence[int]) -> list[int]:
        """What is taken off each of some amounts: a share of each, or a sum that is spread over them."""
        if self.percent_off is not None:
            share = Decimal(str(self.percent_off)) / 100
            return [int((amount * share).to_integral_value(ROUND_HALF_UP)) for amount in amounts]
        total = sum(amounts)
        whole = min(total, self.amount_off.get(currency, 0))
        parts, reached, given = [], 0, 0
        for amount in amounts:
            reached += amount
            upto = reached * whole // total if total else 0
            parts.append(upto - given)
            given = upto
        return parts


def shares(discounts: Sequence[tuple[str, Terms]], currency: str, lines: Sequence[Object]) -> list[Object]:
    """The lines with the part of each discount (by id) in their ``discount_amounts``. Discounts work one after the
    other, each on what those before it have left; what is credited gets none."""
    left = {line["id"]: max(0, line["amount"]) for line in lines}
    found: dict[str, list[Object]] = {line["id"]: [] for line in lines}
    for key, terms in discounts:
        reached = [line["id"] for line in lines if terms.reaches(line)]
        for line, part in zip(reached, terms.off(currency, [left[line] for line in reached]), strict=True):
            left[line] -= part
            found[line].append({"amount": part, "discount": key})
    return [{**line, "discount_amounts": found[line["id"]]} for line in lines]


def left_of(terms: Sequence[Terms], currency: str, amounts: Sequence[tuple[int, str]]) -> int:
    """What is left to pay of some amounts, each of a product."""
    lines = [
        {"id": str(at), "amount": amount, "discountable": True, "pricing": {"price_details": {"product": product}}}
        for at, (amount, product) in enumerate(amounts)
    ]
    found = shares([(str(at), each) for at, each in enumerate(terms)], currency, lines)
    return sum(line["amount"] - sum(part["amount"] for part in line["discount_amounts"]) for line in found)
