"""What a handler sees of a call, and what it may leave for the commit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mocks.base import Call, Mail, Result
from tests.broker.backends.test_mock import answer, doing
from tests.broker.tiny import Gate


async def test_a_handler_sees_the_environments_own_time(gate: Gate) -> None:
    seen: list[Any] = []

    async def look(call: Call) -> Result:
        seen.append(call.now)
        return {}

    home = await gate.open("pr-1")
    await gate.storage.registry.update_environment(home.uid, clock=(None, timedelta(days=30)))
    gate.directory.forget(home.uid)
    gate.directory.forget_name("pr-1")
    await answer(gate, doing(look))
    assert seen == [gate.clock.now() + timedelta(days=30)]


async def test_ids_grow_with_time_and_stay_unguessable(gate: Gate) -> None:
    await gate.open("pr-1")
    made: list[str] = []
    short: list[str] = []

    async def naming(call: Call) -> Result:
        made.append(call.new_id("th_", 24))
        short.append(call.new_id("req_", 14))
        return {"object": "list", "data": []}

    for _ in range(5):
        await answer(gate, doing(naming))
        gate.clock.advance(seconds=1)
    assert made == sorted(made)
    assert {len(key) for key in made} == {27}
    assert len({key[-13:] for key in made}) == len({key[-9:] for key in short}) == 5


async def test_a_handler_may_say_whose_it_is(gate: Gate) -> None:
    home = await gate.open("pr-1")

    async def later(call: Call) -> Result:
        for scope in ("one", "two"):
            call.scope = scope
            call.emit("thing.woken", {"id": f"evt_{scope}"})
            call.send_mail(Mail(id=f"mail_{scope}", sender={"email": "a@x"}, to=[{"email": "b@x"}]))
        return {"data": []}

    await answer(gate, doing(later))
    store = await gate.storage.open(home)
    assert [event.scope for event in await store.outbox.events()] == ["two", "one"]
    assert [mail["scope"] for mail in await store.mailbox.mails()] == ["two", "one"]
