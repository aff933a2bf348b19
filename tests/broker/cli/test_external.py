"""``broker resources | sweep | receipt`` against a control application with a real account."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker import receipts
from broker.cli import client, external
from broker.settings import Settings
from tests.broker.cli.conftest import InProcess, Shell
from tests.broker.control.conftest import TOKEN
from tests.broker.control.test_external_routes import Outer, opened
from tests.clocks import HeldClock

OLD = timedelta(hours=30)


@pytest.fixture
def shell(
    tmp_path: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    outer = Outer(tmp_path / "state", clock)
    asyncio.run(outer.accounts.keep())

    def connect(found: Settings, headers: Mapping[str, str]) -> httpx.Client:
        return httpx.Client(transport=InProcess(outer.app), base_url=found.url, headers=headers)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(client, "connect", connect)
    monkeypatch.setattr(external, "_POLL", 0)
    monkeypatch.setenv("BROKER_TOKEN", TOKEN)
    yield Shell(outer, tmp_path, capsys)
    asyncio.run(outer.close())


def test_resources(shell: Shell) -> None:
    outer: Any = shell.bench
    uid = asyncio.run(opened(outer))
    assert "pr-1 has made nothing at real providers." in shell("resources", "pr-1").out
    asyncio.run(outer.add(uid, "thi_1", alias="mine"))
    asyncio.run(outer.add(uid, "thi_2", status="gone", outcome="deleted"))
    asyncio.run(outer.add(uid, "thi_3", status="stuck", error="409: it is in use"))
    lines = shell("resources", "pr-1").out.splitlines()
    assert [line.split()[5:] for line in lines[1:]] == [
        ["thi_3", "stuck", "409:", "it", "is", "in", "use"],
        ["thi_2", "deleted", "-"],
        ["thi_1", "(mine)", "live", "-"],
    ]
    found = shell("resources", "pr-1", "--left", "--json").json
    assert [one["external_id"] for one in found] == ["thi_3", "thi_1"]
    assert shell("resources", "pr-1", "--service", "other", "--json").json == []
    assert shell("resources", "pr-9").code == 4


def test_a_sweep_is_followed_to_its_end(shell: Shell) -> None:
    outer: Any = shell.bench
    for age in (OLD, timedelta(minutes=5), timedelta(seconds=2)):
        asyncio.run(outer.accounts.make("pr-9-0000000000", age=age))
    dry = shell("sweep", "--dry-run")
    assert dry.code == 0
    assert "would delete" in dry.out
    assert dry.out.endswith("Nothing was changed.\n")
    swept = shell("sweep", "--json")
    assert (swept.code, swept.json["counts"]) == (0, {"kept": 2, "deleted": 1})
    table = shell("sweep", "--min-age", "1m", "--account", "one").out
    assert [line.split()[4:6] for line in table.splitlines()[1:3]] == [["2s", "kept"], ["5m", "deleted"]]
    assert "1 accounts, 2 resources looked at: 1 kept, 1 deleted." in table
    assert shell("sweep", "--account", "none").code == 4
    assert shell("sweep", "--min-age", "soon").code == 1


def test_a_sweep_that_could_not_do_everything_fails(shell: Shell) -> None:
    outer: Any = shell.bench
    asyncio.run(outer.accounts.make("pr-9-0000000000", age=OLD))
    outer.outside.fail(403, "DELETE", words="it is locked")
    refused = shell("sweep")
    assert refused.code == 1
    assert "403: it is locked" in refused.out
    assert "1 leftovers were refused, 0 accounts did not answer" in refused.err
    outer.outside.fail(500, "GET")
    refused = shell("sweep", "--json")
    assert (refused.code, refused.json["accounts"]["one"]["status"]) == (1, "failed")
    assert "account one cannot be asked: 500: not now" in refused.err


def test_another_sweep_meanwhile(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    last = external.Control.ask

    def ask(self: Any, method: str, path: str, **named: Any) -> Any:
        found = last(self, method, path, **named)
        return {**found, "id": "swp_other"} if (method, path) == ("GET", "/sweep") else found

    monkeypatch.setattr(external.Control, "ask", ask)
    assert "Another sweep" in shell("sweep").err


def test_receipts_are_verified_with_the_key_alone(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    signing = shell.bench.parts.vault.signing_key()
    receipt = {"environment": "pr-1", "closed_at": "2026-03-01T12:00:00+00:00", "left": {}}
    shell.write("receipt.json", json.dumps(receipts.signed(receipt, signing), indent=2))
    shell.write("changed.json", json.dumps({**receipts.signed(receipt, signing), "left": {"x": 1}}))
    good = shell("receipt", "verify", "receipt.json")
    assert (good.code, good.out) == (0, "Good: pr-1 was closed at 2026-03-01T12:00:00+00:00, and nothing is left.\n")
    key = shell("receipt", "key").out.strip()
    assert key == receipts.public_key(signing)

    def unreachable(*_: Any) -> Any:
        raise AssertionError("no server need be asked")

    monkeypatch.setattr(client, "connect", unreachable)
    assert shell("receipt", "verify", "receipt.json", "--key", key).code == 0
    bad = shell("receipt", "verify", "changed.json", "--key", key)
    assert (bad.code, bad.err) == (
        1,
        "broker: This is no receipt of that server: it was changed after it was signed.\n",
    )
    other = receipts.public_key(type(shell.bench.parts.vault)("o" * 32).signing_key())
    assert "another key" in shell("receipt", "verify", "receipt.json", "--key", other).err
    shell.write("list.json", "[]")
    shell.write("broken.json", "{")
    for name in ("nowhere.json", "list.json", "broken.json"):
        assert shell("receipt", "verify", name, "--key", key).code == 2


def test_ages() -> None:
    assert [external._age(seconds) for seconds in (None, 5, 90, 7200, 200_000)] == [None, "5s", "1m", "2h", "2d"]
