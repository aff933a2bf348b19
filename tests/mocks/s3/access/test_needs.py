"""Which actions operations need."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import library
from contracts.contract import Params
from mocks.s3.access.needs import BY_THEMSELVES, NEEDS, OF_ACCOUNT, needed
from mocks.s3.access.vocabulary import ACTIONS


def test_every_operation_needs_something() -> None:
    operations = set(library.load("s3").operations())
    assert operations == set(NEEDS) | BY_THEMSELVES | OF_ACCOUNT
    assert not BY_THEMSELVES & set(NEEDS)


def test_every_need_is_an_action_on_what_the_operation_is_about() -> None:
    operations = library.load("s3").operations()
    for name, actions in NEEDS.items():
        expected = "bucket" if operations[name].resource == "bucket" else "object"
        assert {ACTIONS[action] for action in actions} == {expected}, name


@pytest.mark.parametrize(
    ("operation", "query", "header", "expected"),
    [
        ("GetObject", {}, {}, ["GetObject"]),
        ("GetObject", {"VersionId": "null"}, {}, ["GetObjectVersion"]),
        ("HeadObject", {"VersionId": "v"}, {}, ["GetObjectVersion"]),
        ("GetObjectAttributes", {"VersionId": "v"}, {}, ["GetObjectVersion", "GetObjectVersionAttributes"]),
        ("DeleteObject", {"VersionId": "v"}, {}, ["DeleteObjectVersion"]),
        ("PutObject", {}, {"ACL": "bucket-owner-full-control"}, ["PutObject"]),
        ("PutObject", {}, {"ACL": "public-read"}, ["PutObject", "PutObjectAcl"]),
        ("CreateMultipartUpload", {}, {"GrantRead": "id=x"}, ["PutObject", "PutObjectAcl"]),
        (
            "CopyObject",
            {},
            {"Tagging": "a=b", "ObjectLockMode": "GOVERNANCE", "ObjectLockLegalHoldStatus": "ON"},
            ["PutObject", "PutObjectTagging", "PutObjectRetention", "PutObjectLegalHold"],
        ),
        ("GetObject", {}, {"Tagging": "a=b"}, ["GetObject"]),
    ],
)
def test_what_a_call_needs(operation: str, query: dict[str, Any], header: dict[str, Any], expected: list[str]) -> None:
    assert needed(operation, Params(query=query, header=header)) == expected
