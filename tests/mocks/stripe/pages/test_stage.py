"""What a page's handlers have of a call."""

from __future__ import annotations

from dataclasses import replace

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe.calls import StripeCall
from mocks.stripe.pages.stage import said, segment, staged
from tests.mocks.stripe.client import Stripe


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    words = f"{segment(call, 0)}|{segment(call, 9)}|{said(call, 'a')}|{said(call, 'b')}|{refused}"
    return Response(200, [], words.encode())


async def _act(call: StripeCall) -> Response:
    thing = {"id": "cus_1", "object": "customer"}
    call.event("customer.created", thing)
    raise ServiceError(402, "no", "No.", keep=said(call, "a") == "keep")


async def test_events_are_kept_with_what_is_kept(stripe: Stripe) -> None:
    page = staged(_show, _act)
    harness = stripe.harness
    harness.service = replace(harness.service, pages=lambda request: page)
    assert (await harness.visit("GET", "/x/y")).body == b"x||None|None|None"
    refused = await harness.visit("POST", "/x/y", form={"a": " z ", "b": ""})
    assert refused.body == b"x||z|None|402 no: No."
    assert await stripe.event_types() == []
    await harness.visit("POST", "/x/y", form={"a": "keep"})
    assert await stripe.event_types() == ["customer.created"]
