"""Signature Version 2 against botocore's signers, in the query and in the header."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.exchange import Headers
from mocks.base import ServiceError
from mocks.s3.sigv2 import signature
from mocks.s3.verification import verify
from tests.mocks.s3.signing import KEY, SECRET, now, presigned, signed


def test_what_botocore_signs_is_true() -> None:
    for path, relative in (
        ("/bkt/k", None),
        ("/e/pr-1/s3/bkt/a%20b", "/bkt/a%20b"),
        ("/bkt/k?response-content-type=text%2Fx&uploadId=2", None),
    ):
        request = presigned(path=path, relative=relative, version=2)
        assert verify(request, SECRET, now()) is request


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"path": "/bkt/x", "sent_path": "/bkt/x"},
        {"headers": Headers([("content-type", "text/x")])},
        {"headers": Headers([("x-amz-acl", "public-read")])},
    ],
)
def test_any_change_is_noticed(change: dict[str, Any]) -> None:
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch"):
        verify(replace(presigned(version=2), **change), SECRET, now())


def test_other_parameters_are_not_covered() -> None:
    request = presigned(version=2)
    verify(replace(request, query=request.query + "&x-id=GetObject"), SECRET, now())
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch"):
        verify(replace(request, query=request.query + "&acl"), SECRET, now())


def test_its_time() -> None:
    request = presigned(version=2, expires=60)
    with pytest.raises(ServiceError, match="Request has expired"):
        verify(request, SECRET, now() + timedelta(seconds=65))
    for broken in ("Expires=soon", "Expires="):
        query = "AWSAccessKeyId=A&Signature=B&" + broken
        with pytest.raises(ServiceError, match="AccessDenied"):
            verify(replace(request, query=query), SECRET, now())


@pytest.mark.parametrize(
    ("path", "relative"),
    [
        ("/bkt/k", None),
        ("/", None),
        ("/e/pr-1/s3/bkt/a%20b", "/bkt/a%20b"),
        ("/bkt/k?uploadId=2&partNumber=1&x-id=UploadPart", None),
        ("/bkt?uploads", None),
        ("/bkt?acl=", None),
        ("/bkt/k?response-content-type=text%2Fx&versionId=a%2Bb", None),
    ],
)
def test_what_botocore_signs_in_the_header(path: str, relative: str | None) -> None:
    headers = {"x-amz-meta-b": "x  y", "x-amz-meta-a": " 1 ", "Content-Type": "text/x", "Content-MD5": "abc="}
    request = signed(path=path, relative=relative, headers=headers, version=2)
    assert (request.headers.get("authorization") or "").startswith(f"AWS {KEY}:")
    assert verify(request, SECRET, now()) is request
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch") as caught:
        verify(request, "x" * 40, now())
    assert caught.value.details["AWSAccessKeyId"] == KEY
    assert caught.value.details["StringToSign"].startswith("PUT\nabc=\ntext/x\n")


@pytest.mark.parametrize(("told", "path"), [("/bkt/", "/bkt"), ("/bkt", "/bkt/")])
def test_the_slash_after_a_bucket(told: str, path: str) -> None:
    request = signed(path="/e/pr-1/s3/bkt", relative=told, version=2)
    verify(replace(request, path=path), SECRET, now())
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch"):
        verify(replace(request, path=path + "/k"), SECRET, now())


def test_x_amz_date_stands_for_the_date() -> None:
    told = now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    verify(signed(headers={"x-amz-date": told}, version=2), SECRET, now())
    pairs = [("x-amz-date", told), ("x-amz-meta-a", "\xc3\xbc")]
    request = replace(signed(), headers=Headers(pairs))
    text = f"PUT\n\n\n\nx-amz-date:{told}\nx-amz-meta-a:ü\n/bkt/k"
    claim = f"AWS {KEY}:{signature(text, SECRET).decode()}"
    verify(replace(request, headers=Headers([*pairs, ("authorization", claim)])), SECRET, now())


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("authorization", f"AWS {KEY}")], "InvalidArgument"),
        ([("authorization", f"AWS {KEY}:a b")], "InvalidArgument"),
        ([("authorization", f"AWS {KEY}:c2ln")], "AccessDenied"),
        ([("authorization", f"AWS {KEY}:c2ln"), ("date", "yesterday")], "AccessDenied"),
        ([("authorization", f"AWS {KEY}:c2ln"), ("date", "Tue, 27 Mar 2007 19:36:42 +0000")], "RequestTimeTooSkewed"),
    ],
)
def test_a_header_that_is_refused(pairs: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(ServiceError) as caught:
        verify(replace(signed(), headers=Headers(pairs)), SECRET, now())
    assert caught.value.code == code
