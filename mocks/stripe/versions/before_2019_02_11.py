"""Until 2019-02-11 a payment intent waited for a source, not for a payment method.

docs.stripe.com/changelog/2019-02-11/renames-several-statuses-payment-intents,
/renames-next-source-action-next-action and /renames-allowed-source-types-payment-method-types.
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import renamed

BEFORE = "2019-02-11"

THEN = {"requires_payment_method": "requires_source", "requires_action": "requires_source_action"}


async def payment_intent(call: StripeCall, object: Object) -> Object:
    """Its statuses, what it waits for and what it can be paid with, by their old names."""
    if "next_action" not in object:
        return object
    gone = ("next_action", "payment_method_types")
    return {
        **{name: value for name, value in object.items() if name not in gone},
        "allowed_source_types": object["payment_method_types"],
        "next_source_action": object["next_action"],
        "status": THEN.get(object["status"], object["status"]),
    }


_TYPES = renamed({"allowed_source_types": ("payment_method_types",)})

CHANGES = {"payment_intent": payment_intent}
SENT = {
    "checkout.sessions.create": _TYPES,
    "payment_intents.confirm": _TYPES,
    "payment_intents.create": _TYPES,
    "payment_intents.update": _TYPES,
}
