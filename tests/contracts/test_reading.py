"""Reading requests: what is ordered, what is left alone, and forms as OpenAPI documents have them."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import library
from contracts.contract import ContractViolation
from contracts.reading import MAX_JSON_DEPTH, MAX_VIOLATIONS
from tests.contracts import small
from tests.contracts.small import FORM, JSON

_MEMBERS = ["name", "shape", "size", "tags", "from", "personalizations", "payload", "description", "surplus"]


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


@pytest.mark.parametrize("depth", [MAX_JSON_DEPTH - 1, MAX_JSON_DEPTH, 500, 100_000])
def test_json_that_is_too_deep(depth: int) -> None:
    body = b'{"z":' + b"[" * depth + b"]" * depth + b"}"
    sent = small.request("POST", "/s1/things", body=body, headers=[JSON])
    rules = {violation.rule for violation in small.refused(small.contract(), sent)}
    assert rules == ({"unknown", "required"} if depth < MAX_JSON_DEPTH else {"too_deep"})


def test_wide_json_is_not_deep() -> None:
    things = [{"email": f"{number}@example.com"} for number in range(400)]
    body = orjson.dumps({"personalizations": [{"to": things}], "from": {"email": "a@example.com"}, "subject": "s"})
    contract = library.load("sendgrid")
    sent = small.request("POST", "/v3/mail/send", body=body, headers=[JSON])
    match = contract.match(sent)
    assert match is not None
    with contextlib.suppress(ContractViolation):
        assert contract.read(match, sent).body["subject"] == "s"


def test_only_so_many_violations_are_told() -> None:
    body = "&".join(f"surplus{number}=1" for number in range(1_000)).encode()
    sent = small.request("POST", "/s1/things/1", body=body, headers=[FORM])
    violations = small.refused(small.contract(), sent)
    assert len(violations) == MAX_VIOLATIONS
    assert {violation.rule for violation in violations} == {"unknown"}


_BODIES = st.one_of(
    st.binary(max_size=60),
    st.text('ab[]=&%0120.{}":,\x00é', max_size=60).map(str.encode),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_MEMBERS), inner, max_size=3),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)


@settings(derandomize=True, deadline=None, max_examples=400, database=None)
@given(st.data())
def test_whatever_is_sent_is_read_or_refused(data: st.DataObject) -> None:
    """Nothing but a ContractViolation leaves ``read``, and what it reads can be written as JSON."""
    contract: Any = data.draw(st.sampled_from([small.contract(), library.load("stripe"), library.load("sendgrid")]))
    operation = contract.operations()[data.draw(st.sampled_from(sorted(contract.operations())))]
    media = data.draw(st.sampled_from([FORM[1], JSON[1], 'multipart/form-data; boundary="x"', "", "nonsense"]))
    query = data.draw(st.text("ab[]=&%0120.limit,|é", max_size=30))
    headers = [("content-type", media)] if media else []
    sent = small.request(operation.method, operation.path, query=query, body=data.draw(_BODIES), headers=headers)
    match = contract.match(sent)
    assert match is not None
    with contextlib.suppress(ContractViolation):
        params = contract.read(match, sent)
        orjson.dumps([params.path, params.query, params.header, params.body])
