"""The intent that a page is about: its address tells the intent's id and its client secret."""

from __future__ import annotations

from mocks.stripe import payment_intents, setup_intents
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.pages.stage import segment


async def intent(call: StripeCall, place: int) -> Object | None:
    """That of the address' segment ``place``; None where the secret is not its own."""
    key = segment(call, place)
    kind = setup_intents.KIND if key.startswith("seti_") else payment_intents.KIND
    found = await call.state.get(kind, key)
    if found is None or call.params.query.get("client_secret") != found["client_secret"]:
        return None
    return found
