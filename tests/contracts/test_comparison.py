"""Each class of planted drift is found at its severity; without the plant the answers agree."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts.comparison import Answer, Hints, compare, compare_events, read
from contracts.exchange import Response

BODY = {"id": "cus_9s6XKzkNRiz8i3", "amount": 5, "status": "open", "tags": ["a", "b"], "created": 1_700_000_000}


def found(mock: Any, real: Any, status: tuple[int, int] = (200, 200), headers: Any = ()) -> list[tuple[str, str]]:
    media = ("content-type", "application/json")
    one, other = orjson.dumps(mock), orjson.dumps(real)
    answers = (
        read(Response(status[0], [media, ("etag", '"x"')]), one),
        read(Response(status[1], [media, *headers]), other),
    )
    return [(each.rule, each.severity) for each in compare("tiny", "things.create", *answers)]


ETAG = [("etag", '"x"')]


def test_what_always_differs_is_no_drift() -> None:
    assert found(BODY, {**BODY, "id": "cus_8t7YLalOSja9j4", "created": 1_800_000_000}, headers=ETAG) == []


@pytest.mark.parametrize(
    ("real", "expected"),
    [
        ({key: value for key, value in BODY.items() if key != "amount"}, ("field-removed", "breaking")),
        ({**BODY, "more": 1}, ("field-added", "breaking")),
        ({**BODY, "amount": "5"}, ("type-changed", "breaking")),
        ({**BODY, "status": "closed"}, ("value-changed", "risky")),
        ({**BODY, "tags": ["b", "a"]}, ("order-changed", "risky")),
        ({**BODY, "amount": None}, ("null-changed", "risky")),
    ],
)
def test_a_planted_difference_is_found(real: Any, expected: tuple[str, str]) -> None:
    assert found(BODY, real, headers=ETAG) == [expected]


def test_statuses_headers_and_error_codes_are_found() -> None:
    assert found(BODY, BODY, (200, 201), ETAG) == [("status-changed", "breaking")]
    assert found(BODY, BODY) == [("header-removed", "breaking")]
    errors = ({"error": {"code": "gone"}}, {"error": {"code": "missing"}})
    assert found(*errors, (404, 404), ETAG) == [("error-code-changed", "breaking")]


def test_events_are_compared_in_order() -> None:
    assert compare_events("tiny", "a", ["x", "y"], ["x", "y"]) == []
    assert [each.rule for each in compare_events("tiny", "a", ["x", "y"], ["y", "x"])] == ["event-order-changed"]
    assert [each.rule for each in compare_events("tiny", "a", ["x"], [])] == ["event-missing"]


def test_a_captured_text_is_masked_as_a_whole() -> None:
    one = read(Response(200, []), b'{"at": "/a/x", "id": "0a4bcdefa9123"}', {"key": "a"})
    other = read(Response(200, []), b'{"at": "/b/x", "id": "0123456abcdef"}', {"key": "b"})
    assert compare("tiny", "things.get", one, other) == []


def in_xml(mock: str, real: str) -> list[tuple[str, Any, Any]]:
    media = [("content-type", "application/xml")]
    answers = (read(Response(200, media), text.encode()) for text in (mock, real))
    return [(each.rule, each.before, each.after) for each in compare("tiny", "things.list", *answers)]


def test_xml_is_compared_below_its_outermost_element_whatever_that_is_called() -> None:
    assert in_xml("<Result><A>x</A></Result>", "<Response><A>x</A></Response>") == [
        ("root-changed", "Result", "Response")
    ]
    one, other = "<Result><A>x</A></Result>", "<Response><A>y</A></Response>"
    assert in_xml(one, other) == [("root-changed", "Result", "Response"), ("value-changed", "x", "y")]


def test_an_empty_element_of_xml_is_an_object_without_members() -> None:
    assert in_xml("<R/>", "<R><A>x</A></R>") == [("field-added", None, "string")]
    assert in_xml("<R><O><A>x</A></O></R>", "<R><O/></R>") == [("field-removed", "string", None)]


def test_short_numbers_of_xml_are_told_and_long_ones_are_not() -> None:
    assert in_xml("<R><N>1</N></R>", "<R><N>1000</N></R>") == [("value-changed", "1", "1000")]
    assert in_xml("<R><N>1</N></R>", "<R><N>4915112345678</N></R>") == [("value-changed", None, None)]


def test_another_object_is_told_by_the_name_that_the_probe_gave_it() -> None:
    made = {"one": "cus_9s6XKzkNRiz8i3", "two": "cus_8t7YLalOSja9j4"}
    again = {"one": "cus_1a2BCdeFGhi3j4", "two": "cus_5k6LMnoPQrs7t8"}
    answers = (
        read(Response(200, []), b'{"id": "cus_9s6XKzkNRiz8i3"}', made),
        read(Response(200, []), b'{"id": "cus_5k6LMnoPQrs7t8"}', again),
    )
    (found,) = compare("tiny", "things.get", *answers)
    assert (found.rule, found.before, found.after) == ("value-changed", "${one}", "${two}")


def test_elements_are_compared_by_the_names_that_the_probe_gave_them() -> None:
    made, again = {"one": "thi_1aB2cD3eF", "two": "thi_4gH5iJ6kL"}, {"one": "thi_7mN8oP9qR", "two": "thi_0sT1uV2wX"}
    ours = [{"id": made[name], "name": name, "size": 1} for name in made]
    theirs = [{"id": again[name], "name": name, "size": 2} for name in reversed(again)]
    answers = (
        read(Response(200, []), orjson.dumps({"data": ours}), made),
        read(Response(200, []), orjson.dumps({"data": theirs}), again),
    )
    found = compare("tiny", "things.list", *answers)
    assert [(each.rule, each.place) for each in found] == [
        ("order-changed", "response.200.body.data"),
        ("value-changed", "response.200.body.data[].size"),
    ]
    unordered = compare("tiny", "things.list", *answers, Hints(unordered=["body.data"]))
    assert [each.rule for each in unordered] == ["value-changed"]


def test_what_only_one_side_gave_is_masked_on_neither() -> None:
    one = read(Response(200, []), b'{"id": "0a4bcdefa9123"}', {"next": "0a4bcdefa9123"})
    other = read(Response(200, []), b'{"id": "0123456abcdef"}', {})
    assert compare("tiny", "things.list", one, other) == []


def test_elements_are_compared_by_what_they_are_called() -> None:
    one, two, three = ({"id": f"x{each}", "amount": each} for each in (1, 2, 3))
    assert found([one, two, three], [{**three, "more": 1}, two, one], headers=ETAG) == [
        ("order-changed", "risky"),
        ("field-added", "breaking"),
    ]
    assert found([one, two, three], [one, three], headers=ETAG) == [("length-changed", "risky")]
    assert found([one, two], [one, {"id": "y", "amount": 3}], headers=ETAG) == [("elements-changed", "risky")]
    # What nothing tells apart is compared by position.
    assert found([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 3}], headers=ETAG) == [("value-changed", "risky")]
    assert found([one, one], [one, {**one, "amount": 9}], headers=ETAG) == [("value-changed", "risky")]


def test_elements_without_a_name_are_told_apart_by_what_they_mention() -> None:
    def events(customer: str, *types: str, **more: Any) -> Answer:
        drawn = {"created": "evt_1PqRsTuVwXyZ", "gone": "evt_2AbCdEfGhIjK"}
        data = [{"id": drawn[each], "type": each, "of": customer, **more} for each in types]
        return Answer(200, "json", {"data": data}, {}, {"customer": customer})

    ours = events("cus_Ours1234567", "created", "gone")
    theirs = events("cus_Theirs98765", "gone", "created", odd=1)
    assert [(each.rule, each.place) for each in compare("tiny", "events.list", ours, theirs)] == [
        ("order-changed", "response.200.body.data"),
        ("field-added", "response.200.body.data[].odd"),
    ]
    stranger = Answer(200, "json", events("cus_Another5555", "created", "gone").value, {}, {"customer": "cus_x"})
    assert [each.rule for each in compare("tiny", "events.list", ours, stranger)] == ["elements-changed"]


def test_of_another_object_nothing_more_is_told() -> None:
    one = Answer(200, "json", {"id": "th_1aB2cD3eF", "size": 1}, {}, {"thing": "th_1aB2cD3eF"})
    stranger = Answer(200, "json", {"id": "th_4gH5iJ6kL", "size": 2, "odd": 1}, {}, {"thing": "th_7mN8oP9qR"})
    assert [(each.rule, each.place) for each in compare("tiny", "things.get", one, stranger)] == [
        ("value-changed", "response.200.body.id")
    ]


def test_one_element_of_xml_and_several_are_at_the_same_place() -> None:
    media = [("content-type", "application/xml")]
    places = set()
    for count in (1, 2):
        mock, real = b"<E><A>x</A></E>" * count, b"<E/>" * count
        sides = (read(Response(200, media), b"<R>" + each + b"</R>") for each in (mock, real))
        places |= {each.place for each in compare("tiny", "things.list", *sides)}
    assert places == {"response.200.body.R.E.A"}
