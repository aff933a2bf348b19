"""Webhooks as an application takes them: nothing is believed before stripe-python has verified its signature."""

from __future__ import annotations

import stripe

from demo.receiver import Receiver


def verified(receiver: Receiver, path: str, secret: str, last: str, times: int) -> list[str]:
    """The types of the events that came to ``path``, once ``last`` came ``times`` times or 15 seconds are over.
    Raises stripe.SignatureVerificationError when one was not signed with ``secret``."""
    receiver.wait(lambda _: sum(last.encode() in one.body for one in receiver.arrived if one.path == path) >= times)
    types = []
    for one in receiver.at(path):
        event = stripe.Webhook.construct_event(one.body, one.headers["stripe-signature"], secret)  # type: ignore[no-untyped-call]  # the SDK's own
        types.append(str(event.type))
    return types
