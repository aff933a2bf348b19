"""``broker env close`` while the close goes on: bars, words, waits, exit codes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from broker.cli import closing, terminal
from broker.errors import Conflict
from tests.broker.cli.conftest import Shell

STUCK = {"reason": "thing thi_1: 409: it is in use", "attempts": 2}
LEFT = {"number": 1, "external": [{"kind": "thing", "id": "thi_1", "words": "409: it is in use", "status": "stuck"}]}


def receipt(status: str = "closing", **changes: Any) -> dict[str, Any]:
    kinds = {"thing": {"live": 2, "stuck": 1, "deleted": 5}, "log": {"kept": 2}}
    external = {"tiny": {"accounts": ["one"], "kinds": kinds, "kept": 2}}
    return {"environment": "pr-1", "status": status, "external": external, "left": {}, "stuck": None, **changes}


class Slow:
    """A close that is over when its receipts are; every look takes the next one."""

    def __init__(self, shell: Shell, monkeypatch: pytest.MonkeyPatch, *receipts: Mapping[str, Any]) -> None:
        self.waits: list[float | None] = []
        self._receipts = list(receipts)
        self._storage = shell.bench.storage
        shell("env", "open", "pr-1")
        monkeypatch.setattr(closing, "_POLL", 0)
        monkeypatch.setattr(shell.bench.work, "close", self.close)
        monkeypatch.setattr(self._storage.registry, "receipt", self.receipt)

    async def close(self, name: str, *, wait: float | None = None) -> Mapping[str, Any]:
        self.waits.append(wait)
        raise Conflict(f"environment {name} is being closed")

    async def receipt(self, uid: str) -> Mapping[str, Any]:
        return self._receipts.pop(0) if len(self._receipts) > 1 else self._receipts[0]


def test_it_follows_the_receipt_to_the_end(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(shell, monkeypatch, receipt(), receipt(stuck=STUCK, left=LEFT), receipt(stuck=STUCK), receipt("closed"))
    closed = shell("env", "close", "pr-1", "--json")
    assert (closed.code, closed.json["status"]) == (0, "closed")
    assert slow.waits == [2]
    # A log gets no bars, and each new reason once.
    assert closed.err == "thing thi_1: 409: it is in use\n"


def test_a_wait_ends_and_says_what_is_left(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(shell, monkeypatch, receipt(stuck=STUCK, left=LEFT))
    closed = shell("env", "close", "pr-1", "--wait", "--timeout", "0.01")
    assert closed.code == 5
    assert slow.waits == [0]
    assert closed.err.splitlines()[-3:] == [
        "broker: pr-1 is still being closed: 3 of 10 resources at real providers are not gone. It goes on.",
        "  thing thi_1: 409: it is in use",
        "  thing thi_1: 409: it is in use",
    ]
    assert "its credentials are dead" in closed.out


def test_without_a_wait_it_is_only_begun(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(shell, monkeypatch, receipt())
    closed = shell("env", "close", "pr-1", "--no-wait", "--json")
    assert (closed.code, closed.json["status"]) == (0, "closing")
    assert slow.waits == [0]


def test_words_cannot_steer_the_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = {"reason": "\x1b[2Jgone"}
    Slow(shell, monkeypatch, receipt(stuck=stuck), receipt(stuck=stuck))
    closed = shell("env", "close", "pr-1", "--wait", "--timeout", "0.01")
    assert "\x1b" not in closed.out + closed.err


def test_other_refusals_are_told(shell: Shell) -> None:
    assert shell("env", "close", "pr-none").code == 4
    assert shell("env", "close", "pr-none", "--dry-run").code == 4


def test_a_dry_run_shows_the_plan(shell: Shell) -> None:
    shell("env", "open", "pr-1")
    asyncio.run(shell.bench.happen())
    plan = shell("env", "close", "pr-1", "--dry-run", "--json")
    assert (plan.json["status"], plan.json["resources"]) == ("open", [])
    shown = shell("env", "close", "pr-1", "--dry-run")
    assert "It has nothing at real providers." in shown.out
    assert "records of mocks  1" in shown.out
    assert "Nothing was changed." in shown.out
    assert shell("env", "show", "pr-1", "--json").json["status"] == "open"


def test_the_plan_of_resources(capsys: pytest.CaptureFixture[str]) -> None:
    kind = {"service": "tiny", "accounts": ["one", "two"], "kind": "thing", "number": 3, "pending": 1}
    plan = {"status": "closing", "resources": [kind], "inventory": None, "credentials": 0, "leases": 1}
    closing.show_plan(plan)
    out = capsys.readouterr().out
    assert out.splitlines()[1].split() == ["tiny", "one,", "two", "thing", "3", "1", "without", "an", "answer", "yet"]


def test_bars_of_a_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures that they show."""
    assert closing.number_left(receipt()) == (3, 10)
    assert closing.number_left({}) == (0, 0)
    waiting = {"reason": "its last calls to providers are under way", "until": "x"}
    assert closing.hindrance(receipt(waiting=waiting)) == waiting["reason"]
    assert closing.hindrance(receipt()) is None
    with closing._bars("pr-1") as bars:
        bars.show(receipt(parts={"objects": 12_000}))
        bars.show(receipt(stuck=STUCK))
        [whole, tiny] = bars._progress.tasks
        assert (tiny.description, tiny.completed, tiny.total) == ("tiny", 7, 10)
        assert whole.fields["note"] == STUCK["reason"]


def test_stuck_closes_are_listed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No close is stuck." in shell("env", "stuck").out
    stuck = {"environment": "pr-1", "since": "2026-03-01T12:00:00+00:00", "next_at": "2026-03-01T12:05:00+00:00"}

    async def found() -> Any:
        return [{**stuck, **STUCK, "phase": "revoke"}]

    monkeypatch.setattr(shell.bench.work, "stuck", found)
    assert shell("env", "stuck").out.splitlines()[1].startswith("pr-1  2026-03-01 12:00:00Z")
    assert "409: it is in use" in shell("env", "stuck").out
    assert shell("env", "stuck", "--json").json[0]["phase"] == "revoke"


def test_bars_show_how_far_files_and_services_are() -> None:
    with terminal.bars() as progress:
        shown = closing._Bars(progress, "pr-1")
        shown.show(receipt(removed={"files": 30, "bytes": 1}, existed={"files": 40}))
        shown.show(receipt(removed={"files": 35, "bytes": 1}, existed={"files": 40}))
        tasks = {task.description: (task.completed, task.total) for task in progress.tasks}
    assert tasks == {"closing pr-1": (0, None), "tiny": (7, 10), "files here": (35, 40)}
