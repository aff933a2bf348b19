"""``broker env clock``: shown, frozen, advanced and set back."""

from __future__ import annotations

from broker.cli import codes
from tests.broker.cli.conftest import Shell


def test_a_clock_is_shown_and_changed(shell: Shell) -> None:
    shell("env", "open", "pr-1")
    shown = shell("env", "clock", "pr-1")
    assert (shown.code, shown.out.startswith("The clock of pr-1 is at ")) == (0, True)
    moved = shell("env", "clock", "pr-1", "--freeze", "--advance", "30d")
    assert moved.out.startswith("The clock of pr-1 stands at ")
    assert moved.out.endswith(f", {30 * 86_400} s from the server's.\n")
    assert shell("env", "clock", "pr-1", "--release", "--json").json["frozen"] is False
    assert shell("env", "clock", "pr-1", "--reset", "--json").json["ahead_seconds"] == 0


def test_a_step_must_be_a_time(shell: Shell) -> None:
    shell("env", "open", "pr-1")
    assert shell("env", "clock", "pr-1", "--advance", "soon").code != codes.OK
    assert shell("env", "clock", "nobody").code == codes.MISSING
