"""Actions and condition keys."""

from __future__ import annotations

import pytest

from mocks.s3.access.vocabulary import ACTIONS, bearers, expanded, known


@pytest.mark.parametrize(
    ("action", "count"),
    [("s3:GetObject", 1), ("S3:getobject", 1), ("s3:Nothing", 0), ("sqs:*", 0), ("*", len(ACTIONS))],
)
def test_what_an_action_stands_for(action: str, count: int) -> None:
    assert len(expanded(action)) == count


def test_patterns_of_actions() -> None:
    assert {"GetObjectTagging", "GetObjectVersionTagging"} <= expanded("s3:Get*Tagging")
    assert "PutObject" not in expanded("s3:Get*")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("s3:prefix", True),
        ("s3:existingobjecttag/kind", True),
        ("s3:signatureversion", True),
        ("s3:sse", False),
        ("aws:sourceip", True),
        ("aws:principaltag/team", True),
        ("aws:nothing", False),
        ("saml:aud", True),
        ("plain", False),
    ],
)
def test_keys(key: str, expected: bool) -> None:
    assert known(key) is expected


def test_what_has_a_key() -> None:
    assert bearers("s3:prefix") == {"ListBucket", "ListBucketVersions"}
    assert bearers("aws:sourceip") is None
    assert "GetObject" in (bearers("s3:existingobjecttag/x") or ())


def test_every_key_names_actions_that_there_are() -> None:
    for key in ("s3:prefix", "s3:versionid", "s3:x-amz-acl", "s3:requestobjecttag/x", "s3:x-amz-storage-class"):
        assert (bearers(key) or frozenset()) <= set(ACTIONS)
