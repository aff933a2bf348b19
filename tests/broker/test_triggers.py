"""Events are made to happen through the whole way: the gateway, the mock, and all that goes with an event."""

from __future__ import annotations

import pytest

from broker.app import Broker
from broker.errors import Conflict, InvalidInput, NotFound
from broker.triggers import Fired, Triggers
from contracts import triggers

TYPES = sorted(triggers.load("stripe"))


@pytest.fixture
def fire(broker: Broker) -> Triggers:
    return broker.triggers


@pytest.mark.parametrize("type", TYPES)
async def test_every_trigger_brings_about_its_event(fire: Triggers, type: str) -> None:
    fired = await fire.fire("pr-1", type)
    assert fired.event is not None, [event.type for event in fired.events]
    assert fired.event.payload["data"]["object"]["object"]
    assert [call.name for call in fired.calls] == [call.name for call in fired.trigger.calls]


@pytest.mark.parametrize("type", sorted(triggers.load("sendgrid")))
async def test_every_mail_comes_to_its_end_more_than_once(fire: Triggers, type: str) -> None:
    for _ in range(2):
        fired = await fire.fire("pr-1", type)
        assert fired.event is not None, [event.type for event in fired.events]
        assert fired.event.payload["email"].endswith("@example.com")


async def test_what_is_told_has_happened(broker: Broker, fire: Triggers) -> None:
    fired = await fire.fire("pr-1", "payment_intent.succeeded", override={"amount": "5000"})
    assert [event.type for event in fired.events] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    ]
    assert fired.event is not None
    intent = fired.event.payload["data"]["object"]
    assert (intent["id"], intent["amount_received"]) == (fired.calls[0].object, 5000)
    assert fired.event.payload["request"]["id"].startswith("req_")
    environment = await broker.environments.get_open("pr-1")
    state = (await broker.environments.store(environment)).begin("stripe")
    assert await state.get("payment_intent", intent["id"]) is not None
    await state.rollback()
    again = await fire.fire("pr-1", "customer.created", service="stripe")
    assert [event.type for event in again.events] == ["customer.created"], "only what came of it"


async def test_parameters_and_headers_of_the_caller_are_sent(fire: Triggers) -> None:
    fired = await fire.fire(
        "pr-1",
        "customer.updated",
        override={"customer:metadata.plan": "gold", "updated:description": "Ours"},
        remove=["customer:email"],
    )
    assert fired.event is not None
    customer = fired.event.payload["data"]["object"]
    assert (customer["metadata"], customer["description"], customer["email"]) == ({"plan": "gold"}, "Ours", None)
    account = await made(fire, "account.updated")
    on = await fire.fire("pr-1", "customer.created", headers={"stripe-account": account})
    assert on.event is not None
    assert on.event.payload["account"] == account


async def made(fire: Triggers, type: str) -> str:
    fired: Fired = await fire.fire("pr-1", type)
    key = fired.calls[0].object
    assert key is not None
    return key


async def test_what_cannot_be_triggered_is_refused(fire: Triggers) -> None:
    with pytest.raises(InvalidInput, match=r"did you mean .*payment_intent\.succeeded"):
        await fire.fire("pr-1", "payment_intent.suceeded")
    with pytest.raises(InvalidInput, match="none is written like it"):
        await fire.fire("pr-1", "zzzzzz")
    with pytest.raises(NotFound, match="no service"):
        await fire.fire("pr-1", "customer.created", service="other")
    with pytest.raises(NotFound):
        await fire.fire("pr-2", "customer.created")
    with pytest.raises(InvalidInput, match="makes customer"):
        await fire.fire("pr-1", "customer.created", override={"price:amount": "1"})


async def test_a_refused_call_is_told_in_the_providers_words(fire: Triggers) -> None:
    with pytest.raises(Conflict, match=r"call 2, refund .* 400: .*greater than") as refused:
        await fire.fire("pr-1", "charge.refunded", override={"refund:amount": "9000"})
    assert refused.value.members == {"calls": ["charge"]}
    with pytest.raises(Conflict, match="customer:nothing"):
        await fire.fire("pr-1", "customer.updated", override={"updated:description": "${customer:nothing}"})


async def test_an_event_that_does_not_come_is_told(fire: Triggers) -> None:
    fired = await fire.fire("pr-1", "payment_intent.succeeded", override={"confirm": "false"})
    assert (fired.event, [event.type for event in fired.events]) == (None, ["payment_intent.created"])


def test_what_is_known(fire: Triggers) -> None:
    assert [trigger.type for trigger in fire.known("stripe")] == TYPES
    assert fire.known("s3") == []
    with pytest.raises(NotFound):
        fire.known("other")
