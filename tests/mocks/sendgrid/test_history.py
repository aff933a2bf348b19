"""A message's record remembers what happened to whom."""

from __future__ import annotations

from typing import Any

from mocks.sendgrid import history


def test_events_are_remembered_in_order() -> None:
    sent: dict[str, Any] = {}
    assert history.of(sent) == ()
    history.remember(sent, "Ada@example.com", "processed", 1, {})
    history.remember(sent, "bob@example.com", "bounce", 2, {"reason": "550", "type": "bounce", "status": "5.1.1"})
    history.remember(sent, "Ada@example.com", "click", 3, {"url": "https://example.com", "ip": None})
    assert history.of(sent) == [
        {"event": "processed", "at": 1, "to": "Ada@example.com"},
        {"event": "bounce", "at": 2, "to": "bob@example.com", "reason": "550", "type": "bounce"},
        {"event": "click", "at": 3, "to": "Ada@example.com", "url": "https://example.com"},
    ]
    assert [each["event"] for each in history.of(sent, "ada@example.com")] == ["processed", "click"]


def test_a_message_remembers_so_many_events() -> None:
    sent: dict[str, Any] = {"to": [{"email": "ada@example.com"}], "cc": [{"email": "bob@example.com"}]}
    for at in range(1_100):
        history.remember(sent, "ada@example.com", "open", at, {})
    assert len(history.of(sent)) == 1_020


def test_events_are_told_by_recipient() -> None:
    sent: dict[str, Any] = {}
    for place, name in enumerate(("ada", "bob", "ada")):
        history.remember(sent, f"{name}@example.com", "open", place, {})
    found = history.by_recipient(sent)
    assert {address: [each["at"] for each in events] for address, events in found.items()} == {
        "ada@example.com": [0, 2],
        "bob@example.com": [1],
    }
