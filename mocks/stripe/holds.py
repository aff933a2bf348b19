"""What can be done with money that is held on a card: https://docs.stripe.com/payments/flexible-payments (2026-11).

Each feature has to be asked for (``payment_method_options[card][request_...]=if_available``) and has to be possible
with the card. The mock's account is American and of no merchant category that has rules of its own.

- more can be held later: /payments/incremental-authorization, Visa and Mastercard for all categories;
- it can be captured bit by bit: /payments/multicapture, "Amex, Visa, Discover, Mastercard, Cartes Bancaires, Diners
  Club, China UnionPay (CUP), and Japan Credit Bureau (JCB)";
- more than what is held can be captured: /payments/overcapture, 15 % with Visa for all other categories;
- it is held for longer: /payments/extended-authorization, "up to 30 days".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Object

DAY = 24 * 60 * 60
#: "Customer-Initiated Transaction authorisation validity window": /payments/place-a-hold-on-a-payment-method.
STANDARD = 7 * DAY
EXTENDED = 30 * DAY

SEVERAL = frozenset(["amex", "cartes_bancaires", "diners", "discover", "jcb", "mastercard", "unionpay", "visa"])
BRANDS = {
    "extended_authorization": frozenset(["mastercard", "visa"]),
    "incremental_authorization": frozenset(["mastercard", "visa"]),
    "multicapture": SEVERAL,
    "overcapture": frozenset(["visa"]),
}
PERCENT_MORE = 15


def features(brand: str, amount: int, created: int, held: bool, options: Mapping[str, Any] | None) -> Object:
    """The members of a charge's card that tell what can be done; ``options`` are a payment intent's."""
    wanted = (options or {}).get("card") or {}

    def granted(name: str) -> bool:
        return held and wanted.get(f"request_{name}") == "if_available" and brand in BRANDS[name]

    extended = granted("extended_authorization")
    more = granted("overcapture")
    return {
        "extended_authorization": {"status": "enabled" if extended else "disabled"},
        "incremental_authorization": _status(granted("incremental_authorization")),
        "multicapture": _status(granted("multicapture")),
        "overcapture": {"maximum_amount_capturable": most(amount) if more else amount, **_status(more)},
        **({"capture_before": created + (EXTENDED if extended else STANDARD)} if held else {}),
    }


def _status(granted: bool) -> Object:
    return {"status": "available" if granted else "unavailable"}


def most(amount: int) -> int:
    """What can be captured of ``amount`` where more than that can be."""
    return amount + amount * PERCENT_MORE // 100


def can(charge: Object, feature: str) -> bool:
    """Whether a charge has a feature."""
    card = charge["payment_method_details"].get("card") or {}
    return bool((card.get(feature) or {}).get("status") in ("available", "enabled"))


def limit(charge: Object, capturable: int) -> int:
    """The most that a capture can take now. What was captured in part is not captured beyond its amount."""
    if charge["amount_captured"] or not can(charge, "overcapture"):
        return capturable
    return int(charge["payment_method_details"]["card"]["overcapture"]["maximum_amount_capturable"])


def raised(charge: Object, amount: int) -> Object:
    """The details of how a charge was paid, after more was held."""
    details = charge["payment_method_details"]
    card = details["card"]
    over = {**card["overcapture"], "maximum_amount_capturable": most(amount) if can(charge, "overcapture") else amount}
    return {**details, "card": {**card, "amount_authorized": amount, "overcapture": over}}


def ends(charge: Object) -> int:
    """When the money that a charge holds is let go."""
    card = charge["payment_method_details"].get("card") or {}
    return int(card.get("capture_before") or charge["created"] + STANDARD)
