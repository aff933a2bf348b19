"""What people and machines read."""

from __future__ import annotations

import json

import pytest

from broker.cli import terminal


def test_nothing_from_outside_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "a\x1b[2Jb\x07c\x9bd\re"
    terminal.table(("NAME",), [(hostile,)], empty="none")
    terminal.facts([("name", hostile)])
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(out)
    assert "a[2Jbcde" in out
    assert terminal.clean("invoice\u202egpj.exe\u2066") == "invoicegpj.exe"


def test_values_for_people() -> None:
    assert [terminal.clean(value) for value in (None, True, False, 3, "x")] == ["-", "yes", "no", "3", "x"]
    assert terminal.moment("2026-11-21T22:00:00.123456Z") == "2026-11-21 22:00:00Z"
    assert terminal.moment(None) == "-"


def test_tables_have_no_trailing_space_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(("A", "B"), [("[red]x[/red]", None), ("long" * 5, "y")], empty="none")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["A", "B"]
    assert lines[1].startswith("[red]x[/red]")
    assert all(line == line.rstrip() for line in lines)
    terminal.table(("A",), [], empty="nothing here")
    assert capsys.readouterr().out == "nothing here\n"


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.emit({"a": "ü\x1b"})
    terminal.emit_line([1])
    out = capsys.readouterr().out
    assert "ü" in out
    assert "\x1b" not in out
    first, _, second = out.rpartition("\n[")
    assert json.loads(first) == {"a": "ü\x1b"}
    assert second == "1]\n"


def test_facts_and_notes(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.facts([("a", 1), ("long", None)])
    terminal.facts([])
    terminal.note("beside")
    out, err = capsys.readouterr()
    assert out == "a     1\nlong  -\n"
    assert err == "beside\n"
