"""What time alone brings, in all accounts at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mocks.sendgrid import agenda
from mocks.sendgrid.waking import MOST, WAKING
from tests.harness import Harness
from tests.mocks.sendgrid.sending import SEND, mails

Message = Callable[..., dict[str, Any]]


async def test_it_is_due_when_the_next_message_is_and_takes_a_part_of_many(sendgrid: Harness, message: Message) -> None:
    at = int(sendgrid.clock.now().timestamp()) + 60
    blocks = [{"to": [{"email": f"{n}@example.com"}]} for n in range(MOST + 10)]
    await sendgrid.call("POST", SEND, json=message(personalizations=blocks, send_at=at))
    state = (await sendgrid.store()).begin("sendgrid")
    assert await WAKING.due(state) == datetime.fromtimestamp(at, UTC)
    await state.rollback()
    await sendgrid.wake()
    assert await mails(sendgrid) == []
    sendgrid.clock.advance(60)
    await sendgrid.wake()
    assert len(await mails(sendgrid)) == MOST
    await sendgrid.wake()
    assert len(await mails(sendgrid)) == MOST + 10


async def test_what_time_brings_is_of_the_test_that_planned_it(sendgrid: Harness, message: Message) -> None:
    at = int(sendgrid.clock.now().timestamp())
    await sendgrid.call("POST", SEND, json=message(personalizations=[{"to": [{"email": "defer@example.com"}]}]))
    state = (await sendgrid.store()).begin("sendgrid")
    [entry] = await state.page(agenda.KIND, order="key")
    await agenda.move(state, entry, entry["at"], scope="test-7")
    await state.commit()
    sendgrid.clock.advance(entry["at"] - at)
    await sendgrid.wake()
    newest, *earlier = await (await sendgrid.store()).outbox.events()
    assert (newest.type, newest.scope) == ("delivered", "test-7")
    assert {event.scope for event in earlier} == {""}
