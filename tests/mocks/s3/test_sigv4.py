"""Signature Version 4 against botocore's signer."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.exchange import Headers, Request
from contracts.sigv4 import canonical_request, signing_key, string_to_sign
from mocks.base import ServiceError
from mocks.s3.verification import verify
from tests.mocks.s3.signing import KEY, SECRET, now, presigned, signed

SAFE = st.text("abcABC012-_.~%/+ ü&=?#:@!$'()*,;[]", max_size=20)


def refusal(request: Request, *, secret: str = SECRET, **shift: float) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        verify(request, secret, now() + timedelta(**shift))
    return caught.value


def with_headers(request: Request, **changes: str | None) -> Request:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    pairs = [(name, value) for name, value in request.headers if name not in named]
    return replace(request, headers=Headers([*pairs, *((n, v) for n, v in named.items() if v is not None)]))


@pytest.mark.parametrize(
    ("path", "relative"),
    [
        ("/bkt/k", None),
        ("/e/pr-1/s3/bkt/a%20b/%C3%BC//..", "/bkt/a%20b/%C3%BC//.."),
        ("/bkt/k?partNumber=2&uploadId=a%2Bb%3D&acl", None),
        ("/bkt?list-type=2&prefix=a%20b%2F&delimiter=%2F", None),
        ("/", None),
    ],
)
def test_what_botocore_signs_is_true(path: str, relative: str | None) -> None:
    request = signed(
        path=path, body=b"hello", relative=relative, headers={"x-amz-meta-a": "  two   words ", "Range": "bytes=0-"}
    )
    assert verify(request, SECRET, now()).body == b"hello"


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(SAFE.filter(bool), SAFE, max_size=4))
def test_any_query(query: dict[str, str]) -> None:
    request = signed(path="/bkt?" + urlencode(query, quote_via=quote))
    verify(request, SECRET, now())


def test_a_path_that_is_sent_less_encoded_than_signed() -> None:
    request = signed(path="/bkt/a%28b%29")
    verify(replace(request, sent_path="/bkt/a(b)"), SECRET, now())


def by_hand(request: Request, *, folded: bool = True, path: str = "/bkt", date: str | None = None) -> Request:
    """``request`` with a signature over everything that it has."""
    at = now()
    timestamp = date or at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{at:%Y%m%d}/us-east-1/s3/aws4_request"
    names = sorted(name for name, _ in request.headers)
    text = string_to_sign(timestamp, scope, canonical_request(request, names, "UNSIGNED-PAYLOAD", path, folded=folded))
    signature = hmac.digest(signing_key(SECRET, scope), text.encode(), "sha256").hex()
    claim = f"Credential={KEY}/{scope},SignedHeaders={';'.join(names)},Signature={signature}"
    return with_headers(request, authorization=f"AWS4-HMAC-SHA256 {claim}")


def plain(*pairs: tuple[str, str], host: str = "h", path: str = "/bkt") -> Request:
    fields = [("host", host), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), *pairs]
    return Request(method="GET", path=path, host=host, headers=Headers(fields))


@pytest.mark.parametrize(("path", "label"), [("/bkt/a%20b", None), ("/bkt/a%20b", "bkt")])
@pytest.mark.parametrize("host", ["h/e/pr-1/s3", "h"])
def test_a_path_of_the_endpoint_that_is_signed_as_the_hosts_or_not(host: str, path: str, label: str | None) -> None:
    below = "/a%20b" if label else path
    request = by_hand(plain(("x-amz-date", now().strftime("%Y%m%dT%H%M%SZ")), host=host), path=below)
    sent = replace(request, host="h", path=path, sent_path=f"/e/pr-1/s3{below}", host_label=label)
    verify(with_headers(sent, host="h"), SECRET, now())
    assert refusal(replace(sent, host="other")).code == "SignatureDoesNotMatch"


def test_other_forms_that_clients_sign() -> None:
    told = now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    iso = now().strftime("%Y%m%dT%H%M%SZ")
    spaced = plain(("x-amz-date", iso), ("x-amz-meta-a", " two  words "))
    for folded in (True, False):
        verify(by_hand(spaced, folded=folded, date=iso), SECRET, now())
    for date in (told, iso):
        verify(by_hand(plain(("date", told)), date=date), SECRET, now())
    capital = by_hand(plain(("x-amz-date", iso), host="H:80"), date=iso)
    verify(replace(capital, host="h:80"), SECRET, now())
    assert refusal(replace(capital, host="other")).code == "SignatureDoesNotMatch"
    verify(by_hand(plain(("x-amz-date", iso), path="/bkt/a+b"), date=iso, path="/bkt/a%2Bb"), SECRET, now())
    assert refusal(by_hand(spaced, date=iso, path="/bkt/")).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"sent_path": "/bkt/other"},
        {"query": "acl"},
        {"host": "elsewhere", "headers": Headers([*signed().headers, ("host", "elsewhere")])},
    ],
)
def test_any_change_is_noticed(change: dict[str, Any]) -> None:
    assert refusal(replace(signed(), **change)).code == "SignatureDoesNotMatch"


def test_a_mismatch_shows_what_was_signed() -> None:
    error = refusal(signed(), secret="x" * 40)
    assert (error.status, error.code) == (403, "SignatureDoesNotMatch")
    assert error.details["CanonicalRequest"].startswith("PUT\n/bkt/k\n\nhost:127.0.0.1:4600\n")
    assert error.details["StringToSign"].startswith("AWS4-HMAC-SHA256\n")
    assert bytes.fromhex(error.details["StringToSignBytes"]).decode() == error.details["StringToSign"]
    assert error.details["AWSAccessKeyId"] == KEY
    assert "x" * 40 not in str(error.details)


@pytest.mark.parametrize("minutes", [-16, 16])
def test_fifteen_minutes_of_skew(minutes: int) -> None:
    error = refusal(signed(), minutes=minutes)
    assert (error.status, error.code) == (403, "RequestTimeTooSkewed")
    assert error.details["MaxAllowedSkewMilliseconds"] == "900000"
    verify(signed(), SECRET, now() + timedelta(minutes=minutes * 14 / 16))


def test_headers_that_are_not_signed() -> None:
    error = refusal(with_headers(signed(), x_amz_acl="public-read"))
    assert (error.code, error.details["HeadersNotSigned"]) == ("AccessDenied", "x-amz-acl")


@pytest.mark.parametrize(
    ("sha256", "code"),
    [(None, "InvalidRequest"), ("abc", "InvalidArgument"), ("0" * 64, "SignatureDoesNotMatch")],
)
def test_the_bodys_hash(sha256: str | None, code: str) -> None:
    assert refusal(with_headers(signed(), x_amz_content_sha256=sha256)).code == code


def test_another_body() -> None:
    error = refusal(replace(signed(body=b"hello"), body=b"other"))
    assert (error.status, error.code) == (400, "XAmzContentSHA256Mismatch")


def test_a_session_token_belongs_to_someone_else() -> None:
    assert refusal(with_headers(signed(), x_amz_security_token="token")).code == "InvalidToken"


def test_a_presigned_url() -> None:
    request = presigned(path="/bkt/a%20b?response-content-type=text%2Fx")
    assert verify(request, SECRET, now()) is request
    verify(request, SECRET, now() + timedelta(seconds=55))
    late = refusal(request, seconds=65)
    assert (late.status, late.code, late.message) == (403, "AccessDenied", "Request has expired")
    assert late.details["X-Amz-Expires"] == "60"
    assert refusal(request, minutes=-20).message == "Request is not valid yet"
    changed = replace(request, query=request.query.replace("text", "html"))
    assert refusal(changed).code == "SignatureDoesNotMatch"
    unsigned = with_headers(request, x_amz_acl="public-read")
    assert refusal(unsigned).code == "AccessDenied"


def test_a_week_is_the_longest() -> None:
    verify(presigned(expires=604800), SECRET, now() + timedelta(days=6))
    error = refusal(presigned(expires=604801))
    assert (error.status, error.code) == (400, "AuthorizationQueryParametersError")
