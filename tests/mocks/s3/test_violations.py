"""Requests that break the contract, in S3's words."""

from __future__ import annotations

import re

import pytest

from tests.mocks.s3.conftest import Caller, code


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "expected", "message", "argument"),
    [
        (
            "GET",
            "/bkt",
            "max-keys=x",
            {},
            "400 InvalidArgument",
            "Provided max-keys not an integer or within integer range",
            ("max-keys", "x"),
        ),
        (
            "GET",
            "/bkt",
            "uploads&max-uploads=99999999999",
            {},
            "400 InvalidArgument",
            "Provided max-uploads not an integer or within integer range",
            ("max-uploads", "99999999999"),
        ),
        (
            "GET",
            "/bkt",
            "encoding-type=base64",
            {},
            "400 InvalidArgument",
            "Invalid Encoding Method specified in Request",
            ("encoding-type", "base64"),
        ),
        ("PUT", "/bkt/k", "", {"x_amz_acl": "privat"}, "400 InvalidArgument", "", ("x-amz-acl", "privat")),
        (
            "PUT",
            "/bkt/k",
            "",
            {"x_amz_object_lock_mode": "abc"},
            "400 InvalidArgument",
            "Unknown wormMode directive.",
            ("x-amz-object-lock-mode", "abc"),
        ),
        (
            "PUT",
            "/bkt/k",
            "",
            {"x_amz_storage_class": "STD1"},
            "400 InvalidStorageClass",
            "The storage class you specified is not valid",
            None,
        ),
        (
            "PUT",
            "/bkt/k",
            "partNumber=x&uploadId=a",
            {},
            "400 InvalidArgument",
            "Part number must be an integer between 1 and 10000, inclusive",
            ("partNumber", "x"),
        ),
        (
            "PUT",
            "/new-bucket",
            "",
            {"x_amz_object_ownership": "Mine"},
            "400 InvalidArgument",
            "Invalid x-amz-object-ownership header: Mine",
            ("x-amz-object-ownership", "Mine"),
        ),
        (
            "POST",
            "/bkt/k",
            "uploads",
            {"x_amz_checksum_algorithm": "CRC32", "x_amz_checksum_type": "HALF"},
            "400 InvalidRequest",
            "Value for x-amz-checksum-type header is invalid.",
            None,
        ),
        (
            "GET",
            "/bkt/k",
            "attributes",
            {},
            "400 InvalidRequest",
            "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
            None,
        ),
    ],
)
async def test_a_parameter(
    s3: Caller,
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    expected: str,
    message: str,
    argument: tuple[str, str] | None,
) -> None:
    refused = await s3(method, path, query, **headers)
    assert code(refused) == expected
    assert f"<Message>{message}</Message>".encode() in refused.body
    found = re.search(b"<ArgumentName>(.*)</ArgumentName><ArgumentValue>(.*)</ArgumentValue>", refused.body)
    assert (found and (found[1].decode(), found[2].decode())) == argument


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("tagging", b"", "400 MissingRequestBodyError"),
        ("tagging", b"<Tagging>", "400 MalformedXML"),
        ("tagging", b"<Tagging><TagSet><Tog/></TagSet></Tagging>", "400 MalformedXML"),
        ("acl", b"<AccessControlPolicy><Nonsense/></AccessControlPolicy>", "400 MalformedACLError"),
    ],
)
async def test_a_body(s3: Caller, query: str, body: bytes, expected: str) -> None:
    refused = await s3("PUT", "/bkt", query, body)
    assert code(refused) == expected


async def test_a_bucket_that_can_never_be(s3: Caller) -> None:
    for name in ("a", "In_valid!", "x" * 256):
        for method, key in (("GET", ""), ("GET", "/k"), ("DELETE", "")):
            assert code(await s3(method, f"/{name}{key}")) == "400 InvalidBucketName"
    assert code(await s3("GET", "/Under_score")) == "404 NoSuchBucket"
