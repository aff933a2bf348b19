"""``broker hooks``."""

from __future__ import annotations

import asyncio
import io

import pytest

from tests.broker.cli.conftest import Shell


@pytest.fixture
def busy(shell: Shell) -> Shell:
    asyncio.run(shell.bench.arrive("evt_1", "evt_2"))
    shell("env", "open", "pr-1")
    return shell


def test_what_arrived_and_whose_it_is(busy: Shell) -> None:
    assert [one["id"] for one in busy("hooks", "list", "--json").json] == ["evt_2", "evt_1"]
    assert "unclaimed" in busy("hooks", "list").out
    claimed = busy("hooks", "claim", "one", "evt_1", "pr-1")
    assert claimed.out == "evt_1 is pr-1's and is among its events.\n"
    assert busy("hooks", "claim", "one", "evt_1", "pr-1").code == 5
    assert busy("hooks", "claim", "one", "evt_2", "pr-1", "--json").json["by"] == "hand"
    assert busy("hooks", "list", "--unclaimed").out == "Nothing is unclaimed.\n"
    assert busy("hooks", "list", "--account", "two").out == "Nothing has arrived.\n"
    assert "routed" in busy("hooks", "list", "--account", "one", "--limit", "1").out


def test_one_event(busy: Shell) -> None:
    shown = busy("hooks", "show", "one", "evt_1").out
    assert "unclaimed" in shown
    assert '"type": "thing.made"' in shown
    assert busy("hooks", "show", "one", "evt_1", "--json").json["account"] == "one"
    assert busy("hooks", "show", "one", "evt_9").code == 4


def test_endpoints(busy: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "missing" in busy("hooks", "status").out
    assert "alive" in busy("hooks", "ensure", "one").out
    [found] = busy("hooks", "status", "one", "--json").json
    assert found["address"].startswith("https://broker.example/_broker/hooks/in/")
    assert "off" in busy("hooks", "retire", "one").out
    (busy.folder / "whsec").write_text("whs_from_a_file\n")
    assert busy("hooks", "secret", "one", "--secret-file", "whsec", "--json").json["state"] == "by_hand"
    monkeypatch.setattr("sys.stdin", io.StringIO("whs_from_a_pipe\n"))
    assert "by_hand" in busy("hooks", "secret", "one").out
    assert busy("hooks", "secret", "one", "--secret-file", "missing").code == 2
    assert busy("hooks", "status", "none").code == 4


def test_an_endpoint_that_is_down_is_a_failure(busy: Shell) -> None:
    busy.bench.outside.fail(403, "POST", times=9, words="no permission")
    refused = busy("hooks", "ensure", "one")
    assert (refused.code, "no permission" in refused.err) == (5, True)
    down = busy("hooks", "status")
    assert (down.code, "no permission" in down.out) == (1, True)


def test_what_cannot_be_taken_away_can_be_left(busy: Shell) -> None:
    busy("hooks", "ensure", "one")
    busy.bench.outside.fail(503, "DELETE", times=9)
    assert "--forget" in busy("hooks", "retire", "one").err
    assert busy("hooks", "retire", "one", "--forget", "--json").json["state"] == "off"
