"""Where the server of a run comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker_pytest.serving import NotServing, served


def test_a_given_server_is_used_with_its_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("BROKER_DATA", str(tmp_path))
    with pytest.raises(NotServing, match="set BROKER_TOKEN"), served(tmp_path):
        pass
    (tmp_path / "token").write_text("from the file\n")
    with served(tmp_path) as control:
        assert (control.url, control.token) == ("http://127.0.0.1:9", "from the file")
    monkeypatch.setenv("BROKER_TOKEN", "said")
    with served(tmp_path) as control:
        assert control.token == "said"


@pytest.mark.slow
def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder has to be")
    with pytest.raises(NotServing, match="BROKER_DATA"), served(tmp_path):
        pass
