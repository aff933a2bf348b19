"""Until 2014-12-17 what a customer's statement says was called a description.

docs.stripe.com/changelog/2014-12-17/introduces-statement-description-field-logic
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import renamed

BEFORE = "2014-12-17"


async def statement_description(call: StripeCall, object: Object) -> Object:
    """``statement_description`` in the place of ``statement_descriptor``."""
    if "statement_descriptor" not in object:
        return object
    found = {name: value for name, value in object.items() if name != "statement_descriptor"}
    return {**found, "statement_description": object["statement_descriptor"]}


_SENT = renamed({"statement_description": ("statement_descriptor",)})

CHANGES = dict.fromkeys(("charge", "invoice", "plan", "transfer"), statement_description)
SENT = {"charges.create": _SENT, "invoices.create": _SENT, "invoices.update": _SENT, "plans.create": _SENT}
