"""Until 2024-04-10 a product's marketing features were its features, and invoices had rendering options.

docs.stripe.com/changelog/2024-04-10/renames-features-attribute-product-object and
/renames-rendering-options-invoicing. That payments were captured synchronously is in
``mocks/stripe/payment_intents.py``.
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import renamed

BEFORE = "2024-04-10"


async def features(call: StripeCall, object: Object) -> Object:
    """``features`` in the place of ``marketing_features``."""
    if "marketing_features" not in object:
        return object
    found = {name: value for name, value in object.items() if name != "marketing_features"}
    return {**found, "features": object["marketing_features"]}


async def rendering_options(call: StripeCall, object: Object) -> Object:
    """``rendering_options``: how taxes are shown, null when nothing was said."""
    if object.get("deleted"):
        return object
    shown = (object.get("rendering") or {}).get("amount_tax_display")
    return {"rendering_options": {"amount_tax_display": shown} if shown else None, **object}


_PRODUCT = renamed({"features": ("marketing_features",)})
_INVOICE = renamed({"rendering_options": ("rendering",)})

CHANGES = {"invoice": rendering_options, "product": features}
SENT = {
    "invoices.create": _INVOICE,
    "invoices.update": _INVOICE,
    "products.create": _PRODUCT,
    "products.update": _PRODUCT,
}
