"""The plugin's way to the control API."""

from __future__ import annotations

import pytest

from broker_pytest.control import Control, Refused, segment

pytestmark = pytest.mark.slow


def test_what_is_refused_is_told_in_the_servers_words(control: Control) -> None:
    with pytest.raises(Refused, match="no environment") as refused:
        control.ask("GET", "/environments/nobody")
    assert refused.value.status == 404
    with pytest.raises(Refused, match="token"):
        Control(control.url, "wrong").ask("GET", "/environments")
    with pytest.raises(Refused, match="no broker answers"):
        Control("http://127.0.0.1:9", "x").ask("GET", "/environments")


def test_lists_come_whole(control: Control) -> None:
    for number in range(3):
        control.ask("PUT", f"/environments/listed-{number}")
    assert len([one for one in control.every("/environments", {"status": "open"}) if "listed-" in one["name"]]) == 3
    assert control.ask("GET", "/environments", query={"status": None, "limit": 1})["next"]


def test_names_are_segments() -> None:
    assert segment("a/b c") == "a%2Fb%20c"
