"""A night is attempted until it is over, on a real DBOS too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from broker import nights as module
from broker.errors import Conflict
from broker.nights import Nights
from broker.workflows.drift import drift
from broker.workflows.workflows import Workflows
from tests.broker.nightly import PlainChecks, account, finding, nights
from tests.broker.targets import World, until
from tests.broker.workflows.durables import Noted


class Plain:
    """Waits once."""

    def __init__(self) -> None:
        self.answers: list[float | None] = [60.0, None]

    async def attempt(self, night_id: str) -> float | None:
        assert night_id == "ngt_1"
        return self.answers.pop(0)


async def test_it_is_attempted_until_it_is_over() -> None:
    plain, durable = Plain(), Noted()
    await drift(lambda: plain)(durable, "ngt_1")
    assert durable.done == [("drift", 60.0), 60.0, ("drift", None)]


async def test_a_server_without_nights_leaves_it() -> None:
    durable = Noted()
    await drift(lambda: None)(durable, "ngt_1")
    assert durable.done == []


def carrying(world: World, made: Nights) -> Workflows:
    workflows = Workflows(world.settings, world.clock, world.storage, world.vault, world.services, world.upstream)
    workflows.attend(made)
    return workflows


async def over(made: Nights, night_id: str) -> Any:
    async def ended() -> bool:
        last = await made.last()
        return last is not None and last.id == night_id

    await until(ended)
    return await made.last()


async def test_a_night_is_carried_to_its_end(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "_AGAIN", 0.01)
    world = World(tmp_path)
    checks = PlainChecks(world, finding())
    checks.errors = [Conflict("a check of tiny is at work")]
    await account(world, "one")
    made = nights(world, checks)
    workflows = carrying(world, made)
    await workflows.start()
    await made.start()
    last = await over(made, (await made.begin()).id)
    assert (last.verdict, len(checks.asked)) == ("drift", 2)
    await made.stop()
    await workflows.stop()
    await world.close()


async def test_a_night_that_nobody_carries_is_begun_by_the_next_start(tmp_path: Path) -> None:
    world = World(tmp_path)
    checks = PlainChecks(world)
    await account(world, "one")
    night = await nights(world, checks).begin()
    made = nights(world, checks)
    workflows = carrying(world, made)
    await workflows.start()
    await made.start()
    assert (await over(made, night.id)).verdict == "clean"
    await made.stop()
    await workflows.stop()
    await world.close()
