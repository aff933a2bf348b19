"""``broker drift night | report`` against a control application in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker.cli import client, nights
from broker.settings import Settings
from tests.broker.cli.conftest import InProcess, Shell
from tests.broker.control.conftest import TOKEN
from tests.broker.control.test_night_routes import Nightly
from tests.broker.nightly import account, finding
from tests.clocks import HeldClock


@pytest.fixture
def shell(
    tmp_path: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    bench = Nightly(tmp_path / "state", clock)
    asyncio.run(account(bench, "one"))
    begin, bench.nights._started = bench.nights.begin, asyncio.Event()
    bench.nights._started.set()

    async def carried(due: Any = None) -> Any:
        """The night that is begun is over before it is looked at again."""
        night = await begin(due)
        await bench.nights.attempt(night.id)
        return night

    monkeypatch.setattr(bench.nights, "begin", carried)
    monkeypatch.setattr(nights, "_POLL", 0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROKER_TOKEN", TOKEN)

    def connect(found: Settings, headers: Mapping[str, str]) -> httpx.Client:
        return httpx.Client(transport=InProcess(bench.app), base_url=found.url, headers=headers)

    monkeypatch.setattr(client, "connect", connect)
    yield Shell(bench, tmp_path, capsys)
    asyncio.run(bench.close())


def test_a_night_is_followed_and_its_end_is_the_exit_code(shell: Shell) -> None:
    assert shell("drift", "report").code == 4, "no night is over yet"
    found = shell("drift", "night")
    assert found.code == 1
    line = next(line for line in found.out.splitlines() if finding().key in line)
    assert line.split()[:4] == ["new", "breaking", "tiny", "things.create"]
    assert "2 of 2 parts found out; 1 new, 0 known, 0 accepted, 0 over." in found.out
    again = shell("drift", "night", "--json", "--fail-on", "never")
    assert (again.code, again.json["counts"]["known"]["breaking"]) == (0, 1)


def test_what_could_not_be_found_out_fails_whatever_is_asked(shell: Shell) -> None:
    bench: Any = shell.bench
    bench.checks.findings = []
    bench.checks.errors = [RuntimeError("the account is locked")]
    for ran in (shell("drift", "night", "--fail-on", "never"), shell("drift", "report", "--fail-on", "never")):
        assert ran.code == 7
        assert "this is no green" in ran.err
        assert "the account is locked" in ran.err
    for shape in nights.Format:
        ran = shell("drift", "report", "--format", shape, "--since", "last", "--fail-on", "never")
        assert ran.code == 7, shape


def test_reports(shell: Shell) -> None:
    shell("drift", "night")
    assert "no green" not in shell("drift", "report").err
    assert shell("drift", "report", "--fail-on", "never").code == 0
    assert shell("drift", "report", "--format", "html").out.startswith("<!doctype html>")
    assert shell("drift", "report", "--format", "markdown").out.startswith("## ⚠️ Drift, night of")
    assert shell("drift", "report", "--format", "junit").out.startswith("<?xml")
    assert json.loads(shell("drift", "report", "--format", "sarif").out)["version"] == "2.1.0"
    assert shell("drift", "report", "--format", "json").json["verdict"] == "drift"
    shell("drift", "night")
    news = shell("drift", "report", "--since", "last")
    assert (news.code, "No drift." in news.out) == (0, True), "what is known does not count as news"
    assert shell("drift", "report").code == 1
    assert shell("drift", "report", "--format", "pdf").code == 2


def test_acceptances_are_told(shell: Shell) -> None:
    bench: Any = shell.bench
    entries = [("0" * 16, "long gone", "2027-01-01"), (finding().key, "for a while", "2026-02-01")]
    lines = [f"  - {{key: '{key}', reason: {reason}, until: '{until}'}}" for key, reason, until in entries]
    bench.nights._path = Path(shell.write("accepted.yaml", "\n".join(["accepted:", *lines])))
    found = shell("drift", "night", "--fail-on", "never")
    assert f"Accepted no longer, and still there: {finding().key} until 2026-02-01: for a while" in found.out
    assert "Accepted, and not found any more: 0000000000000000: long gone" in found.out


def test_another_night_meanwhile(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell("drift", "night")
    monkeypatch.setattr(nights, "_follow", lambda control, begun: begun.update(id="ngt_other"))
    assert "Another night" in shell("drift", "night").err


def test_what_is_at_work_is_shown() -> None:
    parts = [
        {"service": "tiny", "source": "contract", "account": "", "status": "done"},
        {"service": "tiny", "source": "probes", "account": "one", "status": "running"},
    ]
    assert nights._at_work(parts) == "tiny probes one"
    assert nights._at_work(parts[:1]) == ""
