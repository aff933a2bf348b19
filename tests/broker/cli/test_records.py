"""``broker journal | incidents | events``."""

from __future__ import annotations

import asyncio
import json

import pytest

from broker.cli import records
from broker.storage.base import Incident
from tests.broker.cli.conftest import Shell


@pytest.fixture
def busy(shell: Shell) -> Shell:
    shell("env", "open", "pr-1", "--webhook", "alpha=http://127.0.0.1:9/")
    asyncio.run(shell.bench.happen())
    return shell


def test_the_journal(busy: Shell) -> None:
    assert busy("journal", "tail", "pr-1").out.splitlines()[-1].endswith("POST /v1/things")
    lines = busy("journal", "tail", "pr-1", "--limit", "2", "--json").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["ex_1", "ex_2"], "the newest at the end"
    shown = busy("journal", "show", "pr-1", "ex_1")
    assert "content-type: text/plain" in shown.out
    assert busy("journal", "show", "pr-1", "ex_1", "--json").json["response_body"] == "{}"
    assert busy("journal", "show", "pr-1", "a/../b").code == 1
    busy("env", "open", "pr-2")
    assert "is empty" in busy("journal", "tail", "pr-2").out


def test_following_shows_each_exchange_once(busy: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) > 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(records.time, "sleep", nap)
    ran = busy("journal", "tail", "pr-1", "--follow", "--json")
    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == ["ex_0", "ex_1", "ex_2"]


def test_incidents(busy: Shell) -> None:
    assert busy("incidents", "pr-1", "--json").json == []
    made = Incident(
        id="in_1",
        at=busy.bench.clock.now(),
        kind="live_credential",
        environment=None,
        uid=None,
        service="alpha",
        message="a live \x1b[31mkey",
    )
    asyncio.run(busy.bench.storage.registry.add_incident(made))
    assert [one["id"] for one in busy("incidents", "--json").json] == ["in_1"]
    assert "\x1b" not in busy("incidents").out, "nothing from outside steers the terminal"
    assert "No incidents." in busy("incidents", "pr-1").out


def test_events(busy: Shell) -> None:
    assert [one["id"] for one in busy("events", "list", "pr-1", "--json").json] == ["evt_1"]
    assert "thing.created" in busy("events", "list", "pr-1").out
    assert "dl_1" in busy("events", "show", "pr-1", "evt_1").out
    assert busy("events", "resend", "pr-1", "evt_1", "--json").json["deliveries"] == ["dl_again_1"]
    assert "1 deliveries" in busy("events", "resend", "pr-1", "evt_1", "--delivery", "dl_1").out
    assert busy("events", "show", "pr-1", "evt_9").code == 4


def test_lists_of_one_scope(busy: Shell) -> None:
    assert "is empty" in busy("journal", "tail", "pr-1", "--scope", "one").out
    assert busy("events", "list", "pr-1", "--scope", "one", "--json").json == []
    assert busy("mail", "list", "pr-1", "--scope", "one", "--json").json == []
    assert busy("mail", "list", "pr-1", "--scope", "a b").code == 1
