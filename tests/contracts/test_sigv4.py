"""The signer against botocore's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.exchange import Headers, Request
from contracts.sigv4 import UNSIGNED, Signer, canonical_path, canonical_query

KEY, SECRET = "AKIAABCDEFGHIJKLMNOP", "0123456789abcdefghij0123456789ABCDEFGHIJ"
NOW = datetime(2026, 11, 27, 4, 5, 6, tzinfo=UTC)
HOST = "s3.eu-west-1.amazonaws.com"
TEXT = st.text("abcABC012-_.~%/+ ü&=?#:@!$'()*,;[]", max_size=20)


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_: NOW.replace(tzinfo=None))


def theirs(request: Request, *, service: str = "s3", token: str | None = None, payload: str | None = None) -> str:
    """botocore's Authorization field for the same request."""
    url = f"https://{HOST}{request.path}" + (f"?{request.query}" if request.query else "")
    prepared = AWSRequest(request.method, url, headers=dict(request.headers), data=request.body)
    kind: Any = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = kind(Credentials(KEY, SECRET, token), service, "eu-west-1")
    if payload is not None:
        signer.payload = lambda _: payload
    signer.add_auth(prepared)
    return str(prepared.headers["Authorization"])


def ours(request: Request, *, service: str = "s3", token: str | None = None, payload: str | None = None) -> Headers:
    signer = Signer(KEY, SECRET, token, "eu-west-1", service)
    return signer.headers(request, NOW, payload or hashlib.sha256(request.body).hexdigest(), HOST)


def request(
    path: str = "/bkt/k",
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    method: str = "PUT",
) -> Request:
    return Request(method=method, path=path, query=query, headers=Headers((headers or {}).items()), body=body)


@pytest.mark.parametrize(
    "sent",
    [
        request(method="GET"),
        request("/"),
        request("/bkt/a%20b/%C3%BC//.."),
        request("/bkt", "list-type=2&prefix=a%20b%2F&delimiter=%2F", method="GET"),
        request("/bkt/k", "partNumber=2&uploadId=a%2Bb%3D", body=b"hello"),
        request(headers={"x-amz-meta-a": "  two   words ", "content-type": "text/x", "content-md5": "abc="}),
    ],
)
@pytest.mark.parametrize("token", [None, "a session's"])
def test_botocore_signs_the_same(sent: Request, token: str | None) -> None:
    assert ours(sent, token=token).get("authorization") == theirs(sent, token=token)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("abü %+()/~.-_'*", max_size=12), st.dictionaries(TEXT.filter(bool), TEXT, max_size=4))
def test_any_key_and_query(key: str, query: dict[str, str]) -> None:
    sent = request("/bkt/k" + quote(key, safe="/~"), urlencode(query, quote_via=quote))
    assert ours(sent).get("authorization") == theirs(sent)


def test_a_body_that_is_not_covered() -> None:
    sent = request(body=b"hello")
    assert ours(sent, payload=UNSIGNED).get("authorization") == theirs(sent, payload=UNSIGNED)
    assert ours(sent, payload=UNSIGNED).get("x-amz-content-sha256") == UNSIGNED


def test_another_service() -> None:
    sent = request("/", body=b"Action=GetCallerIdentity", headers={"content-type": "text/x"}, method="POST")
    signed = ours(sent, service="sts")
    # botocore adds no x-amz-content-sha256 for other services, and signs one that is there.
    sha256 = hashlib.sha256(sent.body).hexdigest()
    covered = replace(sent, headers=Headers([*sent.headers, ("x-amz-content-sha256", sha256)]))
    assert signed.get("authorization") == theirs(covered, service="sts")


def test_an_older_signature_is_replaced() -> None:
    once = ours(request(), token="old")
    again = ours(request(headers=dict(once)))
    assert dict(again) == dict(ours(request()))
    assert "x-amz-security-token" not in again


def test_repeated_fields_are_one() -> None:
    pairs = [("x-amz-meta-a", "1"), ("x-amz-meta-a", "2")]
    twice = Request(method="PUT", path="/b/k", headers=Headers(pairs))
    joined = request("/b/k", headers={"x-amz-meta-a": "1,2"})
    assert ours(twice).get("authorization") == ours(joined).get("authorization")


def test_what_nobody_needs_to_sign_is_not_signed() -> None:
    signed = str(ours(request(headers={"user-agent": "x", "accept-encoding": "gzip"})).get("authorization"))
    assert "SignedHeaders=host;x-amz-content-sha256;x-amz-date," in signed


def test_a_repr_shows_nothing() -> None:
    assert SECRET not in repr(Signer(KEY, SECRET))


def test_the_canonical_query() -> None:
    assert canonical_query("b=2&a=%2f+x&a=1&acl&X-Amz-Signature=0") == "a=%2F%20x&a=1&acl=&b=2"
    assert canonical_query("") == ""


def test_the_canonical_path() -> None:
    assert canonical_path("/bkt/a(b)/%c3%bc//..") == "/bkt/a%28b%29/%C3%BC//.."
