"""The ways of signing together: one of them, no tokens, claims that were not understood, bodies that nobody signed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from contracts.exchange import Headers, Request
from mocks.base import ServiceError
from mocks.s3.verification import malformed_claim, unframed, verify
from tests.mocks.s3.conftest import pieces
from tests.mocks.s3.signing import SECRET, now, presigned, signed


def refusal(request: Request) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        verify(request, SECRET, now())
    return caught.value


@pytest.mark.parametrize("query", ["Signature=a", "X-Amz-Algorithm=AWS4-HMAC-SHA256", "a=b&X-Amz-Signature=0"])
def test_one_way_alone(query: str) -> None:
    request = replace(signed(), query=query)
    told = refusal(request)
    assert (told.status, told.code) == (400, "InvalidArgument")
    assert told.message.startswith("Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter")
    assert told.details["ArgumentValue"] == request.headers.get("authorization")
    older = replace(request, headers=Headers([("authorization", "AWS AKIA:c2ln"), ("date", "x")]))
    assert refusal(older).code == "InvalidArgument"


@pytest.mark.parametrize("version", [2, 4])
def test_a_session_token_is_somebody_elses(version: int) -> None:
    request = signed(headers={"x-amz-security-token": "FwoGZXIvYXdzEA"}, version=version)
    told = refusal(request)
    assert (told.status, told.code, told.details) == (400, "InvalidToken", {"Token-0": "FwoG****"})
    query = presigned(version=version)
    assert refusal(replace(query, query=query.query + "&X-Amz-Security-Token=t")).details == {"Token-0": "t****"}


@pytest.mark.parametrize(
    ("header", "query", "code"),
    [
        (None, "", None),
        ("", "", None),
        ("AWS4-HMAC-SHA256 nonsense", "", "AuthorizationHeaderMalformed"),
        ("nonsense", "", "InvalidArgument"),
        ("AWS :c2ln", "", "InvalidArgument"),
        (None, "Signature=x&Expires=1", "AccessDenied"),
        (None, "X-Amz-Signature=x", "AuthorizationQueryParametersError"),
        ("nonsense", "X-Amz-Algorithm=x", "InvalidArgument"),
    ],
)
def test_why_a_claim_was_not_understood(header: str | None, query: str, code: str | None) -> None:
    pairs = [("authorization", header)] if header is not None else []
    told = malformed_claim(Request(method="GET", path="/", query=query, headers=Headers(pairs)))
    assert (told and told.code) == code


def test_a_body_that_nobody_signed() -> None:
    def put(sha256: str | None, body: bytes = b"hello") -> Request:
        pairs = [("x-amz-content-sha256", sha256), ("x-amz-decoded-content-length", "5")] if sha256 else []
        return Request(method="PUT", path="/bkt/k", headers=Headers(pairs), body=body)

    assert unframed(put(None)).body == b"hello"
    assert unframed(put("UNSIGNED-PAYLOAD")).body == b"hello"
    assert unframed(put(hashlib.sha256(b"hello").hexdigest())).body == b"hello"
    assert unframed(put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", b"5\r\nhello\r\n0\r\n\r\n")).body == b"hello"
    for sha256, code in (
        ("0" * 64, "XAmzContentSHA256Mismatch"),
        ("x", "InvalidArgument"),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "AccessDenied"),
    ):
        with pytest.raises(ServiceError, match=code):
            unframed(put(sha256))


async def test_what_nobody_signed_may_be_framed() -> None:
    body = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"
    fields = {
        "content-encoding": "aws-chunked",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "x-amz-decoded-content-length": "3",
    }

    def request(**headers: str) -> Request:
        return Request(method="PUT", path="/bkt/k", headers=Headers(headers.items()), stream=pieces(body))

    framed = unframed(request(**fields))
    assert framed.stream is not None
    assert b"".join([piece async for piece in framed.stream]) == b"abc"
    plain = request(**{"content-encoding": "gzip"})
    assert unframed(plain) is plain


def test_an_algorithm_is_named_in_any_case() -> None:
    for name in ("crc32", "Crc32", "CRC32"):
        request = signed(headers={"x-amz-sdk-checksum-algorithm": name, "x-amz-meta-a": "b"})
        verified = verify(request, SECRET, now())
        assert verified.headers.get("x-amz-sdk-checksum-algorithm") == "CRC32"
        assert verified.headers.get("x-amz-meta-a") == "b"
