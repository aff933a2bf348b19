"""What leaves for the account: verified by the mock of S3, which botocore's clients prove right."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import replace

import pytest

from contracts.exchange import Headers, Request
from mocks.s3.sigv4 import verify
from sandboxes.base import Account, Outgoing, Secret
from tests.sandboxes.s3.calls import ACCOUNT, KEY, LABEL, NOW, SECRET, Body, Pairs, call, joined, sent

UNSIGNED = ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
TRAILER = ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
HELLO_CRC = base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()


def received(request: Request) -> Request:
    """As the provider takes it. Raises ServiceError for a wrong signature."""
    host = str(request.headers.get("host"))
    return verify(replace(request, host=host, sent_path=request.path), SECRET, NOW)


def test_the_name_and_the_key_are_the_accounts() -> None:
    request = sent(call("GET", "/invoices/a%20b/c", "versionId=x%2Fy"))
    assert request.path == f"/{LABEL}invoices/a%20b/c"
    assert request.query == "versionId=x%2Fy"
    assert (request.host, request.host_label) == ("", None)
    authorization = str(request.headers.get("authorization"))
    assert f"Credential={KEY}/20261127/us-east-1/s3/aws4_request" in authorization
    assert "VIRTUAL" not in str(list(request.headers))
    assert "x-amz-security-token" not in request.headers
    received(request)


@pytest.mark.parametrize("path", ["/b/..%2F..%2Fother/k", "/b//k", "/b/a(b)+c", "/b/%C3%BC/../k", "/b/"])
def test_a_key_stays_what_it_was(path: str) -> None:
    request = sent(call("GET", path))
    assert request.path.startswith(f"/{LABEL}b/")
    received(request)


def test_a_bucket_that_is_a_trick_is_a_bucket() -> None:
    assert sent(call("GET", "/%252e%252e/k")).path == f"/{LABEL}%252e%252e/k"
    assert sent(call("GET", "/arn:aws:s3:::other/k")).path == f"/{LABEL}arn%3Aaws%3As3%3A%3A%3Aother/k"


def test_what_the_application_sent_goes_on_and_what_is_the_gateways_does_not() -> None:
    kept: Pairs = [
        ("range", "bytes=0-4"),
        ("if-none-match", '"x"'),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-checksum-mode", "ENABLED"),
        ("user-agent", "Boto3/1.44"),
    ]
    dropped: Pairs = [("expect", "100-continue"), ("x-forwarded-for", "10.0.0.1"), ("cookie", "a=b"), ("via", "x")]
    request = sent(call("GET", "/invoices/k", "response-content-type=text%2Fx", [*kept, *dropped]))
    assert set(kept) <= set(request.headers)
    assert not {name for name, _ in dropped} & {name for name, _ in request.headers}
    assert "broker-exchange" not in request.headers
    assert request.query == "response-content-type=text%2Fx"


def test_the_provider_is_asked_what_the_contract_read_and_nothing_else() -> None:
    """To another reader the same request might be a copy, or a change of the bucket's policy."""
    headers = [("x-amz-copy-source", "other/k"), ("x-amz-rename-source", "other/k"), ("x-amz-future", "1")]
    request = sent(call("GET", "/invoices/k", "versionId=1&unheard-of&x-id=GetObject", headers))
    assert request.query == "versionId=1"
    assert not [name for name, _ in request.headers if name in dict(headers)]


def test_a_copys_source_is_mapped() -> None:
    request = sent(call("PUT", "/invoices/k", headers=[("x-amz-copy-source", "/photos/a%2Fb?versionId=1")]))
    assert request.headers.get("x-amz-copy-source") == f"{LABEL}photos/a%2Fb?versionId=1"
    received(request)


def test_a_presigned_url_is_signed_in_the_header() -> None:
    query = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAVIRTUAL%2Fx&X-Amz-Date=20261127T115900Z"
        "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0&x-amz-meta-a=b&x-amz-acl=private"
        "&x-amz-copy-source=other%2Fk&x-id=PutObject"
    )
    request = sent(call("PUT", "/invoices/k", query, [("content-length", "5")], stream=Body([b"hello"])))
    assert request.query == ""
    assert (request.headers.get("x-amz-meta-a"), request.headers.get("x-amz-acl")) == ("b", "private")
    assert "x-amz-copy-source" not in request.headers
    received(request)
    old = sent(call("GET", "/invoices/k", "AWSAccessKeyId=AKIAVIRTUAL&Signature=x&Expires=1&versionId=3"))
    assert old.query == "versionId=3"


async def test_a_stream_goes_with_its_length_and_unsigned() -> None:
    body = Body([b"hel", b"lo"])
    request = sent(call("PUT", "/invoices/k", headers=[UNSIGNED, ("content-length", "5")], stream=body))
    assert request.headers.get("content-length") == "5"
    assert request.headers.get("x-amz-content-sha256") == "UNSIGNED-PAYLOAD"
    assert await joined(received(request).stream) == b"hello"


