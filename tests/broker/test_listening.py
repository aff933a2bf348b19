"""Somebody who asks for an environment's events gets each once, signed, whatever stops in between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import stripe

from broker.app import Broker
from broker.errors import NotFound
from broker.listening import BEGINNING, Heard, Listening


@pytest.fixture
def listening(broker: Broker) -> Listening:
    return Listening(environments=broker.environments, clock=broker.clock)


def types(heard: Any) -> list[str]:
    return [one.event.type for one in heard]


def verified(one: Heard, secret: str) -> Any:
    """As the SDK checks it."""
    assert one.signed is not None
    construct: Any = stripe.Webhook.construct_event
    return construct(one.signed.body, one.signed.headers.get("stripe-signature"), secret)


async def test_events_come_once_and_in_their_order(broker: Broker, listening: Listening) -> None:
    begun = await listening.since("pr-1", None)
    assert (begun.heard, begun.next) == ([], BEGINNING)
    await broker.triggers.fire("pr-1", "payment_intent.succeeded")
    first = await listening.since("pr-1", begun.next, limit=3)
    second = await listening.since("pr-1", first.next)
    assert types(first.heard) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert types(second.heard) == ["charge.updated"]
    nothing = await listening.since("pr-1", second.next)
    assert (nothing.heard, nothing.next) == ([], second.next)
    assert (await listening.since("pr-1", None)).next == second.next
    assert types((await listening.since("pr-1", first.next)).heard) == ["charge.updated"], "asked again, told again"


async def test_they_are_signed_as_the_environments_deliveries(broker: Broker, listening: Listening) -> None:
    await broker.triggers.fire("pr-1", "customer.created")
    secrets = await listening.secrets("pr-1")
    environment = await broker.environments.get_open("pr-1")
    assert "sendgrid" not in secrets, "its private key is told to nobody"
    assert secrets["stripe"] == (await broker.environments.bundle(environment))["variables"]["STRIPE_WEBHOOK_SECRET"]
    [one] = (await listening.since("pr-1", BEGINNING)).heard
    event = verified(one, secrets["stripe"])
    assert (event.id, event.type) == (one.event.id, "customer.created")
    with pytest.raises(stripe.SignatureVerificationError):
        verified(one, "whsec_other")


async def test_types_are_chosen_and_what_is_passed_over_is_not_looked_at_again(
    broker: Broker, listening: Listening
) -> None:
    await broker.triggers.fire("pr-1", "payment_intent.succeeded")
    page = await listening.since("pr-1", BEGINNING, types=("charge.*", "customer.created"))
    assert types(page.heard) == ["charge.succeeded", "charge.updated"]
    none = await listening.since("pr-1", BEGINNING, types=("payout.*",))
    assert (none.heard, none.next) == ([], page.next)
    assert (await listening.since("pr-1", BEGINNING, service="s3")).heard == []
    with pytest.raises(NotFound):
        await listening.since("pr-1", BEGINNING, service="other")


async def test_a_listener_waits_for_what_comes(broker: Broker, listening: Listening) -> None:
    page, _ = await asyncio.gather(
        listening.since("pr-1", BEGINNING, wait=20), broker.triggers.fire("pr-1", "customer.created")
    )
    assert types(page.heard) == ["customer.created"]


async def test_after_a_reset_it_begins_again(broker: Broker, listening: Listening) -> None:
    await broker.triggers.fire("pr-1", "customer.created")
    page = await listening.since("pr-1", BEGINNING)
    await broker.environments.reset("pr-1")
    await broker.triggers.fire("pr-1", "product.created")
    assert types((await listening.since("pr-1", page.next)).heard) == ["product.created"]


async def test_connected_accounts_events_are_told_apart(broker: Broker, listening: Listening) -> None:
    made = await broker.triggers.fire("pr-1", "account.updated")
    account = made.calls[0].object or ""
    await broker.triggers.fire("pr-1", "customer.created", headers={"stripe-account": account})
    page = await listening.since(
        "pr-1", BEGINNING, types=("customer.*",), url="http://one.test/a", connected_url="http://two.test/b"
    )
    [one] = page.heard
    assert one.signed is not None
    assert (one.account, one.signed.host, one.signed.path) == (account, "two.test", "/b")
