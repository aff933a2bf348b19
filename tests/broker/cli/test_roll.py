"""``broker events roll``: the fresh secret on standard output, alone."""

from __future__ import annotations

from broker.cli import codes
from tests.broker.cli.conftest import Shell


def test_the_fresh_secret_is_printed(shell: Shell) -> None:
    before = shell("env", "open", "pr-1", "--json").json["variables"]["ALPHA_WEBHOOK_SECRET"]
    rolled = shell("events", "roll", "pr-1", "alpha", "--overlap", "24h")
    assert rolled.out.strip() == shell("env", "open", "pr-1", "--json").json["variables"]["ALPHA_WEBHOOK_SECRET"]
    assert rolled.out.strip() != before
    assert "signs too until" in rolled.err
    found = shell("events", "roll", "pr-1", "alpha", "--json").json
    assert (found["service"], found["endpoint"], found["until"]) == ("alpha", None, None)


def test_what_cannot_be_rolled(shell: Shell) -> None:
    shell("env", "open", "pr-1")
    assert shell("events", "roll", "pr-1", "alpha", "--overlap", "soon").code == codes.FAILED
    assert shell("events", "roll", "pr-1", "gamma").code == codes.MISSING
    assert shell("events", "roll", "pr-1", "alpha", "--endpoint", "we_1").code == codes.MISSING
