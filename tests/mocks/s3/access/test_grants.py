"""What grants are worth."""

from __future__ import annotations

import pytest

from mocks.s3.access.grants import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    LOG_DELIVERY,
    canned,
    granted,
    grants_of,
    private,
    public,
    shown,
)

ANN, BOB = "ann", "bob"


@pytest.mark.parametrize(
    ("grantee", "held", "who", "permission", "expected"),
    [
        (ANN, "READ", ANN, "READ", True),
        (ANN, "READ", BOB, "READ", False),
        (ANN, "READ", ANN, "WRITE", False),
        (ANN, "FULL_CONTROL", ANN, "WRITE_ACP", True),
        (ALL_USERS, "READ", None, "READ", True),
        (ALL_USERS, "READ", BOB, "READ", True),
        (AUTHENTICATED_USERS, "READ", None, "READ", False),
        (AUTHENTICATED_USERS, "READ", BOB, "READ", True),
        (LOG_DELIVERY, "READ", BOB, "READ", False),
    ],
)
def test_granted(grantee: str, held: str, who: str | None, permission: str, expected: bool) -> None:
    assert granted([["ID", grantee, held]], who, permission) is expected


def test_public_ones() -> None:
    grants = canned("public-read", ANN, ANN)
    assert public(grants)
    assert not public(canned("log-delivery-write", ANN, ANN))
    assert private(grants) == [["ID", ANN, "FULL_CONTROL"]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bucket-owner-read", [["ID", ANN, "FULL_CONTROL"], ["ID", BOB, "READ"]]),
        ("bucket-owner-full-control", [["ID", ANN, "FULL_CONTROL"], ["ID", BOB, "FULL_CONTROL"]]),
        ("private", [["ID", ANN, "FULL_CONTROL"]]),
    ],
)
def test_an_object_in_a_bucket_of_somebody_else(name: str, expected: list[list[str]]) -> None:
    assert canned(name, ANN, BOB) == expected


def test_machines_read_their_images() -> None:
    assert [permission for _, _, permission in canned("aws-exec-read", ANN, ANN)] == ["FULL_CONTROL", "READ"]


def test_a_list_may_be_empty() -> None:
    assert grants_of({}, ANN) == [["ID", ANN, "FULL_CONTROL"]]
    assert grants_of({"acl": []}, ANN) == []


def test_as_it_is_told() -> None:
    assert shown([["ID", ANN, "READ"], ["URI", ALL_USERS, "WRITE"]]) == [
        {"Grantee": {"Type": "CanonicalUser", "ID": ANN}, "Permission": "READ"},
        {"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "WRITE"},
    ]
