"""What follows a payment that went well: test cards whose payments are disputed, reviewed or warned of.

https://docs.stripe.com/testing#disputes (2026-11). The payment's own answer does not show it yet.
"""

from __future__ import annotations

from mocks.stripe import disputes, reviews
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.testcards import TestCard


async def follow(call: StripeCall, charge: Object, test: TestCard | None) -> None:
    """Carry out what the card is for, after a captured charge was stored and told."""
    match test.later if test is not None else "none":
        case "dispute":
            await disputes.opened(call, charge, "fraudulent")
        case "product_not_received":
            await disputes.opened(call, charge, "product_not_received")
        case "inquiry":
            await disputes.opened(call, charge, "fraudulent", inquiry=True)
        case "early_fraud_warning":
            await reviews.warned(call, charge)
        case "review":
            await reviews.opened(call, charge)
