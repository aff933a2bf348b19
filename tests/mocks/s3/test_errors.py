"""Errors carry S3's status and code."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.s3 import errors
from mocks.s3.wire import render_error
from tests.mocks.s3.conftest import code
from tests.mocks.s3.test_wire import GET


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.invalid_argument("m", "n", 1), "400 InvalidArgument"),
        (errors.invalid_request("m"), "400 InvalidRequest"),
        (errors.malformed_xml(), "400 MalformedXML"),
        (errors.access_denied(), "403 AccessDenied"),
        (errors.no_such_bucket("bkt"), "404 NoSuchBucket"),
        (errors.no_such_bucket("b"), "400 InvalidBucketName"),
        (errors.no_such_key("k"), "404 NoSuchKey"),
        (errors.no_such_upload("u"), "404 NoSuchUpload"),
        (errors.bad_digest("CRC32"), "400 BadDigest"),
        (errors.bad_md5(bytes(16), bytes(16)), "400 BadDigest"),
        (errors.invalid_digest("none"), "400 InvalidDigest"),
        (errors.precondition_failed("If-Match"), "412 PreconditionFailed"),
        (errors.malformed_trailer(), "400 MalformedTrailerError"),
        (errors.missing_content_length(), "411 MissingContentLength"),
        (errors.incomplete_body(2, 1), "400 IncompleteBody"),
        (errors.not_implemented("x"), "501 NotImplemented"),
    ],
)
def test_each(error: ServiceError, expected: str) -> None:
    assert code(render_error(error, GET)) == expected


def test_errors_of_digests_tell_them() -> None:
    told = errors.bad_md5(bytes.fromhex("5eb63bbbe01eeed093cb22bb8f5acdc3"), b"\xd4" * 16).details
    assert told == {
        "ExpectedDigest": "5eb63bbbe01eeed093cb22bb8f5acdc3",
        "CalculatedDigest": "1NTU1NTU1NTU1NTU1NTU1A==",
    }
    body = render_error(errors.invalid_digest("<none>"), GET).body
    assert b"<Content-MD5>&lt;none&gt;</Content-MD5>" in body
