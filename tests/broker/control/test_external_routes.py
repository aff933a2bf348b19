"""Resources, plans, sweeps, notices and receipts over the control API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker import receipts
from broker.control import app
from broker.ledger import Ledger
from broker.revocation import Revocation
from broker.storage.external import Lease, Notice
from broker.sweep import Sweep
from sandboxes.base import Resource
from tests.broker.control.conftest import TOKEN, Bench
from tests.broker.sandbox import Outside, PlainAccounts, line
from tests.clocks import HeldClock

V1 = "/_broker/v1"


class Outer(Bench):
    """With a real account."""

    def __init__(self, folder: Path, clock: HeldClock) -> None:
        super().__init__(folder, clock)
        self.outside = Outside()
        self.accounts: Any = PlainAccounts(self.storage, clock, {"one": self.outside})
        parts: Any = {
            "storage": self.storage,
            "clock": clock,
            "ledger": Ledger(self.storage.external.ledger, clock),
            "accounts": self.accounts,
        }
        self.revocation = Revocation(**parts)
        self.sweeps = Sweep(**parts, revocation=self.revocation)
        self.parts = replace(self.parts, revocation=self.revocation, sweeps=self.sweeps)
        self.app = app.build(self.parts)
        work: Any = self.work
        work.sweep = self.sweep
        self.outer = httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://broker.test" + V1,
            headers={"authorization": f"Bearer {TOKEN}"},
        )

    async def sweep(self, **options: Any) -> Mapping[str, Any]:
        run = dict(await self.sweeps.prepare(**options))
        await self.sweeps.attempt(run)
        return run

    async def add(self, uid: str, *ids: str, **changes: Any) -> None:
        lines = [line(uid, self.clock, Resource("thing", each), **changes) for each in ids]
        await self.storage.external.ledger.add(lines)

    async def close(self) -> None:
        await self.outer.aclose()
        await super().close()


@pytest.fixture
async def outer(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Outer]:
    made = Outer(tmp_path, clock)
    await made.accounts.keep()
    yield made
    await made.close()


async def opened(bench: Bench, name: str = "pr-1") -> str:
    await bench.environments.open(name)
    environment = await bench.storage.registry.environment(name)
    assert environment is not None
    return environment.uid


async def test_resources_of_an_environment(outer: Outer) -> None:
    uid = await opened(outer)
    assert (await outer.outer.get("/environments/pr-1/resources")).json() == {"items": [], "next": None}
    await outer.add(uid, "thi_1", alias="mine", operation="things.create", exchange="ex_1")
    await outer.add(uid, "thi_2", status="gone", outcome="deleted")
    await outer.add(uid, "thi_3", status="stuck", error="409: it is in use", attempts=2, service="other")
    found = (await outer.outer.get("/environments/pr-1/resources", params={"limit": 2})).json()
    assert [each["external_id"] for each in found["items"]] == ["thi_3", "thi_2"]
    assert (found["items"][0]["words"], found["items"][0]["attempts"]) == ("409: it is in use", 2)
    after = {"after": found["next"]}
    [last] = (await outer.outer.get("/environments/pr-1/resources", params=after)).json()["items"]
    assert {key: last[key] for key in ("service", "account", "kind", "alias", "status", "origin", "outcome")} == {
        "service": "tiny",
        "account": "one",
        "kind": "thing",
        "alias": "mine",
        "status": "live",
        "origin": "made",
        "outcome": "",
    }
    left = (await outer.outer.get("/environments/pr-1/resources", params={"left": "true", "service": "tiny"})).json()
    assert [each["external_id"] for each in left["items"]] == ["thi_1"]
    assert (await outer.outer.get("/environments/pr-1/resources", params={"after": "res_none"})).status_code == 400
    assert (await outer.outer.get("/environments/pr-9/resources")).status_code == 404
    # They stay to be read when it is closed.
    await outer.storage.registry.update_environment(uid, status="closed", closed_at=outer.clock.now())
    assert len((await outer.outer.get("/environments/pr-1/resources")).json()["items"]) == 3


async def test_the_plan_of_a_close_changes_nothing(outer: Outer) -> None:
    uid = await opened(outer)
    await outer.happen()
    await outer.add(uid, "thi_1")
    await outer.add(uid, "", status="pending")
    lease = Lease(id="lea_1", uid=uid, service="tiny", account="one", kind="account", issued_at=outer.clock.now())
    await outer.storage.external.add_lease(lease)
    plan = (await outer.outer.get("/environments/pr-1/plan")).json()
    assert plan["resources"] == [{"service": "tiny", "accounts": ["one"], "kind": "thing", "number": 2, "pending": 1}]
    assert plan["inventory"]["records"] == {"alpha": {"thing": 1}}
    assert (plan["environment"], plan["status"], plan["leases"]) == ("pr-1", "open", 1)
    assert plan["credentials"] >= 1
    assert outer.outside.calls == []
    await outer.storage.registry.update_environment(uid, status="closing")
    plan = (await outer.outer.get("/environments/pr-1/plan")).json()
    assert (plan["status"], plan["inventory"], plan["credentials"]) == ("closing", None, 0)


async def test_a_plan_without_real_providers(bench: Bench) -> None:
    await opened(bench)
    assert (await bench.client.get(V1 + "/environments/pr-1/plan")).json()["resources"] == []


async def test_the_receipt_of_a_close_under_way_is_of_now(outer: Outer) -> None:
    uid = await opened(outer)
    await outer.add(uid, "thi_1")
    await outer.add(uid, "thi_2", status="gone", outcome="deleted")
    await outer.storage.registry.put_receipt(uid, {"status": "closing", "external": {}})
    await outer.storage.registry.update_environment(uid, status="closing")
    receipt = (await outer.outer.get("/environments/pr-1/receipt")).json()
    assert receipt["external"]["tiny"]["kinds"] == {"thing": {"live": 1, "deleted": 1}}
    assert receipt["parts"] == {}


async def test_stuck_closes_are_listed(outer: Outer) -> None:
    stuck = {"environment": "pr-1", "uid": "u", "phase": "revoke", "reason": "409: x", "attempts": 3, "resources": []}

    async def found() -> Any:
        return [stuck]

    work: Any = outer.work
    work.stuck = found
    assert (await outer.outer.get("/stuck")).json() == {"items": [stuck]}


async def test_a_sweep(outer: Outer) -> None:
    assert (await outer.outer.get("/sweep")).status_code == 404
    await outer.accounts.make("pr-9-0000000000")
    begun = await outer.outer.post("/sweep", json={"dry_run": True, "min_age": "1s", "account": "one"})
    assert begun.status_code == 202
    outer.clock.advance(10)
    assert (await outer.outer.post("/sweep", json={"min_age": "1s"})).status_code == 202
    last = (await outer.outer.get("/sweep")).json()
    assert (last["status"], last["counts"], last["dry_run"]) == ("ended", {"deleted": 1}, False)
    assert (await outer.outer.post("/sweep")).json()["min_age_seconds"] == 3600
    assert (await outer.outer.post("/sweep", json={"account": "none"})).status_code == 404
    assert (await outer.outer.post("/sweep", json={"min_age": "soon"})).status_code == 400


async def test_a_server_without_real_providers_sweeps_nothing(bench: Bench) -> None:
    for answer in (await bench.client.post(V1 + "/sweep"), await bench.client.get(V1 + "/sweep")):
        assert answer.status_code == 404


async def test_notices(outer: Outer) -> None:
    now = outer.clock.now()
    for number, status in enumerate(("pending", "delivered")):
        notice = Notice(id=f"ntc_{number}", type="teardown.stuck", payload={}, created_at=now, next_at=now)
        await outer.storage.external.put_notice(replace(notice, status=status))
    assert [each["id"] for each in (await outer.outer.get("/notices")).json()["items"]] == ["ntc_0", "ntc_1"]
    [pending] = (await outer.outer.get("/notices", params={"status": "pending"})).json()["items"]
    assert pending == {
        "id": "ntc_0",
        "type": "teardown.stuck",
        "status": "pending",
        "attempts": 0,
        "created_at": "2026-03-01T12:00:00.000000Z",
        "next_at": "2026-03-01T12:00:00.000000Z",
        "error": "",
    }


async def test_receipts_are_verified(outer: Outer) -> None:
    key = (await outer.outer.get("/receipts/key")).json()
    assert key == {"algorithm": "Ed25519", "key": receipts.public_key(outer.parts.vault.signing_key())}
    signed = receipts.signed({"environment": "pr-1", "left": {}}, outer.parts.vault.signing_key())
    assert (await outer.outer.post("/receipts/verify", json=signed)).json()["valid"] is True
    verdict = (await outer.outer.post("/receipts/verify", json={**signed, "left": {"x": 1}})).json()
    assert verdict == {"valid": False, "because": "it was changed after it was signed"}
    assert (await outer.outer.post("/receipts/verify", json=[])).status_code == 400
