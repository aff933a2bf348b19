"""What comes back: the application's names, and nothing of the account's."""

from __future__ import annotations

import pytest

from contracts.exchange import Response
from sandboxes.s3.inbound import inbound
from sandboxes.s3.naming import real_name
from tests.sandboxes.s3.calls import KEY, LABEL, MARKER, Body, call, failure, joined, pieces, reply

REAL = f"{LABEL}invoices"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (f"<R><Name>{REAL}</Name></R>", "<R><Name>invoices</Name></R>"),
        (f"<R><Bucket>{REAL}</Bucket><Key>{REAL}</Key></R>", f"<R><Bucket>invoices</Bucket><Key>{REAL}</Key></R>"),
        ("<R><Name>other</Name></R>", "<R><Name>other</Name></R>"),
    ],
)
def test_elements_that_name_the_bucket(told: str, expected: str) -> None:
    response = inbound(call("GET", "/invoices", "list-type=2"), reply(told), MARKER)
    assert response.body.decode() == expected
    assert response.header("content-length") == str(len(expected))


def test_an_error() -> None:
    told = failure("AccessDenied", f"not on arn:aws:s3:::{REAL}/k", 403, Resource=f"/{REAL}/k", BucketName=REAL)
    response = inbound(call("GET", "/invoices/k"), told, MARKER)
    assert LABEL.encode() not in response.body
    assert b"<Resource>/invoices/k</Resource><BucketName>invoices</BucketName>" in response.body
    assert response.header("content-length") == str(len(response.body))


def test_an_error_says_nothing_of_the_accounts_credential() -> None:
    told = failure(
        "SignatureDoesNotMatch",
        status=403,
        AWSAccessKeyId=KEY,
        StringToSign="AWS4\n...",
        CanonicalRequest=f"GET\n/\nx-amz-security-token:token {KEY}",
        **{"Token-0": "token"},
    )
    response = inbound(call("GET", "/invoices/k"), told, MARKER)
    assert KEY.encode() not in response.body
    assert b"oken" not in response.body
    assert b"<Code>SignatureDoesNotMatch</Code>" in response.body


def test_an_object_is_never_looked_into() -> None:
    content = f"<R><Name>{REAL}</Name></R>"
    got = inbound(call("GET", "/invoices/k"), reply(content), MARKER)
    assert got.body.decode() == content
    stream = Body([b"x"])
    streamed = inbound(call("GET", "/invoices/k"), Response(200, [("content-length", "1")], stream=stream), MARKER)
    assert streamed.stream is stream
    assert streamed.header("content-length") == "1"


async def test_a_long_list_is_read_whole() -> None:
    parts = pieces(b"<R><Na", f"me>{REAL}".encode(), b"</Name></R>")
    told = Response(200, [("content-length", "99")], stream=parts)
    response = inbound(call("GET", "/invoices", "list-type=2"), told, MARKER)
    assert response.header("content-length") is None
    assert await joined(response.stream) == b"<R><Name>invoices</Name></R>"


@pytest.mark.parametrize("location", [f"/{REAL}", f"http://{REAL}.s3.amazonaws.com/"])
def test_where_a_new_bucket_is(location: str) -> None:
    headers = [("location", location), ("x-amz-bucket-arn", f"arn:aws:s3:::{REAL}"), ("x-amz-request-id", "R1")]
    response = inbound(call("PUT", "/invoices"), Response(200, headers), MARKER)
    assert response.headers == [
        ("location", "/invoices"),
        ("x-amz-bucket-arn", "arn:aws:s3:::invoices"),
        ("x-amz-request-id", "R1"),
    ]


def test_a_completed_upload_is_where_the_application_reaches_it() -> None:
    document = (
        b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>"
    )
    told = reply(f"<R><Location>https://{REAL}.s3.amazonaws.com/a%20b</Location><Bucket>{REAL}</Bucket></R>")
    response = inbound(call("POST", "/invoices/a%20b", "uploadId=1", body=document), told, MARKER)
    where = "http://gateway.example:4600/e/pr-142/s3/invoices/a%20b"
    assert response.body.decode() == f"<R><Location>{where}</Location><Bucket>invoices</Bucket></R>"


def test_both_buckets_of_a_copy() -> None:
    told = failure("NoSuchBucket", status=404, BucketName=f"{LABEL}invoices-2024")
    response = inbound(call("PUT", "/invoices/k", headers=[("x-amz-copy-source", "invoices-2024/k")]), told, MARKER)
    assert b"<BucketName>invoices-2024</BucketName>" in response.body


def test_a_shortened_name_comes_back_whole() -> None:
    name = "a-name-of-a-bucket-that-is-too-long-to-carry-a-label-as-well"
    outgoing = call("GET", f"/{name}", "list-type=2")
    response = inbound(outgoing, reply(f"<R><Name>{real_name(MARKER, name)}</Name></R>"), MARKER)
    assert response.body.decode() == f"<R><Name>{name}</Name></R>"


def test_a_list_of_buckets_that_nobody_narrowed_has_the_own_ones_only() -> None:
    names = [f"{LABEL}b", "by-hand", f"{LABEL}a", "pb-k3x9qa-zzzzzzzzz1-invoices"]
    buckets = "".join(f"<Bucket><Name>{name}</Name></Bucket>" for name in names)
    told = reply(f"<ListAllMyBucketsResult><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>")
    response = inbound(call("GET", "/"), told, MARKER)
    assert [part.partition(b"<")[0] for part in response.body.split(b"<Name>")[1:]] == [b"a", b"b"]
