"""Bucket policies: what S3 takes, and its sentences for what it does not take."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.base import ServiceError
from mocks.s3.access.documents import LARGEST, parsed
from tests.mocks.s3.access.policies import BUCKET, OBJECTS, document, statement

ID, CANONICAL = "111122223333", "ab" * 32


def refused(text: str) -> str:
    """The sentence with which the policy is refused."""
    with pytest.raises(ServiceError) as caught:
        parsed(text, "bkt")
    assert (caught.value.status, caught.value.code) == (400, "MalformedPolicy")
    return caught.value.message


@pytest.mark.parametrize("text", ["", " {}", "[]", "{", "null", "x", '{"Statement": [], "Statement": []}'])
def test_what_is_no_json_object(text: str) -> None:
    assert refused(text) == "Policies must be valid JSON and the first byte must be '{'"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "Missing required field Statement"),
        ('{"Statement": []}', "Could not parse the policy: Statement is empty!"),
        ('{"Statement": ["x"]}', "Invalid policy syntax."),
        (document(Version="2012-10-18"), "The policy must contain a valid version string"),
        (document(Extra="x"), "Unknown field Extra"),
    ],
)
def test_documents(text: str, sentence: str) -> None:
    assert refused(text) == sentence


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"Effect": None}, "Missing required field Effect"),
        ({"Effect": "allow"}, "Invalid effect: allow"),
        ({"Principal": None}, "Missing required field Principal"),
        ({"Principal": {}}, "Missing required field Principal cannot be empty!"),
        ({"Action": None}, "Missing required field Action"),
        ({"Action": []}, "Missing required field Action cannot be empty!"),
        ({"Resource": None}, "Missing required field Resource"),
        ({"Extra": 1}, "Unknown field Extra"),
        ({"Sid": 1}, "Invalid policy syntax."),
        ({"NotPrincipal": "*"}, "Statement contains both Principal and NotPrincipal"),
        ({"Principal": None, "NotPrincipal": {"AWS": ID}}, "Allow with NotPrincipal is not allowed."),
        ({"Action": "s3:Fetch"}, "Policy has invalid action"),
        ({"Action": "ec2:Start*"}, "Policy has invalid action"),
        ({"Action": 5}, "Policy has invalid action"),
        ({"Resource": "arn:aws:s3:::other/*"}, "Policy has invalid resource"),
        ({"Resource": "bkt/*"}, "Policy has invalid resource"),
        ({"Resource": [1]}, "Policy has invalid resource"),
        ({"Resource": BUCKET}, "Action does not apply to any resource(s) in statement"),
        ({"Action": ["s3:GetObject", "s3:ListBucket"]}, "Action does not apply to any resource(s) in statement"),
        ({"Action": "s3:ListAllMyBuckets"}, "Action does not apply to any resource(s) in statement"),
        ({"Condition": []}, "Invalid policy syntax."),
        ({"Condition": {"StringEquals": "x"}}, "Invalid policy syntax."),
        ({"Condition": {"StringEquals": {"aws:SourceIp": {}}}}, "Invalid policy syntax."),
        ({"Condition": {"StringEqual": {"aws:Referer": "x"}}}, "Invalid Condition type : StringEqual"),
        ({"Condition": {"StringEquals": {"aws:Foo": "x"}}}, "Policy has an invalid condition key"),
        ({"Condition": {"StringEquals": {"s3:foo": "x"}}}, "Policy has an invalid condition key"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "x"}}}, "Invalid value for condition IpAddress of aws:SourceIp"),
        (
            {"Condition": {"StringEquals": {"s3:prefix": "x"}}},
            "Conditions do not apply to combination of actions and resources in statement",
        ),
    ],
)
def test_statements(members: dict[str, Any], sentence: str) -> None:
    assert refused(document(statement(**members))) == sentence


@pytest.mark.parametrize(
    "principal",
    [
        "x",
        ["*"],
        {"AWS": "x"},
        {"AWS": "12345"},
        {"AWS": f"arn:aws:iam::{ID}:user/*"},
        {"AWS": f"arn:aws:iam::{ID}:root/x"},
        {"AWS": [ID, 5]},
        {"CanonicalUser": "abc"},
        {"Service": "*"},
        {"Service": "example.com"},
        {"Nobody": "*"},
        {"Federated": ""},
    ],
)
def test_principals_that_are_none(principal: Any) -> None:
    assert refused(document(statement(Principal=principal))) == "Invalid principal in policy"


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": ID},
        {"AWS": [f"arn:aws:iam::{ID}:root", f"arn:aws:iam::{ID}:user/a/b", f"arn:aws:sts::{ID}:assumed-role/r/s"]},
        {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},
        {"AWS": CANONICAL, "CanonicalUser": [CANONICAL]},
        {"Service": ["cloudfront.amazonaws.com", "logging.s3.amazonaws.com"]},
        {"Federated": "graph.facebook.com"},
    ],
)
def test_principals(principal: Any) -> None:
    assert parsed(document(statement(Principal=principal)), "bkt").statements


@pytest.mark.parametrize(
    "members",
    [
        {"Action": "*", "Resource": "*"},
        {"Action": "S3:getobject"},
        {"Action": ["s3:*"], "Resource": [BUCKET, OBJECTS]},
        {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b?t"},
        {"Resource": "arn:aws:s3:::*"},
        {"Resource": "arn:aws:s3:::bkt/ours/${aws:username}/*"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": ID}, "Principal": None},
        {"Action": None, "NotAction": "s3:ListBucket"},
        {"Resource": None, "NotResource": "arn:aws:s3:::bkt/secret/*"},
        {"Condition": {"StringLike": {"s3:prefix": "x/*"}}, "Action": "s3:ListBucket", "Resource": BUCKET},
        {"Condition": {"StringEquals": {"s3:ExistingObjectTag/Kind": "public"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": False}}},
        {"Condition": {"NumericLessThan": {"s3:max-keys": 10}}, "Action": "s3:List*", "Resource": BUCKET},
        {"Condition": {"StringEquals": {"saml:aud": "x"}}},
    ],
)
def test_statements_that_are_taken(members: dict[str, Any]) -> None:
    assert len(parsed(document(statement(**members)), "bkt").statements) == 1


def test_one_statement_needs_no_list() -> None:
    assert parsed(json.dumps({"Id": "x", "Statement": statement()}), "bkt").statements


def test_ids_of_statements_differ() -> None:
    twice = document(statement(Sid="a"), statement(Sid="a"))
    assert refused(twice) == "Statement IDs (SID) in a single policy must be unique."
    assert parsed(document(statement(Sid="a"), statement(Sid="b"), statement(), statement(Sid="")), "bkt")


def test_the_largest() -> None:
    room = LARGEST - len(document(Id="").replace(" ", ""))
    assert parsed(document(Id="x" * room), "bkt")
    assert "maximum allowed size of 20480 bytes" in refused(document(Id="x" * (room + 1)))


def outcome(text: str) -> str:
    """``taken``, or the code with which the policy is refused."""
    try:
        parsed(text, "bkt")
    except ServiceError as error:
        return error.code
    return "taken"


WORDS = ["Version", "2012-10-17", "Statement", "Effect", "Allow", "Principal", "AWS", "*", "Action", "s3:*", "Resource"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["Version", "Id", "Statement"]), VALUES) | VALUES)
def test_whatever_it_is_it_is_refused_or_taken(value: Any) -> None:
    assert outcome(json.dumps(value)) in ("taken", "MalformedPolicy")


@given(st.sampled_from(["Effect", "Principal", "Action", "Resource", "Condition", "Sid", "NotAction"]), VALUES)
def test_whatever_a_member_is_it_is_refused_or_taken(name: str, value: Any) -> None:
    members = {"Action": None} if name == "NotAction" else {}
    assert outcome(document({**statement(**members), name: value})) in ("taken", "MalformedPolicy")


def test_what_is_too_deep() -> None:
    assert refused('{"Statement":' + "[" * 20_000).startswith("Policies must be valid JSON")
    assert refused('{"Statement":' + "[" * 9000 + "]" * 9000 + "}")