async def test_the_applications_own_hash_covers_a_stream_all_the_way() -> None:
    sha256 = hashlib.sha256(b"hello").hexdigest()
    headers = [("x-amz-content-sha256", sha256), ("content-length", "5")]
    request = sent(call("PUT", "/invoices/k", headers=headers, stream=Body([b"hello"])))
    assert request.headers.get("x-amz-content-sha256") == sha256
    assert await joined(received(request).stream) == b"hello"


async def test_chunks_without_a_trailer_go_on_without_chunks() -> None:
    headers = [
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("content-encoding", "aws-chunked,gzip"),
        ("content-length", "999"),
        ("x-amz-decoded-content-length", "5"),
    ]
    request = sent(call("PUT", "/invoices/k", headers=headers, stream=Body([b"hello"])))
    assert request.headers.get("content-length") == "5"
    assert request.headers.get("content-encoding") == "gzip"
    assert "x-amz-decoded-content-length" not in request.headers
    assert await joined(received(request).stream) == b"hello"


async def test_a_trailer_goes_on_as_a_trailer() -> None:
    headers = [
        TRAILER,
        ("content-encoding", "gzip, aws-chunked"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-sdk-checksum-algorithm", "CRC32"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ]
    body = Body([b"he", b"llo"], {"x-amz-checksum-crc32": HELLO_CRC})
    request = sent(call("PUT", "/invoices/k", headers=headers, stream=body))
    assert request.headers.all("content-encoding") == ["aws-chunked,gzip"]
    assert request.headers.get("x-amz-trailer") == "x-amz-checksum-crc32"
    assert request.headers.get("x-amz-sdk-checksum-algorithm") == "CRC32"
    read = received(request).stream
    assert await joined(read) == b"hello"
    assert getattr(read, "trailers", None) == {"x-amz-checksum-crc32": HELLO_CRC}


async def test_a_trailer_of_unknown_length_stays_behind() -> None:
    headers = [
        TRAILER,
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-sdk-checksum-algorithm", "NEWEST"),
        ("x-amz-trailer", "x-amz-checksum-newest"),
    ]
    request = sent(replaced("CRC32", headers, Body([b"hello"])))
    assert request.headers.get("content-length") == "5"
    assert not {"content-encoding", "x-amz-trailer", "x-amz-sdk-checksum-algorithm"} & set(dict(request.headers))
    assert await joined(received(request).stream) == b"hello"


def replaced(known: str, headers: Pairs, body: Body) -> Outgoing:
    """A call whose contract is asked about a checksum that it knows, and whose request has another."""
    asked = [(name, known if name == "x-amz-sdk-checksum-algorithm" else value) for name, value in headers]
    outgoing = call("PUT", "/invoices/k", headers=asked, stream=body)
    return replace(outgoing, request=replace(outgoing.request, headers=Headers(headers)))


def test_a_whole_body_is_covered_by_its_hash() -> None:
    document = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    request = sent(call("PUT", "/invoices", "versioning", body=document))
    assert request.headers.get("x-amz-content-sha256") == hashlib.sha256(document).hexdigest()
    assert request.headers.get("content-length") == str(len(document))
    assert received(request).body == document


def test_a_checksum_that_was_read_over_is_replaced() -> None:
    document = b"<Delete><Object><Key>k</Key></Object></Delete>"
    headers = [TRAILER, ("x-amz-trailer", "x-amz-checksum-crc32"), ("x-amz-sdk-checksum-algorithm", "CRC32")]
    request = sent(call("POST", "/invoices", "delete", headers, document))
    digest = base64.b64encode(hashlib.md5(document, usedforsecurity=False).digest()).decode()
    assert request.headers.get("content-md5") == digest
    assert not {"x-amz-trailer", "x-amz-sdk-checksum-algorithm"} & set(dict(request.headers))


ELSEWHERE = (
    b"<CreateBucketConfiguration><LocationConstraint>ap-south-1</LocationConstraint></CreateBucketConfiguration>"
)


def test_buckets_are_made_where_the_account_is() -> None:
    at_home = sent(call("PUT", "/invoices", body=ELSEWHERE, headers=[("content-md5", "x")]))
    assert (at_home.body, at_home.headers.get("content-md5")) == (b"", None)
    account = Account("main", "https://s3.eu-west-1.amazonaws.com", Secret(KEY, SECRET))
    abroad = sent(call("PUT", "/invoices"), account)
    assert b"<LocationConstraint>eu-west-1</LocationConstraint>" in abroad.body
    received(abroad)


def test_a_new_buckets_tags_go_with_it() -> None:
    tags = "<Tags><Tag><Key>a&amp;b</Key><Value>c</Value></Tag></Tags>"
    document = f"<CreateBucketConfiguration>{tags}</CreateBucketConfiguration>".encode()
    assert tags.encode() in sent(call("PUT", "/invoices", body=document)).body


def test_shared_buckets_keep_their_name() -> None:
    assert sent(call("GET", "/shared/k", unmapped=frozenset({"shared"}))).path == "/shared/k"


def test_a_session_signs_with_its_token() -> None:
    request = sent(call("GET", "/invoices/k"), replace(ACCOUNT, secret=Secret(KEY, SECRET, "token")))
    assert request.headers.get("x-amz-security-token") == "token"
