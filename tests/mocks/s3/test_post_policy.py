"""Policies of forms: read as S3's own documentation writes them, and refused in its words."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.base import ServiceError
from mocks.s3.post_policy import Condition, read_policy

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
END = "2026-11-27T12:05:00.000Z"


def encoded(document: Any) -> str:
    text = document if isinstance(document, str) else orjson.dumps(document).decode()
    return base64.b64encode(text.encode()).decode()


def refused(document: Any) -> str:
    with pytest.raises(ServiceError) as raised:
        read_policy(encoded(document))
    assert (raised.value.status, raised.value.code) == (400, "InvalidPolicyDocument")
    return raised.value.message


def test_the_example_of_the_documentation() -> None:
    text = """{ "expiration": "2026-12-01T12:00:00.000Z",
      "conditions": [
        {"acl": "public-read" },
        {"bucket": "johnsmith" },
        ["starts-with", "$key", "user/eric/"],
        ["content-length-range", 1048579, 10485760],
      ]
    }"""
    policy = read_policy(encoded(text))
    assert policy.expiration == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert [condition.text for condition in policy.conditions] == [
        '["eq", "$acl", "public-read"]',
        '["eq", "$bucket", "johnsmith"]',
        '["starts-with", "$key", "user/eric/"]',
    ]
    assert policy.sizes == (1048579, 10485760)
    policy.check({"acl": "public-read", "bucket": "johnsmith", "key": "user/eric/a", "file": ""})


def test_escapes_that_json_does_not_have() -> None:
    text = f'{{"expiration": "{END}", "conditions": [{{"key": "a\\$b\\\\c\\vd\\u00fc,]"}}]}}'
    (condition,) = read_policy(encoded(text)).conditions
    assert condition.value == "a$b\\c\x0bd\u00fc,]"


def test_ranges_are_taken_together() -> None:
    ranges = [["content-length-range", 1, 100], ["content-length-range", "10", "1000"]]
    assert read_policy(encoded({"expiration": END, "conditions": ranges})).sizes == (10, 100)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_prefix_is_one(start: str, rest: str) -> None:
    condition = Condition("starts-with", "key", "$key", start)
    assert condition.holds({"key": start + rest})
    assert condition.holds({"key": rest}) == rest.startswith(start)
    assert not condition.holds({})


def test_a_list_of_types_is_matched_one_by_one() -> None:
    images = Condition("starts-with", "content-type", "$Content-Type", "image/")
    assert images.holds({"content-type": "image/jpg, image/png"})
    assert not images.holds({"content-type": "image/jpg,text/html"})
    assert Condition("starts-with", "key", "$key", "a").holds({"key": "a,b"})


def test_names_of_fields_have_no_case_and_values_have() -> None:
    policy = read_policy(encoded({"expiration": END, "conditions": [["EQ", "$Content-TYPE", "a/B"]]}))
    policy.check({"content-type": "a/B"})
    with pytest.raises(ServiceError, match=r'Policy Condition failed: \["eq", "\$Content-TYPE", "a/B"\]'):
        policy.check({"content-type": "a/b"})


def test_the_moment_of_its_end_is_too_late() -> None:
    policy = read_policy(encoded({"expiration": END, "conditions": []}))
    policy.check({"policy": "p", "x-amz-signature": "s", "file": "", "x-ignore-a": "1"})
    policy.check_time(NOW)
    with pytest.raises(ServiceError, match=r"Policy expired\."):
        policy.check_time(policy.expiration)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("nonsense", "Invalid JSON."),
        ("[]", "Invalid JSON."),
        ("[" * 100_000, "Invalid JSON."),
        ("9" * 5_000, "Invalid JSON."),
        ('{"expiration": "\\ud800", "conditions": []}', "Invalid JSON."),
        ({"conditions": []}, "Policy missing expiration."),
        ({"expiration": END}, "Policy missing conditions."),
        ({"expiration": END, "conditions": [], "x": 1}, "Unexpected: 'x'."),
        ({"expiration": "tomorrow", "conditions": []}, "Invalid 'expiration' value: 'tomorrow'"),
        (
            {"expiration": "2026-02-30T00:00:00Z", "conditions": []},
            "Invalid 'expiration' value: '2026-02-30T00:00:00Z'",
        ),
        ({"expiration": 5, "conditions": []}, "Invalid 'expiration' value: '5'"),
        ({"expiration": END, "conditions": {}}, "Invalid 'conditions' value: must be a List."),
    ],
)
def test_documents_that_are_no_policy(document: Any, message: str) -> None:
    assert refused(document) == f"Invalid Policy: {message}"


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({}, "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."),
        ({"a": "1", "b": "2"}, "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."),
        ({"a": 1}, "Invalid Condition: values must be Strings."),
        (["eq", "$a", None], "Invalid Condition: values must be Strings."),
        ("eq", "Invalid Condition: conditions must be Lists or Simple-Conditions."),
        ([], "Invalid Condition: conditions must be Lists or Simple-Conditions."),
        (["ends-with", "$a", "b"], "Invalid Condition: unknown operation 'ends-with'."),
        (["eq", "$a"], "Invalid Condition: wrong number of arguments to eq."),
        (["eq", "a", "b"], "Invalid Condition: 'a' must begin with '$'."),
        (["content-length-range", 1], "Invalid Condition: wrong number of arguments to content-length-range."),
        (["content-length-range", 1, "many"], "Invalid content-length-range: 'many' is not a number."),
        (["content-length-range", -1, 2], "Invalid content-length-range: '-1' is not a number."),
        (["content-length-range", True, 2], "Invalid content-length-range: 'True' is not a number."),
    ],
)
def test_conditions_that_are_none(condition: Any, message: str) -> None:
    assert refused({"expiration": END, "conditions": [condition]}) == f"Invalid Policy: {message}"


def test_what_is_not_encoded() -> None:
    for text in ("{}", "a", "\u00fc", "gIA="):
        with pytest.raises(ServiceError, match="Invalid Base64 or UTF-8 encoding"):
            read_policy(text)
