"""A close of an environment with resources at a real provider: order, patience, words, and the receipt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from broker.ledger import Ledger
from broker.receipts import public_key, signed, verify
from broker.revocation import Revocation
from broker.storage.external import Lease
from broker.teardown import PHASES, Teardown
from sandboxes.base import Resource
from tests.broker.sandbox import Outside, PlainAccounts, line
from tests.broker.targets import World
from tests.clocks import HeldClock


class Scene:
    """A teardown with an account outside; ``told`` is what the orchestrator hears."""

    def __init__(self, world: World, clock: HeldClock) -> None:
        self.world, self.clock = world, clock
        self.outside = Outside()
        self.calls = 0
        self.accounts: Any = PlainAccounts(world.storage, clock, {"one": self.outside})
        self.ledger = Ledger(world.storage.external.ledger, clock)
        self.told: list[tuple[str, str, Mapping[str, Any]]] = []
        self.key = world.vault.signing_key()
        self.teardown = Teardown(
            storage=world.storage,
            clock=clock,
            forget=lambda uid: None,
            revocation=Revocation(
                storage=world.storage,
                clock=clock,
                ledger=self.ledger,
                accounts=self.accounts,
                running=lambda uid: self.calls,
            ),
            sign=lambda receipt: signed(receipt, self.key),
            notify=self.notify,
        )
        self.uid = ""

    async def notify(self, name: str, type: str, payload: Mapping[str, Any]) -> None:
        self.told.append((name, type, dict(payload)))

    async def begin(self) -> None:
        self.uid = (await self.world.environment()).uid

    async def made(self, kind: str = "thing", **body: Any) -> str:
        value = await self.accounts.make(self.uid, kind, **body)
        resource = Resource(kind, value["id"], parent=value["parent"])
        await self.world.storage.external.ledger.add([line(self.uid, self.clock, resource)])
        return str(value["id"])

    async def phases(self, *names: str) -> float | None:
        """The wait of the last one; those before it must be done at once."""
        waits = [await self.teardown.attempt(name, self.uid) for name in names]
        assert not any(waits[:-1])
        return waits[-1]

    async def receipt(self) -> Any:
        return await self.world.storage.registry.receipt(self.uid)


@pytest.fixture
async def scene(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Scene]:
    world = World(tmp_path, clock)
    made = Scene(world, clock)
    await made.begin()
    yield made
    await world.close()


async def test_the_receipt_says_what_became_of_it_and_is_signed(scene: Scene) -> None:
    thing = await scene.made()
    await scene.made("note", thing=thing)
    log = line(scene.uid, scene.clock, Resource("log", "log_1"), origin="derived")
    await scene.world.storage.external.ledger.add([log])
    lease = Lease(id="lea_1", uid=scene.uid, service="tiny", account="one", kind="account", issued_at=scene.clock.now())
    await scene.world.storage.external.add_lease(lease)
    await scene.accounts.make(scene.uid)  # and nobody wrote it down
    wait = await scene.phases("disarm", "revoke")
    # Found by listing; the next look finds nothing any more.
    assert wait is not None
    assert "still lists 1 of its resources" in (await scene.receipt())["stuck"]["reason"]
    assert scene.accounts.released == []
    assert await scene.phases("revoke", "count", "delete", "finish") is None
    assert scene.outside.objects == {}
    assert scene.accounts.released == [scene.uid]
    receipt = await scene.receipt()
    assert receipt["external"] == {
        "tiny": {
            "accounts": ["one"],
            "kinds": {"thing": {"deleted": 2}, "note": {"deleted": 1}, "log": {"kept": 1}},
            "kept": 1,
        }
    }
    assert receipt["verified"] == {"tiny": {"at": "2026-03-01T12:00:00+00:00", "listed": 0}}
    assert (receipt["left"], receipt["stuck"], receipt["waiting"]) == ({}, None, None)
    verify(receipt, public_key(scene.key))
    assert [told[:2] for told in scene.told] == [(f"closed-{scene.uid}", "environment.closed")]
    assert scene.told[0][2] == receipt


async def test_every_phase_may_be_repeated(scene: Scene) -> None:
    await scene.made()
    for phase in PHASES:
        assert await scene.teardown.attempt(phase, scene.uid) is None
        assert await scene.teardown.attempt(phase, scene.uid) is None
    receipt = await scene.receipt()
    assert receipt["external"]["tiny"]["kinds"] == {"thing": {"deleted": 1}}
    verify(receipt, public_key(scene.key))


async def test_nobody_is_asked_for_an_environment_without_lines(scene: Scene) -> None:
    assert await scene.phases(*PHASES) is None
    assert scene.outside.calls == []
    assert (await scene.receipt())["external"] == {}


async def test_an_environment_with_leases_only_gives_them_back(scene: Scene) -> None:
    lease = Lease(id="lea_1", uid=scene.uid, service="tiny", account="one", kind="account", issued_at=scene.clock.now())
    await scene.world.storage.external.add_lease(lease)
    assert await scene.phases(*PHASES) is None
    assert scene.outside.calls == []
    assert scene.accounts.released == [scene.uid]


async def test_the_last_calls_are_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.teardown._LOOK", 0)
    await scene.made()
    scene.calls = 1
    scene.outside.calls.clear()
    assert await scene.phases("disarm", "revoke") == 0.5
    assert (await scene.receipt())["waiting"]["reason"] == "its last calls to providers are under way"
    assert scene.outside.calls == []
    assert await scene.teardown.stuck() == []
    # One that streams for longer than a call may take holds up nothing but the end.
    scene.clock.advance(100)
    assert await scene.phases("revoke") == 1
    assert scene.outside.objects == {}
    scene.calls = 0
    assert await scene.phases("revoke", "count", "delete", "finish") is None
    assert (await scene.receipt())["drained_at"] == "2026-03-01T12:01:40+00:00"


async def test_a_call_that_ends_is_not_waited_for_longer(scene: Scene) -> None:
    scene.calls = 1
    await scene.teardown.attempt("disarm", scene.uid)
    asyncio.get_running_loop().call_later(0.05, setattr, scene, "calls", 0)
    assert await scene.phases("revoke") is None


async def test_a_request_without_an_answer_is_given_its_time(scene: Scene) -> None:
    """The create is still under way at the provider while the environment closes."""
    await scene.made()
    pending = line(scene.uid, scene.clock, Resource("thing", ""), status="pending")
    await scene.world.storage.external.ledger.add([pending])
    assert await scene.phases("disarm", "revoke") == 60
    receipt = await scene.receipt()
    assert receipt["waiting"] == {
        "reason": "requests without an answer may still be carried out at the provider",
        "until": "2026-03-01T12:01:00+00:00",
    }
    assert [each["status"] for each in receipt["left"]["external"]] == ["pending"]
    # What could be taken back was; and the late one is seen by the last look.
    assert scene.outside.objects == {}
    late = await scene.accounts.make(scene.uid)
    scene.clock.advance(60)
    assert await scene.phases("revoke", "count", "delete", "finish") is None
    assert late["id"] not in scene.outside.objects
    assert (await scene.receipt())["external"]["tiny"]["kinds"] == {"thing": {"deleted": 2}}


async def test_what_is_refused_is_named_with_the_providers_words(scene: Scene) -> None:
    ids = [await scene.made() for _ in range(8)]
    scene.outside.fail(409, "DELETE", times=7, words="it is in use")
    assert await scene.phases("disarm", "revoke") is not None
    receipt = await scene.receipt()
    assert receipt["left"]["number"] == 7
    named = receipt["left"]["external"]
    assert {each["words"] for each in named} == {"409: it is in use"}
    assert receipt["stuck"]["reason"].endswith("409: it is in use, and 2 more")
    assert receipt["stuck"]["reason"].count("thing thi_") == 5
    [stuck] = await scene.teardown.stuck()
    assert (stuck["phase"], stuck["attempts"], stuck["resources"]) == ("revoke", 1, named)
    assert scene.teardown.hindered == 1
    assert await scene.phases("revoke") is None
    assert await scene.teardown.stuck() == []
    assert len(ids) == 8
    assert scene.outside.objects == {}


async def test_the_orchestrator_hears_once_a_day_of_a_close_that_is_stuck(scene: Scene) -> None:
    await scene.made()
    scene.outside.fail(403, "DELETE", times=100)
    await scene.teardown.attempt("disarm", scene.uid)
    for _ in range(4):
        await scene.teardown.attempt("revoke", scene.uid)
    assert scene.told == []
    for _ in range(4):
        await scene.teardown.attempt("revoke", scene.uid)
    names = [name for name, _, _ in scene.told]
    # Told under one name: whoever keeps it tells it once.
    assert set(names) == {f"stuck-{scene.uid}-0"}
    assert scene.told[0][1] == "teardown.stuck"
    assert scene.told[0][2]["stuck"]["attempts"] == 5
    scene.clock.advance(days=1)
    await scene.teardown.attempt("revoke", scene.uid)
    assert scene.told[-1][0] == f"stuck-{scene.uid}-1"


async def test_what_is_learned_late_is_taken_back_before_the_end(scene: Scene) -> None:
    await scene.made()
    assert await scene.phases("disarm", "revoke", "count", "delete") is None
    await scene.made()
    assert await scene.phases("finish") == 0
    assert scene.outside.objects == {}
    assert (await scene.receipt())["status"] == "closing"
    assert await scene.phases("finish") is None
    assert (await scene.receipt())["external"]["tiny"]["kinds"] == {"thing": {"deleted": 2}}
