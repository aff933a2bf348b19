"""What a checkout session asks its customer for, as it shows it: https://docs.stripe.com/api/checkout/sessions/object
(2026-11). Members that nobody sent have their documented defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import missing

PRICE = "price"


def collections(body: Mapping[str, Any]) -> Object:
    """``after_expiration``, ``consent_collection``, ``name_collection``, ``tax_id_collection`` and
    ``redirect_on_completion``; those that are not asked for are left out or null as the object has them."""
    found: Object = {
        "after_expiration": _recovery(body.get("after_expiration")),
        "consent_collection": _consent(body.get("consent_collection")),
    }
    if body.get("tax_id_collection"):
        found["tax_id_collection"] = {"required": "never", **body["tax_id_collection"]}
    if body.get("name_collection"):
        asked = body["name_collection"]
        found["name_collection"] = {
            kind: {"optional": False, **asked[kind]} for kind in ("business", "individual") if asked.get(kind)
        }
    if body.get("ui_mode") == "embedded_page":
        found["redirect_on_completion"] = body.get("redirect_on_completion", "always")
    return found


def _recovery(sent: Any) -> Object | None:
    asked = (sent or {}).get("recovery")
    if not asked:
        return None
    recovery = {"allow_promotion_codes": False, "expires_at": None, "url": None, **asked}
    return {"recovery": recovery}


def _consent(sent: Any) -> Object | None:
    if not sent:
        return None
    return {"payment_method_reuse_agreement": None, "promotions": "none", "terms_of_service": "none", **sent}


async def optional_items(call: StripeCall, sent: Sequence[Mapping[str, Any]]) -> list[Object]:
    """What the customer may add: https://docs.stripe.com/payments/checkout/optional-items. Raises ServiceError."""
    found = []
    for at, each in enumerate(sent):
        if await call.state.get(PRICE, each["price"]) is None:
            raise missing(PRICE, each["price"], f"optional_items[{at}][price]")
        bounds = each.get("adjustable_quantity")
        shown = bounds and {"enabled": bounds["enabled"], "maximum": bounds.get("maximum", 99),
                            "minimum": bounds.get("minimum", 0)}  # fmt: skip
        found.append({"adjustable_quantity": shown, "price": each["price"], "quantity": each["quantity"]})
    return found
