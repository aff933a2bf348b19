"""The record of a personalization."""

from __future__ import annotations

from mocks.sendgrid import messages


def test_a_record_has_what_the_message_names_and_nothing_else() -> None:
    body = {"from": {"email": "a@example.com"}, "subject": "S", "asm": {"group_id": 3}, "custom_args": {"a": "1"}}
    block = {"to": [{"email": "b@example.com"}], "custom_args": {"b": "2"}, "send_at": 5}
    assert messages.record(body, block, message_id="m", place=1, account="", at=9) == {
        "message_id": "m",
        "place": 1,
        "created": 9,
        "from": {"email": "a@example.com"},
        "to": [{"email": "b@example.com"}],
        "subject": "S",
        "outcomes": {},
        "custom_args": {"a": "1", "b": "2"},
        "asm_group_id": 3,
        "send_at": 5,
    }


def test_what_a_personalization_names_wins() -> None:
    body = {"from": {"email": "a@example.com"}, "subject": "S", "send_at": 1}
    block = {"to": [], "from": {"email": "c@example.com"}, "subject": "T", "send_at": 2}
    found = messages.record(body, block, message_id="m", place=0, account="sub", at=9)
    assert (found["from"]["email"], found["subject"], found["send_at"], found["account"]) == (
        "c@example.com",
        "T",
        2,
        "sub",
    )
    assert messages.key(found["message_id"], found["place"]) == "m.0"
