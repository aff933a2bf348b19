"""Presigned URLs of Signature Version 2 against botocore's signer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.exchange import Headers
from mocks.base import ServiceError
from mocks.s3.sigv4 import verify
from tests.mocks.s3.signing import SECRET, now, presigned


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
