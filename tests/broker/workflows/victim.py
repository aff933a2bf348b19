"""A process that is killed amid durable work: ``python -m tests.broker.workflows.victim FOLDER WORK POINT``.

WORK is ``close`` (of pr-1, killed at POINT), ``revoke`` (a close with things at a real provider, killed at POINT),
``night`` (of two accounts, killed at POINT) or ``deliver`` (an event to the URL in POINT, killed by the test).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from broker.workflows.workflows import Workflows
from mocks.base import Target
from sandboxes.base import Resource
from tests.broker.nightly import PlainChecks, account, finding, nights
from tests.broker.sandbox import Outside, PlainAccounts, line, workflows_with
from tests.broker.targets import World

#: What the environment of ``revoke`` makes outside, and what another one has there.
THINGS = 4


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    """Die instead of the next call of a method."""
    setattr(owner, name, die)


def after(owner: Any, name: str, when: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Die when a method has done its work."""
    method = getattr(owner, name)

    async def last(*arguments: Any, **named: Any) -> Any:
        answer = await method(*arguments, **named)
        if when(*arguments, **named):
            die()
        return answer

    setattr(owner, name, last)


def halfway(world: World) -> None:
    """Die with one of the environment's files deleted."""

    async def destroy(environment: Any) -> None:
        home = world.settings.data / "environments" / environment.uid
        next(path for path in home.rglob("*") if path.is_file()).unlink()
        die()

    world.storage.destroy = destroy  # type: ignore[method-assign, assignment]  # the fault of this process


def arm(world: World, workflows: Workflows, point: str) -> None:
    registry, teardown = world.storage.registry, workflows.teardown
    points: dict[str, Callable[[], None]] = {
        "closing": lambda: after(registry, "update_environment"),
        "disarmed": lambda: after(teardown, "disarm"),
        "begun": lambda: after(teardown, "_disarm"),
        "counted": lambda: after(teardown, "_count"),
        "deleting": lambda: halfway(world),
        "deleted": lambda: after(world.storage, "destroy"),
        "receipt": lambda: after(registry, "put_receipt", lambda _, receipt: receipt["status"] == "closed"),
        "tombstone": lambda: after(registry, "update_environment", lambda *_, status, **__: status == "closed"),
    }
    points[point]()


def outside_of(folder: Path, world: World) -> tuple[Outside, PlainAccounts]:
    """A provider whose objects outlive this process."""
    outside = Outside(file=folder / "outside.json")
    return outside, PlainAccounts(world.storage, world.clock, {"one": outside})


async def revoke(folder: Path, point: str) -> None:
    """Four things with a note each, one of them written down by nobody, one request without an answer."""
    world = World(folder)
    outside, accounts = outside_of(folder, world)
    workflows = workflows_with(world, accounts, told="http://127.0.0.1:9/", settle=timedelta(milliseconds=200))
    await workflows.start()
    other = await world.environment("pr-2")
    theirs = await accounts.make(other.uid)
    store = world.storage.external.ledger
    await store.add([line(other.uid, world.clock, Resource("thing", theirs["id"]))])
    uid = (await world.environment()).uid
    for number in range(THINGS):
        thing = await accounts.make(uid)
        note = await accounts.make(uid, "note", thing=thing["id"])
        lines = [line(uid, world.clock, Resource("note", note["id"]))]
        if number == 1:
            # Its answer never came.
            lines.append(line(uid, world.clock, Resource("thing", ""), status="pending"))
        elif number > 1:
            lines.append(line(uid, world.clock, Resource("thing", thing["id"])))
        await store.add(lines)
    await store.add([line(uid, world.clock, Resource("thing", ""), status="pending")])
    registry, revocation = world.storage.registry, workflows.teardown._revocation
    assert revocation is not None
    ledger, external = revocation._ledger, world.storage.external
    points: dict[str, Callable[[], None]] = {
        "settled": lambda: after(ledger, "made"),
        "deleting": lambda: after(ledger, "deleting"),
        "deleted outside": lambda: after(outside, "send", lambda request: request.method == "DELETE"),
        "ended": lambda: after(ledger, "ended"),
        "revoked": lambda: after(revocation, "revoke"),
        "verified": lambda: after(revocation, "verify"),
        "released": lambda: after(accounts, "release"),
        "receipt": lambda: after(registry, "put_receipt", lambda _, receipt: receipt["status"] == "closed"),
        "told": lambda: after(external, "put_notice"),
        "tombstone": lambda: after(registry, "update_environment", lambda *_, status, **__: status == "closed"),
    }
    points[point]()
    await workflows.close("pr-1")


async def night(folder: Path, point: str) -> None:
    """Two accounts, one of which shows drift."""
    world = World(folder)
    for name in ("one", "two"):
        await account(world, name)
    checks = PlainChecks(world, finding())
    made = nights(world, checks, told="http://127.0.0.1:9/")
    workflows = Workflows(world.settings, world.clock, world.storage, world.vault, world.services, world.upstream)
    workflows.attend(made)
    external = world.storage.external
    points: dict[str, Callable[[], None]] = {
        "begun": lambda: after(made, "_keep"),
        "checking": lambda: after(checks, "check", lambda service, account: account == "two"),
        "checked": lambda: after(made, "_put", lambda night, place, part: (place, part.status) == (1, "done")),
        "told": lambda: after(external, "put_notice"),
        "judged": lambda: after(made, "_keep", lambda name, night: name == "drift.night.ended"),
        "over": lambda: after(made, "_end"),
    }
    points[point]()
    await workflows.start()
    await made.start()
    await made.begin()
    await asyncio.sleep(60)


async def main(folder: Path, work: str, point: str) -> None:
    if work in ("revoke", "night"):
        await {"revoke": revoke, "night": night}[work](folder, point)
        return
    world = World(folder)
    workflows = Workflows(world.settings, world.clock, world.storage, world.vault, world.services, world.upstream)
    await workflows.start()
    if work == "close":
        await world.environment()
        arm(world, workflows, point)
        await workflows.close("pr-1")
        return
    environment = await world.environment(retries=["1s", "1s"])
    await workflows._launch()
    ids = await world.emit(environment, Target(url=point, secret="s"))
    if work == "deliver":
        workflows.notify(environment.uid, ids)
    else:
        die()  # between the commit and the announcement
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
