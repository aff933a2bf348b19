"""Headers in a presigned URL's query are headers, but for those that S3 is known to ignore."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.exchange import Headers, Request
from mocks.base import ServiceError
from mocks.s3.presigned import with_hoisted
from mocks.s3.verification import verify
from tests.mocks.s3.conftest import Caller
from tests.mocks.s3.signing import SECRET, now, presigned

HOISTED = "x-amz-meta-Author=%C3%BC+b&x-amz-acl=private&x-amz-tagging=a%3Db&x-amz-checksum-crc32=AAAAAA%3D%3D"


def test_what_the_query_says() -> None:
    request = verify(presigned("PUT", f"/bkt/k?{HOISTED}&x-amz-sdk-checksum-algorithm=CRC32"), SECRET, now())
    assert request.headers.get("x-amz-acl") == "private"
    assert request.headers.get("x-amz-meta-author") == "ü b".encode().decode("latin-1")
    for ignored in ("x-amz-tagging", "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm", "x-amz-date"):
        assert ignored not in request.headers


def test_a_header_wins() -> None:
    request = Request(
        method="PUT", path="/", query="x-amz-acl=private", headers=Headers([("x-amz-acl", "public-read")])
    )
    assert with_hoisted(request) is request


def test_what_version_2_signs_in_the_query() -> None:
    request = verify(
        presigned("PUT", version=2, headers={"Content-Type": "text/x", "x-amz-meta-a": "1"}), SECRET, now()
    )
    bare = replace(request, headers=Headers([("host", "h")]))
    found = with_hoisted(bare, older=True)
    assert (found.headers.get("content-type"), found.headers.get("x-amz-meta-a")) == ("text/x", "1")
    assert verify(bare, SECRET, now()).headers.get("content-type") == "text/x"


def test_the_bodys_hash_in_the_query() -> None:
    request = presigned("PUT", "/bkt/k?X-Amz-Content-Sha256=" + "0" * 64)
    # botocore signs a presigned request's body as unsigned whatever the query says: so this signature is another's.
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch") as caught:
        verify(request, SECRET, now())
    assert caught.value.details["CanonicalRequest"].endswith("\n" + "0" * 64)
    same = presigned("PUT", "/bkt/k?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD")
    assert verify(same, SECRET, now()) is same


async def test_an_object_has_the_metadata_of_its_url(s3: Caller) -> None:
    request = verify(presigned("PUT", "/bkt/k?x-amz-meta-a=1"), SECRET, now())
    request = replace(request, headers=Headers([*request.headers, ("content-length", "0")]))
    assert (await s3.harness.send(request)).status == 200
    assert (await s3("HEAD", "/bkt/k")).header("x-amz-meta-a") == "1"
