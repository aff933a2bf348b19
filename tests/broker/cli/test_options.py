"""Groups and examples."""

from __future__ import annotations

import pytest

from broker.cli.options import examples, group


def test_examples_keep_their_lines() -> None:
    assert examples("broker a", "broker b") == "\b\nExamples:\n  broker a\n  broker b"


def test_a_group_without_a_command_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    made = group("What it is about.")

    @made.command("one", epilog=examples("broker one [x]"))
    def one() -> None:
        """Do one thing."""

    @made.command("two")
    def two() -> None:
        """Do another."""

    with pytest.raises(SystemExit) as end:
        made([], prog_name="broker")
    assert end.value.code == 2
    with pytest.raises(SystemExit):
        made(["one", "--help"], prog_name="broker")
    out, err = capsys.readouterr()
    assert "What it is about." in out + err
    assert "  broker one [x]" in out, "brackets are no markup"
