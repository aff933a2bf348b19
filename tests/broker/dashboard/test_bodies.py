"""Bodies for people, places of forms, and a call as a command."""

from __future__ import annotations

import shlex

import pytest

from broker.dashboard import bodies

JSON, FORM = (
    [("Content-Type", "application/json")],
    [("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
)


def test_bodies_are_read_by_what_they_are() -> None:
    assert bodies.read('{"a": [1]}', JSON, 10) == bodies.Body("json", {"a": [1]})
    assert bodies.read("a=1&b[c]=%C3%A4&d", FORM, 17) == bodies.Body("form", [("a", "1"), ("b[c]", "ä"), ("d", "")])
    assert bodies.read("<a/>", [], 4) == bodies.Body("text", "<a/>")
    assert bodies.read(None, [], 0) == bodies.Body("none", None)
    assert "streamed" in bodies.read(None, [], 5).note


def test_what_is_cut_is_said_and_shown_as_text() -> None:
    found = bodies.read('{"a": "bcd', JSON, 5000)
    assert found.kind == "text"
    assert "5000 bytes" in found.note
    assert bodies.read('{"a": "[hidden]"}', JSON, 5000).note == ""


@pytest.mark.parametrize(
    ("name", "place"),
    [("amount", "body.amount"), ("card[number]", "body.card.number"), ("items[0][price]", "body.items[0].price")],
)
def test_fields_of_forms_have_places(name: str, place: str) -> None:
    assert bodies.place_of(name) == place


def test_marks_are_of_one_side() -> None:
    violations = [
        {"side": "request", "where": "body.a", "message": "one"},
        {"side": "request", "where": "body.a", "message": "two"},
        {"side": "response", "where": "body.b", "message": "three"},
    ]
    assert bodies.marks(violations, "request") == {"body.a": ["one", "two"]}


def test_a_command_is_one_that_a_shell_takes() -> None:
    exchange = {
        "method": "POST",
        "path": "/v1/things?a=$(x)",
        "request_headers": [("Host", "pay.pr-1.localhost:4600"), ("Content-Length", "3"), ("x-a", "it's; `id`")],
        "request_body": "a='b'\n&c=$HOME",
    }
    words = shlex.split(bodies.command(exchange, "https://broker.example").replace(" \\\n ", " "))
    assert words == [
        "curl",
        "-X",
        "POST",
        "https://pay.pr-1.localhost:4600/v1/things?a=$(x)",
        "-H",
        "x-a: it's; `id`",
        "--data-raw",
        "a='b'\n&c=$HOME",
    ]
    bare = {"method": "GET", "path": "/x", "request_headers": [], "request_body": None}
    assert bodies.command(bare, "http://127.0.0.1:4600") == "curl -X GET http://127.0.0.1:4600/x"
