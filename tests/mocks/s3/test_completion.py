"""Completing an upload: what it demands, and what the object is then."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest

from tests.mocks.s3.conftest import Caller, code

MIB5 = 5 * 1024 * 1024
FIRST, LAST = bytes(MIB5), b"the end"


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


async def test_the_parts_become_one_object(s3: Caller) -> None:
    await s3.put("/bkt/k", b"older")
    upload_id = await s3.upload("/bkt/k", [FIRST, LAST], x_amz_meta_a="1", content_type="text/x")
    done = await s3.complete("/bkt/k", upload_id, await s3.etags("/bkt/k", upload_id))
    digests = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in (FIRST, LAST))
    etag = f'"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-2"'
    assert (done.value["ETag"], done.value["Key"]) == (etag, "k")
    got = await s3("HEAD", "/bkt/k", x_amz_checksum_mode="ENABLED")
    assert (got.header("etag"), got.header("content-type"), got.header("x-amz-meta-a")) == (etag, "text/x", "1")
    assert got.header("x-amz-checksum-type") == "FULL_OBJECT"
    assert await s3.content("/bkt/k") == FIRST + LAST
    assert await s3.content("/bkt/k", range=f"bytes={MIB5 - 2}-{MIB5 + 2}") == b"\0\0the"
    assert await s3.content("/bkt/k", "partNumber=2") == LAST
    assert code(await s3("GET", "/bkt/k", {"uploadId": upload_id})) == "404 NoSuchUpload"
    assert await s3.blobs() == 2
    await s3("DELETE", "/bkt/k")
    inventory = await (await s3.harness.store()).inventory()
    assert (inventory["blobs"]["count"], inventory["records"]["s3"]) == (0, {"bucket": 1})


async def test_parts_that_are_not_listed_are_dropped(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [b"one", b"two", b"three"])
    etags = await s3.etags("/bkt/k", upload_id)
    assert (await s3.complete("/bkt/k", upload_id, etags[1:2])).status == 200
    assert await s3.content("/bkt/k") == b"two"
    assert await s3.blobs() == 1


async def test_refusals_change_nothing(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [b"small", LAST])
    one, two = await s3.etags("/bkt/k", upload_id)
    for etags, expected in (
        ([two, one], "400 InvalidPartOrder"),
        ([one, one], "400 InvalidPartOrder"),
        ([(1, '"0"')], "400 InvalidPart"),
        ([(3, one[1])], "400 InvalidPart"),
        ([(0, one[1])], "400 InvalidArgument"),
        ([one, (-1, one[1])], "400 InvalidArgument"),
        ([one, two], "400 EntityTooSmall"),
        ([], "400 MalformedXML"),
    ):
        assert code(await s3.complete("/bkt/k", upload_id, etags)) == expected
    assert code(await s3.complete("/bkt/k", upload_id, [one], x_amz_mp_object_size="6")) == "400 InvalidRequest"
    assert code(await s3.complete("/bkt/k", upload_id, [one], if_match='"0"')) == "404 NoSuchKey"
    assert (await s3.complete("/bkt/k", upload_id, [one], x_amz_mp_object_size="5")).status == 200
    assert code(await s3("POST", "/bkt/k", {"uploadId": upload_id})) == "404 NoSuchUpload"


async def test_if_none_match(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [b"new"])
    await s3.put("/bkt/k", b"other")
    etags = await s3.etags("/bkt/k", upload_id)
    assert code(await s3.complete("/bkt/k", upload_id, etags, if_none_match="*")) == "412 PreconditionFailed"
    assert await s3.content("/bkt/k") == b"other"
    await s3("DELETE", "/bkt/k")
    assert (await s3.complete("/bkt/k", upload_id, etags, if_none_match="*")).status == 200


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
async def test_checksums_of_the_whole(s3: Caller, kind: str) -> None:
    made = await s3("POST", "/bkt/k", "uploads", x_amz_checksum_algorithm="CRC32", x_amz_checksum_type=kind)
    upload_id = made.value["UploadId"]
    parts = ""
    for number, part in enumerate((FIRST, LAST), 1):
        query = {"partNumber": number, "uploadId": upload_id}
        put = await s3.put("/bkt/k", part, query, x_amz_checksum_crc32=crc32(part))
        parts += (
            f"<Part><PartNumber>{number}</PartNumber><ETag>{put.value['ETag']}</ETag>"
            f"<ChecksumCRC32>{crc32(part)}</ChecksumCRC32></Part>"
        )
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    digests = b"".join(zlib.crc32(part).to_bytes(4, "big") for part in (FIRST, LAST))
    whole = crc32(FIRST + LAST) if kind == "FULL_OBJECT" else f"{crc32(digests)}-2"
    query = {"uploadId": upload_id}
    assert code(await s3("POST", "/bkt/k", query, body, x_amz_checksum_crc32="AAAAAA==")) == "400 BadDigest"
    done = await s3("POST", "/bkt/k", query, body, x_amz_checksum_crc32=whole)
    assert (done.value["ChecksumCRC32"], done.value["ChecksumType"]) == (whole, kind)
    got = await s3("HEAD", "/bkt/k", x_amz_checksum_mode="ENABLED")
    assert got.header("x-amz-checksum-crc32") == whole


async def test_a_composite_checksum_needs_every_parts(s3: Caller) -> None:
    made = await s3("POST", "/bkt/k", "uploads", x_amz_checksum_algorithm="CRC32")
    upload_id = made.value["UploadId"]
    await s3.put("/bkt/k", LAST, {"partNumber": 1, "uploadId": upload_id}, x_amz_checksum_crc32=crc32(LAST))
    refused = await s3.complete("/bkt/k", upload_id, await s3.etags("/bkt/k", upload_id))
    assert code(refused) == "400 InvalidRequest"
    assert b"It was missing for part 1" in refused.body


async def test_who_hears_nothing_asks_again(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [b"one", b"two"], x_amz_server_side_encryption="aws:kms")
    etags = await s3.etags("/bkt/k", upload_id)
    first = await s3.complete("/bkt/k", upload_id, etags[:1])
    again = await s3.complete("/bkt/k", upload_id, etags[:1], if_none_match="*")
    assert (again.status, again.value, again.body) == (200, first.value, first.body)
    assert code(await s3.complete("/bkt/k", upload_id, etags)) == "404 NoSuchUpload"
    assert code(await s3.complete("/bkt/k", upload_id, [(1, "nonsense")])) == "404 NoSuchUpload"
    assert code(await s3("DELETE", "/bkt/k", {"uploadId": upload_id})) == "404 NoSuchUpload"
    await s3.put("/bkt/k", b"newer")
    assert code(await s3.complete("/bkt/k", upload_id, etags[:1])) == "404 NoSuchUpload"
    assert await s3.content("/bkt/k") == b"newer"


@pytest.mark.parametrize(
    "part",
    ["<PartNumber>1</PartNumber>", "<ETag>x</ETag>", "<PartNumber>one</PartNumber><ETag>x</ETag>", "<Part/>"],
)
async def test_a_part_has_a_number_and_a_tag(s3: Caller, part: str) -> None:
    upload_id = await s3.upload("/bkt/k", [b"one"])
    body = f"<CompleteMultipartUpload><Part>{part}</Part></CompleteMultipartUpload>".encode()
    assert code(await s3("POST", "/bkt/k", {"uploadId": upload_id}, body)) == "400 MalformedXML"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_amz_checksum_type": "COMPOSITE"}, "400 InvalidRequest"),
        ({"x_amz_checksum_type": "FULL_OBJECT"}, "200"),
        ({"x_amz_checksum_sha256": base64.b64encode(bytes(32)).decode()}, "400 InvalidRequest"),
        ({"x_amz_checksum_crc32": base64.b64encode(bytes(4)).decode()}, "400 BadDigest"),
        ({"x_amz_checksum_crc32": crc32(b"one")}, "200"),
    ],
)
async def test_what_the_request_says_of_the_whole(s3: Caller, headers: dict[str, str], expected: str) -> None:
    sent = {"x_amz_checksum_algorithm": "CRC32", "x_amz_checksum_type": "FULL_OBJECT"}
    upload_id = await s3.upload("/bkt/k", [b"one"], **sent)
    assert code(await s3.complete("/bkt/k", upload_id, await s3.etags("/bkt/k", upload_id), **headers)) == expected
