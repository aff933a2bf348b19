"""Until dahlia a Checkout session's pages had other names.

docs.stripe.com/changelog/dahlia/2026-03-25/updates-available-checkout-session-ui-modes
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import valued

BEFORE = "2026-03-25"

NOW = {"hosted": "hosted_page", "embedded": "embedded_page", "custom": "elements"}
THEN = {new: old for old, new in NOW.items()}


async def ui_mode(call: StripeCall, object: Object) -> Object:
    """``ui_mode``: hosted, embedded or custom."""
    mode = object.get("ui_mode")
    return {**object, "ui_mode": THEN[mode]} if mode in THEN else object


CHANGES = {"checkout.session": ui_mode}
SENT = {"checkout.sessions.create": valued("ui_mode", NOW)}
