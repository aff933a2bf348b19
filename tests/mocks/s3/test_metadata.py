"""What is kept with an object, and its limits."""

from __future__ import annotations

import pytest

from contracts.exchange import Headers, Request
from mocks.base import ServiceError
from mocks.s3.metadata import checked_tags, header_tags, user_metadata
from tests.mocks.s3.conftest import Caller, code, pieces


def test_two_kibibytes_of_user_metadata() -> None:
    assert user_metadata({"a": "x" * 2047})
    with pytest.raises(ServiceError, match="MetadataTooLarge"):
        user_metadata({"a": "x" * 2048})


@pytest.mark.parametrize(
    ("pairs", "refused"),
    [
        ([("a", "1"), ("b", "")], False),
        ([(f"k{number}", "") for number in range(10)], False),
        ([(f"k{number}", "") for number in range(11)], True),
        ([("a", "1"), ("a", "2")], True),
        ([("", "1")], True),
        ([("x" * 129, "1")], True),
        ([("a", "x" * 257)], True),
        ([("aws:a", "1")], True),
        ([("Größe +-=._:/@ 9", "ü 東京")], False),
        ([("a*b", "1")], True),
        ([("a", "<1>")], True),
        ([("x" * 128, "ü" * 256)], False),
    ],
)
def test_tags(pairs: list[tuple[str, str]], refused: bool) -> None:
    if refused:
        with pytest.raises(ServiceError):
            checked_tags(pairs)
    else:
        assert checked_tags(pairs) == [list(pair) for pair in pairs]


def test_tags_in_a_header() -> None:
    assert header_tags("a=1&b+c=%C3%BC") == [["a", "1"], ["b c", "ü"]]
    assert header_tags("a&&b=&c=1=2&") == [["a", ""], ["b", ""], ["c", "1=2"]]
    assert header_tags("&") == []
    for wrong in ("a=%ff", "=", "=a", "a=1&a=2", "a=%zz", "a%"):
        with pytest.raises(ServiceError):
            header_tags(wrong)


async def test_what_comes_back(s3: Caller) -> None:
    sent = {
        "cache_control": "no-store",
        "content_disposition": "inline",
        "content_encoding": "gzip,aws-chunked",
        "content_language": "de",
        "content_type": "text/x",
        "expires": "not a date",
        "x_amz_website_redirect_location": "/other",
        "x_amz_meta_two_words": "two words",
        "x_amz_storage_class": "STANDARD_IA",
        "x_amz_server_side_encryption": "aws:kms",
        "x_amz_server_side_encryption_aws_kms_key_id": "arn:aws:kms:us-east-1:111122223333:key/key",
    }
    await s3.put("/bkt/k", b"1", **sent)
    got = await s3("GET", "/bkt/k")
    expected = {**sent, "content_encoding": "gzip"}
    assert {name: got.header(name.replace("_", "-")) for name in sent} == expected


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        # The example of UsingMetadata.html: bytes beyond US-ASCII are taken for Latin-1.
        ("ÄMÄZÕÑ S3".encode().decode("latin-1"), "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?="),
        ("=?UTF-8?B?w4RNw4RaT04=?=", "=?UTF-8?B?w4RNw4RaT04=?="),
        ("=?UTF-8?Q?S3?=", "S3"),
        ("=?nonsense", "=?nonsense"),
        ("=?x-none?B?w4Q=?=", "=?x-none?B?w4Q=?="),
        ("", ""),
    ],
)
async def test_metadata_beyond_ascii(s3: Caller, sent: str, told: str) -> None:
    await s3.put("/bkt/k", b"1", x_amz_meta_a=sent)
    assert (await s3("HEAD", "/bkt/k")).header("x-amz-meta-a") == told


async def test_metadata_that_is_sent_twice_is_joined(s3: Caller) -> None:
    fields = [("content-length", "1"), ("x-amz-meta-a", "1"), ("x-amz-meta-b", "3"), ("x-amz-meta-a", "2")]
    path, host = "/bkt/k", "127.0.0.1:4600"
    request = Request(method="PUT", path=path, headers=Headers(fields), stream=pieces(b"1"), sent_path=path, host=host)
    assert (await s3.harness.send(request)).status == 200
    head = await s3("HEAD", path)
    assert (head.header("x-amz-meta-a"), head.header("x-amz-meta-b")) == ("1,2", "3")


@pytest.mark.parametrize(("value", "size"), [("x" * 2043, 200), ("x" * 2044, 400), ("\xe4" * 1022, 400)])
async def test_metadata_counts_bytes(s3: Caller, value: str, size: int) -> None:
    assert (await s3.put("/bkt/k", b"1", x_amz_meta_three=value)).status == size


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("gzip, br", "gzip, br"),
        ("aws-chunked, gzip", "gzip"),
        ("AWS-Chunked", None),
        ("gzip,aws-chunked,br", "gzip,br"),
    ],
)
async def test_encodings(s3: Caller, sent: str, told: str | None) -> None:
    await s3.put("/bkt/k", b"1", content_encoding=sent)
    assert (await s3("HEAD", "/bkt/k")).header("content-encoding") == told


async def test_the_defaults(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1", content_encoding="aws-chunked")
    got = await s3("GET", "/bkt/k")
    assert got.header("content-type") == "binary/octet-stream"
    assert got.header("x-amz-server-side-encryption") == "AES256"
    for name in ("content-encoding", "x-amz-storage-class", "x-amz-tagging-count"):
        assert got.header(name) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_amz_acl": "private"}, "200"),
        ({"x_amz_acl": "bucket-owner-full-control"}, "200"),
        ({"x_amz_acl": "public-read"}, "400 AccessControlListNotSupported"),
        ({"x_amz_grant_read": "id=1"}, "400 AccessControlListNotSupported"),
        ({"x_amz_acl": "everyone"}, "400 InvalidArgument"),
        ({"x_amz_object_lock_legal_hold": "ON"}, "400 InvalidRequest"),
        ({"x_amz_server_side_encryption": "ROT13"}, "400 InvalidArgument"),
        ({"x_amz_storage_class": "ATTIC"}, "400 InvalidStorageClass"),
        ({"x_amz_meta_a": "x" * 2048}, "400 MetadataTooLarge"),
        ({"x_amz_tagging": "a=1&a=2"}, "400 InvalidArgument"),
        ({"x_amz_storage_class": "SNOW"}, "400 InvalidStorageClass"),
        ({"x_amz_storage_class": "EXPRESS_ONEZONE"}, "400 InvalidStorageClass"),
        ({"x_amz_website_redirect_location": "other"}, "400 InvalidRedirectLocation"),
        ({"x_amz_website_redirect_location": "/" + "x" * 2048}, "400 InvalidRedirectLocation"),
        ({"x_amz_website_redirect_location": "https://example.com/"}, "200"),
        ({"x_amz_write_offset_bytes": "0"}, "501 NotImplemented"),
    ],
)
async def test_what_a_put_may_ask(s3: Caller, headers: dict[str, str], expected: str) -> None:
    assert code(await s3.put("/bkt/k", b"1", **headers)) == expected


async def test_a_bucket_with_acls(s3: Caller) -> None:
    await s3("PUT", "/acls", x_amz_object_ownership="ObjectWriter")
    await s3("DELETE", "/acls", "publicAccessBlock")
    assert (await s3.put("/acls/k", b"1", x_amz_acl="public-read")).status == 200
