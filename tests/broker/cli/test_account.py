"""``broker account``: a credential comes in by its place or by standard input, and never out again."""

from __future__ import annotations

import asyncio
import io
from types import SimpleNamespace

import pytest

from broker.cli import codes
from tests.broker.cli.conftest import Shell
from tests.broker.lending import LIVE
from tests.broker.sandbox import KEY


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode()), encoding="utf-8"))


def test_an_account_is_added_shown_checked_and_removed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHA_REAL", KEY)
    empty = shell("account", "list")
    assert "No real accounts" in empty.out
    added = shell(
        "account", "add", "one", "--service", "alpha", "--secret-variable", "ALPHA_REAL", "--rate", "20",
        "--concurrency", "4", "--pool", "all", "--exclusive", "--allow", "pr-*", "--allow", "demo",
        "--option", "region=x", "--option", "region=y", "--endpoint", "http://127.0.0.1:9",
    )  # fmt: skip
    assert added.code == 0, added.err
    assert added.out.startswith("Added one.")
    for words in ("variable ALPHA_REAL", "20 calls a second, 4 at once", "pr-*, demo", "option region", "127.0.0.1:9"):
        assert words in added.out
    found = shell("account", "show", "one", "--json").json
    assert (found["pool"], found["exclusive"], found["options"]) == ("all", True, {"region": ["x", "y"]})
    assert "20/s, 4 at once" in shell("account", "list").out
    assert shell("account", "list", "--json").json == [found]
    changed = shell("account", "add", "one", "--service", "alpha", "--endpoint", "http://127.0.0.1:9", "--json")
    assert (changed.code, changed.json["pool"], changed.json["secret"]["from"]) == (0, None, "variable")
    checked = shell("account", "check", "one")
    assert (checked.code, "works" in checked.out) == (0, True)
    assert shell("account", "check", "one", "--json").json["usable"] is True
    assert shell("account", "remove", "one").out == "Removed one.\n"
    assert shell("account", "show", "one").code == codes.MISSING
    assert KEY not in added.out + str(found)


def test_a_credential_on_standard_input_is_kept_encrypted(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, KEY + "\n")
    added = shell("account", "add", "one", "--service", "alpha", "--secret-stdin")
    assert (added.code, "encrypted here" in added.out) == (0, True)
    typed(monkeypatch, " \n")
    assert shell("account", "add", "one", "--service", "alpha", "--secret-stdin").code == codes.USAGE
    typed(monkeypatch, LIVE)
    refused = shell("account", "add", "two", "--service", "alpha", "--secret-stdin")
    assert refused.code == codes.FAILED
    assert "live mode" in refused.err
    assert LIVE not in refused.out + refused.err
    typed(monkeypatch, KEY)
    shell("account", "add", "one", "--service", "alpha", "--secret-stdin", "--json")
    shell.bench.outside.fail(403, words="may not list")
    unusable = shell("account", "check", "one")
    assert (unusable.code, "may not list" in unusable.err) == (codes.FAILED, True)


@pytest.mark.parametrize(
    "options",
    [
        ("--secret-variable", "A", "--secret-file", "/a"),
        ("--secret-variable", "A", "--secret-stdin"),
        ("--option", "region"),
        ("--option", "=x"),
    ],
)
def test_what_is_said_wrongly_is_usage(shell: Shell, options: tuple[str, ...]) -> None:
    assert shell("account", "add", "one", "--service", "alpha", *options).code == codes.USAGE


def test_no_option_takes_a_credential(shell: Shell) -> None:
    """What stands on a command line stands in the list of processes."""
    shown = shell("account", "add", "--help").out
    assert "--secret-stdin" in shown
    assert "--secret-key" not in shown
    assert "--secret-value" not in shown


def test_calls_are_shown_by_environment(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHA_REAL", KEY)
    shell("account", "add", "one", "--service", "alpha", "--secret-variable", "ALPHA_REAL")

    async def called() -> None:
        async with shell.bench.accounts._scheduler.turn("one", "pr-1-uid"):
            pass

    asyncio.run(called())
    shown = shell("account", "show", "one").out
    assert "CALLS OF" in shown
    assert "pr-1-uid" in shown
