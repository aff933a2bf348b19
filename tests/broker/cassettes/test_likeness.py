"""What two answers have in common, in points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from broker.cassettes.likeness import Difference, Likeness, compare, ids, named_ids
from broker.redact import HIDDEN
from contracts.comparison import Answer

ID, OTHER = "cus_9s6XKzkNRiz8i3", "cus_00000000000000"


def answer(value: Any, status: int = 200, kind: Any = "json") -> Answer:
    return Answer(status, kind, value, {})


def like(recorded: Any, ours: Any, said: Mapping[str, str] | None = None, status: int = 200) -> Likeness:
    return compare(answer(recorded, status), answer(ours, status), (said or {}).get)


def only(found: Likeness) -> Difference:
    assert len(found.differences) == 1, found.differences
    return found.differences[0]


def test_the_same_answer_is_worth_one() -> None:
    value = {"id": ID, "object": "customer", "name": None, "items": [], "more": {}, "live": False, "amount": 5}
    found = like(value, dict(value))
    assert (found.score, found.differences, found.points) == (1.0, [], 7)


def test_what_differs_by_nature_only_has_to_be_there() -> None:
    recorded = {"id": ID, "created": 1_700_000_000, "url": "https://a.example/x", "name": "Ada", "text": "A sentence."}
    ours = {"id": OTHER, "created": 1_800_000_000, "url": "https://b.example/y", "name": "Bob", "text": "Another one!"}
    assert like(recorded, ours).score == 1.0
    assert like(recorded, {**ours, "created": None}).score == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("recorded", "ours", "difference"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, Difference("fields", "b", "missing in ours; recorded number")),
        ({"a": 1}, {"a": 1, "b": None}, Difference("fields", "b", "only in ours: null")),
        ({"a": 1, "b": 2}, {"a": 1, "b": "2"}, Difference("types", "b", "recorded 2, ours a text")),
        ({"a": 1, "b": None}, {"a": 1, "b": False}, Difference("values", "b", "recorded null, ours false")),
        ({"a": 1, "b": [7, 8]}, {"a": 1, "b": [7]}, Difference("lists", "b", "recorded 2 long, ours 1")),
        ({"a": [{"c": "on"}]}, {"a": [{"c": "off"}]}, Difference("values", "a[].c", "recorded on, ours off")),
        ({"b": {"object": "x"}}, {"b": {"object": "y"}}, Difference("object", "b.object", "recorded x, ours y")),
        ({"id": ID}, {"id": "pm_00000000000000"}, Difference("values", "id", "recorded cus_…, ours pm_…")),
        ({"last4": "4242"}, {"last4": "1881"}, Difference("values", "last4", "recorded a text, ours a text")),
    ],
)  # fmt: skip
def test_a_difference_has_its_place(recorded: Any, ours: Any, difference: Difference) -> None:
    found = like(recorded, ours)
    assert only(found) == difference
    assert found.score < 1


def test_what_is_missing_costs_as_much_as_it_holds() -> None:
    whole = {"a": 1, "inner": {"b": 1, "c": [1, 1]}}
    assert like(whole, {"a": 1}).score == pytest.approx(0.25)
    assert like(whole, {"a": 1, "inner": None}).score == pytest.approx(0.25)
    assert like({"a": 1}, whole).score == pytest.approx(0.25)
    assert like({"a": 1, "list": [{"b": 1, "c": 1}] * 3}, {"a": 1, "list": []}).score == pytest.approx(1 / 7)


def test_another_status_is_worth_nothing() -> None:
    error = {"error": {"type": "card_error", "code": "card_declined", "message": "No."}}
    found = compare(answer({"id": ID}), answer(error, 402), {}.get)
    assert (found.score, only(found).message) == (0.0, "recorded 200, ours 402 (card_declined, card_error)")
    assert found.losses() == {"status": 1.0}


def test_another_kind_of_error_or_of_object_is_worth_nothing() -> None:
    recorded = {"error": {"type": "card_error", "code": "card_declined", "message": "No.", "param": "source"}}
    other = {"error": {**recorded["error"], "code": "expired_card"}}
    assert (like(recorded, other, status=402).score, like(recorded, other, status=402).wrong) == (0.0, "error")
    less = {"error": {"type": "card_error", "message": "No.", "param": "source"}}
    assert like(recorded, less, status=402).score == 0.0
    words = {"error": {**recorded["error"], "message": "Your card was declined."}}
    assert like(recorded, words, status=402).score == 1.0
    place = {"error": {**recorded["error"], "param": "card"}}
    assert 0 < like(recorded, place, status=402).score < 1
    assert like({"object": "card", "a": 1}, {"object": "source", "a": 1}).losses() == {"object": 1.0}


def test_an_object_in_an_error_may_have_types_of_its_own() -> None:
    inner = {"type": "requires_action", "a": 1}
    recorded = {"error": {"code": "c", "intent": {"next": inner}}}
    ours = {"error": {"code": "c", "intent": {"next": {**inner, "type": "other"}}}}
    assert like(recorded, ours, status=402).score == pytest.approx(2 / 3)


def test_what_the_caller_said_is_echoed() -> None:
    said = {"Ada": "Ada", ID: OTHER}
    assert like({"name": "Ada", "customer": ID}, {"name": "Ada", "customer": OTHER}, said).score == 1.0
    found = like({"name": "Ada", "customer": ID}, {"name": "Bob", "customer": "cus_11111111111111"}, said)
    assert [each.aspect for each in found.differences] == ["echo", "echo"]
    assert "Ada" not in repr(found)
    assert ID not in repr(found)


def test_nothing_of_a_recording_is_repeated_but_words_of_the_api() -> None:
    recorded = {"city": "Graz-Nord 7", "client_secret": "abc", "password": "hunter", "status": "on", "n": 1_700_000_000}
    found = like(recorded, dict.fromkeys(recorded))
    assert [each.message.partition(",")[0].removeprefix("recorded ") for each in found.differences] == [
        "a text", "another", "another", "on", "a time",
    ]  # fmt: skip


def test_what_is_drawn_by_chance_is_no_value() -> None:
    recorded = {"risk_score": 24, "fingerprint": "AbC1", "id": "x"}
    assert like(recorded, {"risk_score": 61, "fingerprint": "xyz", "id": "y"}).score == 1.0
    assert like(recorded, {**recorded, "risk_score": "61"}).score < 1.0


def test_masks_are_no_values() -> None:
    recorded = {"a": HIDDEN, "b": "masked-name-0123abcd"}
    assert like(recorded, {"a": "x", "b": "y"}).score == 1.0


def test_bodies_of_other_kinds() -> None:
    assert compare(answer(b"abc", kind="bytes"), answer(b"abc", kind="bytes"), {}.get).score == 1.0
    assert compare(answer(b"abc", kind="bytes"), answer(b"abd", kind="bytes"), {}.get).score == 0.0
    assert compare(answer(None, 204, "none"), answer(None, 204, "none"), {}.get).score == 1.0
    found = compare(answer({"a": 1, "b": 2}), answer(None, kind="none"), {}.get)
    assert (found.score, only(found).message) == (0.0, "recorded a body of json, ours of none")


def test_one_element_of_xml_and_several_are_both_lists() -> None:
    one, two = {"Contents": {"Key": "a"}}, {"Contents": [{"Key": "a"}, {"Key": "b"}]}
    found = compare(answer(two, kind="xml"), answer(one, kind="xml"), {}.get)
    assert only(found) == Difference("lists", "Contents", "recorded 2 long, ours 1")
    assert compare(answer(two), answer(one), {}.get).differences[0].aspect == "types"


def test_ids_are_learned_where_the_same_thing_stands() -> None:
    recorded = {"id": ID, "latest": "ch_1AbCdEfGh2", "other": "in_1AbCdEfGh2", "word": "active", "uploadId": "x"}
    ours = {"id": OTHER, "latest": "ch_99999999", "other": "sub_9999999", "word": "active", "uploadId": "y"}
    assert set(ids([recorded], [ours])) == {
        (ID, OTHER, True),
        ("ch_1AbCdEfGh2", "ch_99999999", False),
        ("x", "y", True),
    }
    assert named_ids({"data": [recorded]}) == {ID}
    assert named_ids({"batch_id": "AbCd12345", "kind_id": "word", "metadata": {"id": "1000"}}) == {"AbCd12345"}
