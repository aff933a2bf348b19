"""The options of ``serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from broker import app
from broker.cli import serving


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the server would be started with."""
    seen: list[Any] = []

    def main(arguments: dict[str, Any]) -> int:
        seen.append(arguments)
        return 0

    monkeypatch.setattr(app, "main", main)
    return seen


def test_options_become_settings(given: list[Any]) -> None:
    assert serving.serve(["--host", "127.0.0.2", "--port", "0", "--data", "state"]) == 0
    assert serving.serve([]) == 0
    assert given == [
        {"host": "127.0.0.2", "port": 0, "data": Path("state")},
        {"host": None, "port": None, "data": None},
    ]


@pytest.mark.parametrize("options", [["--port", "65536"], ["--port", "-1"], ["--port", "x"], ["--por", "1"], ["more"]])
def test_unusable_options(given: list[Any], options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        serving.serve(options)
    assert end.value.code == 2
    assert "usage: broker serve" in capsys.readouterr().err
    assert given == []
