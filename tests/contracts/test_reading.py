"""Reading requests: what is ordered, what is left alone, and forms as OpenAPI documents have them."""

from __future__ import annotations

from contracts import library
from tests.contracts import small
from tests.contracts.small import FORM, JSON


def test_an_openapi_form_is_coerced_and_a_lone_value_is_an_array() -> None:
    sent = small.request("POST", "/s1/things/1", body=b"name=ab&count=3&loud=true&colours=red", headers=[FORM])
    assert small.read(small.contract(), sent).body == {"name": "ab", "count": 3, "loud": True, "colours": ["red"]}
    sent = small.request("POST", "/s1/things/1", body=b"name=ab&colours=red&colours=green", headers=[FORM])
    assert small.read(small.contract(), sent).body == {"name": "ab", "colours": ["red", "green"]}


def test_violations_of_all_places_come_together_the_most_telling_first() -> None:
    sent = small.request("POST", "/s1/things/0", body=b"count=x&surplus=1&loud=y", query="q=1", headers=[FORM])
    assert [(violation.where, violation.rule) for violation in small.refused(small.contract(), sent)] == [
        ("query.q", "unknown"),
        ("body.surplus", "unknown"),
        ("body.name", "required"),
        ("path.id", "minimum"),
        ("body.count", "type"),
        ("body.loud", "type"),
    ]


def test_a_body_that_nobody_asked_for_is_left_alone() -> None:
    sent = small.request("GET", "/s1/things", body=b"nonsense", headers=[JSON])
    assert small.read(small.contract(), sent).body is None


def test_a_body_without_a_media_type_is_read_as_the_operation_reads_it() -> None:
    sent = small.request("POST", "/s1/things", body=b'{"name": "a", "shape": {"kind": "circle", "radius": 1}}')
    assert small.read(small.contract(), sent).body["name"] == "a"


def test_a_json_body_with_a_suffix_type() -> None:
    body = b'{"name": "a", "shape": {"kind": "circle", "radius": 1}}'
    sent = small.request("POST", "/s1/things", body=body, headers=[("content-type", "application/vnd.x+json; v=1")])
    assert small.read(small.contract(), sent).body["name"] == "a"
    sent = small.request("POST", "/s1/things", body=body, headers=[("content-type", "text/plain")])
    assert [violation.rule for violation in small.refused(small.contract(), sent)] == ["content_type"]


def test_path_parameters_of_any_text_are_handed_on_as_they_are() -> None:
    stripe = library.load("stripe")
    sent = small.request("GET", "/v1/customers/cus%5F1")
    match = stripe.match(sent)
    assert match is not None
    assert stripe.read(match, sent).path == {"customer": "cus_1"}
