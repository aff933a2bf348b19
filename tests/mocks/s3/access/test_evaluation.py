"""What a policy decides: who, what, where, and the precedence of a deny."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.s3.access.documents import parsed
from mocks.s3.access.evaluation import Asked, Verdict, decide
from tests.mocks.s3.access.policies import BUCKET, OBJECTS, document, statement

ANN, BOB = ("111122223333", "ab" * 32), ("444455556666", "cd" * 32)
HELD = {"aws:sourceip": ["10.0.0.1"], "s3:prefix": ["ours/"]}


def ask(
    *statements: dict[str, Any],
    who: tuple[str, str] | None = ANN,
    action: str = "GetObject",
    resource: str = f"{BUCKET}/a/b",
    **members: Any,
) -> Verdict:
    """The verdict of a policy of these statements."""
    account, canonical = who or (None, None)
    policy = parsed(document(*statements, **members), "bkt")
    return decide(policy, Asked(account, canonical, action, resource, HELD.get))


@pytest.mark.parametrize(
    ("principal", "anonymous", "ann", "bob"),
    [
        ("*", "allow", "allow", "allow"),
        ({"AWS": "*"}, "allow", "allow", "allow"),
        ({"AWS": ANN[0]}, "silent", "allow", "silent"),
        ({"AWS": f"arn:aws:iam::{ANN[0]}:root"}, "silent", "allow", "silent"),
        ({"CanonicalUser": BOB[1]}, "silent", "silent", "allow"),
        ({"AWS": [ANN[0], BOB[1]]}, "silent", "allow", "allow"),
        # Accounts have no users here.
        ({"AWS": f"arn:aws:iam::{ANN[0]}:user/x"}, "silent", "silent", "silent"),
        ({"Service": "logging.s3.amazonaws.com"}, "silent", "silent", "silent"),
    ],
)
def test_who(principal: Any, anonymous: str, ann: str, bob: str) -> None:
    found = [ask(statement(Principal=principal), who=who) for who in (None, ANN, BOB)]
    assert found == [anonymous, ann, bob]


def test_everybody_but() -> None:
    denied = statement(Effect="Deny", Principal=None, NotPrincipal={"AWS": ANN[0]})
    assert [ask(denied, who=who) for who in (None, ANN, BOB)] == ["deny", "silent", "deny"]


@pytest.mark.parametrize(
    ("members", "action", "resource", "expected"),
    [
        ({}, "GetObject", f"{BUCKET}/x", "allow"),
        ({}, "PutObject", f"{BUCKET}/x", "silent"),
        ({"Action": "s3:get*"}, "GetObjectTagging", f"{BUCKET}/x", "allow"),
        ({"Action": "*", "Resource": "*"}, "ListBucket", BUCKET, "allow"),
        ({"Action": None, "NotAction": "s3:GetObject"}, "GetObject", f"{BUCKET}/x", "silent"),
        ({"Action": None, "NotAction": "s3:GetObject"}, "PutObject", f"{BUCKET}/x", "allow"),
        ({"Resource": f"{BUCKET}/a/*"}, "GetObject", f"{BUCKET}/b/a/", "silent"),
        ({"Resource": f"{BUCKET}/?.txt"}, "GetObject", f"{BUCKET}/a.txt", "allow"),
        ({"Resource": None, "NotResource": f"{BUCKET}/a/*"}, "GetObject", f"{BUCKET}/b", "allow"),
        ({"Resource": None, "NotResource": f"{BUCKET}/a/*"}, "GetObject", f"{BUCKET}/a/b", "silent"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, "GetObject", f"{BUCKET}/x", "allow"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "11.0.0.0/8"}}}, "GetObject", f"{BUCKET}/x", "silent"),
        ({"Resource": f"{BUCKET}/${{s3:prefix}}*"}, "GetObject", f"{BUCKET}/ours/x", "allow"),
    ],
)
def test_what_and_where(members: dict[str, Any], action: str, resource: str, expected: str) -> None:
    assert ask(statement(**members), action=action, resource=resource) == expected


def test_every_condition_must_hold() -> None:
    both = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:Referer": "x"}}
    assert ask(statement(Condition=both)) == "silent"


def test_variables_are_text_in_the_older_version() -> None:
    named = statement(Resource=f"{BUCKET}/${{s3:prefix}}*")
    assert ask(named, resource=f"{BUCKET}/ours/x", Version="2008-10-17") == "silent"


@given(st.lists(st.sampled_from(("Allow", "Deny", "other")), min_size=1, max_size=6))
def test_a_deny_wins_wherever_it_stands(effects: list[str]) -> None:
    made = [
        statement(Action="s3:PutObject", Resource=OBJECTS) if effect == "other" else statement(Effect=effect)
        for effect in effects
    ]
    expected = "deny" if "Deny" in effects else "allow" if "Allow" in effects else "silent"
    assert ask(*made) == expected


PARTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(("Allow", "Deny")),
        "Principal": st.sampled_from(("*", ANN[0], BOB[0])),
        "Action": st.lists(
            st.sampled_from(("s3:Get*", "s3:GetObject", "s3:PutObject", "s3:*")), min_size=1, max_size=2
        ),
        "Resource": st.lists(
            st.sampled_from((OBJECTS, f"{BUCKET}/a/*", f"{BUCKET}/?", f"{BUCKET}/b")), min_size=1, max_size=2
        ),
        "Negated": st.booleans(),
    }
)


@given(st.lists(PARTS, min_size=1, max_size=4), st.sampled_from((None, ANN, BOB)), st.sampled_from(("a/b", "b", "cc")))
def test_as_it_reads(parts: list[dict[str, Any]], who: tuple[str, str] | None, key: str) -> None:
    """Against the rules written down once more, in the plainest way."""
    effects = {
        each["Effect"]
        for each in parts
        if each["Principal"] in ("*", who and who[0])
        and any(fnmatchcase("s3:GetObject", action) for action in each["Action"])
        and any(fnmatchcase(f"{BUCKET}/{key}", resource) for resource in each["Resource"]) is not each["Negated"]
    }
    expected = "deny" if "Deny" in effects else "allow" if "Allow" in effects else "silent"
    assert ask(*map(_stated, parts), who=who, resource=f"{BUCKET}/{key}") == expected


def _stated(part: dict[str, Any]) -> dict[str, Any]:
    principal = "*" if part["Principal"] == "*" else {"AWS": part["Principal"]}
    resource = (
        {"NotResource": part["Resource"], "Resource": None} if part["Negated"] else {"Resource": part["Resource"]}
    )
    return statement(Effect=part["Effect"], Principal=principal, Action=part["Action"], **resource)
