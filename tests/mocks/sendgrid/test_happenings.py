"""Events of the webhook's shape."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

import pytest

from mocks.base import Call, Record, Target
from mocks.sendgrid import events, happenings, signing

SENT: Record = {
    "message_id": "14c5d75ce93dfd64b46901",
    "place": 1,
    "to": [{"email": "ada@example.com"}, {"email": "Bob@example.com"}],
    "cc": [{"email": "cy@example.com"}],
    "categories": ["cats"],
    "custom_args": {"order": "7", "id": "mine", "event": "theirs", "_own": "x"},
    "asm_group_id": 9,
    "pool": "marketing",
}


class Calling:
    """As much of a call as an event needs."""

    now = datetime(2026, 11, 27, 12, tzinfo=UTC)

    def __init__(self) -> None:
        self.emitted: list[tuple[str, Mapping[str, Any]]] = []
        self._ids = count(1)

    def new_id(self, prefix: str, length: int = 24) -> str:
        return prefix + str(next(self._ids)).rjust(length, "0")

    def emit(self, type: str, payload: Mapping[str, Any], to: Sequence[Target] | None = None) -> None:
        assert to is None
        self.emitted.append((type, payload))


def happened(event: str, address: str = "ada@example.com", **details: Any) -> Record:
    """The event as it is posted."""
    call = Calling()
    happenings.happen(cast(Call, call), SENT, address, event, **details)
    [(kind, payload)] = call.emitted
    assert kind == event
    assert payload["id"] == payload["sg_event_id"]
    return happenings.posted(payload)


def test_a_processed_event_has_what_the_mail_was_sent_with() -> None:
    told = happened("processed")
    assert told == {
        "email": "ada@example.com",
        "timestamp": 1795780800,
        "event": "processed",
        "sg_event_id": "1".rjust(22, "0"),
        "sg_message_id": told["sg_message_id"],
        "smtp-id": "<14c5d75ce93dfd64b46901@geopod-ismtpd-1>",
        "category": ["cats"],
        "asm_group_id": 9,
        "pool": {"name": "marketing", "id": 7048},
        "order": "7",
        "id": "mine",
        "_own": "x",
    }
    assert told["sg_message_id"].startswith("14c5d75ce93dfd64b46901.recvd-")


def test_a_mail_has_one_id_for_each_recipient() -> None:
    first, again = happened("processed"), happened("delivered")
    others = [happened("processed", address) for address in ("bob@example.com", "cy@example.com")]
    assert first["sg_message_id"] == again["sg_message_id"]
    assert [each["sg_message_id"].rpartition(".")[2] for each in (first, *others)] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("event", "has", "lacks"),
    [
        ("delivered", {"response", "ip", "tls", "smtp-id", "asm_group_id"}, {"reason", "pool"}),
        ("deferred", {"response", "attempt", "domain"}, {"ip", "status"}),
        ("dropped", {"reason", "status"}, {"type", "ip"}),
        ("bounce", {"reason", "status", "type", "bounce_classification"}, {"response"}),
        ("open", {"ip", "useragent", "sg_machine_open", "sg_content_type"}, {"smtp-id", "url"}),
        ("click", {"ip", "useragent", "asm_group_id"}, {"smtp-id"}),
        ("spamreport", {"smtp-id"}, {"asm_group_id", "ip"}),
        ("unsubscribe", {"category"}, {"asm_group_id", "smtp-id", "ip"}),
        ("group_unsubscribe", {"ip", "useragent", "asm_group_id"}, set()),
        ("group_resubscribe", {"ip", "useragent", "asm_group_id"}, set()),
    ],
)
def test_each_event_has_the_members_of_its_kind(event: str, has: set[str], lacks: set[str]) -> None:
    told = happened(event)
    assert has <= set(told)
    assert not lacks & set(told)


def test_details_take_the_place_of_what_is_usual() -> None:
    told = happened("bounce", type="blocked", reason="421 later", bounce_classification=None, timestamp=5)
    assert (told["type"], told["reason"], told["timestamp"]) == ("blocked", "421 later", 5)
    assert "bounce_classification" not in told


def test_a_delivery_has_the_event_and_nothing_of_ours() -> None:
    call = Calling()
    happenings.happen(cast(Call, call), {**SENT, "account": "sub"}, "ada@example.com", "delivered")
    [(_, payload)] = call.emitted
    assert payload["_account"] == "sub"
    text = iter(range(10**6))
    key, _ = signing.new_key(
        lambda length, alphabet: "".join(alphabet[next(text) % len(alphabet)] for _ in range(length))
    )
    [sent] = json.loads(events.sign_event(payload, Target("https://app.example.com", key), Calling.now).body)
    assert sent == happenings.posted(payload)
    assert sent["id"] == "mine"
    assert "_account" not in sent


def test_a_real_event_is_posted_with_all_that_it_has() -> None:
    real = {"sg_event_id": "a", "event": "open", "id": "theirs", "_body": "text", "email": "ada@example.com"}
    assert happenings.posted(real) == real
    assert json.loads(events.sign_event(real, Target("https://app.example.com", ""), Calling.now).body) == [real]
