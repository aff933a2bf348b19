"""Copies of objects and of ranges into parts."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

import pytest

from tests.mocks.s3.conftest import Caller, code


async def test_a_copy_shares_its_bytes_and_outlives_its_source(s3: Caller) -> None:
    put = await s3.put("/bkt/a b+ü", b"content", x_amz_meta_a="1", content_type="text/x", x_amz_tagging="t=1")
    copied = await s3("PUT", "/bkt/copy", x_amz_copy_source=quote("bkt/a b+ü"))
    assert copied.value["CopyObjectResult"]["ETag"] == put.value["ETag"]
    got = await s3("HEAD", "/bkt/copy")
    assert [got.header(name) for name in ("x-amz-meta-a", "content-type", "x-amz-tagging-count")] == [
        "1",
        "text/x",
        "1",
    ]
    assert await s3.blobs() == 1
    await s3("DELETE", "/bkt/" + quote("a b+ü"))
    assert await s3.content("/bkt/copy") == b"content"
    await s3("DELETE", "/bkt/copy")
    assert await s3.blobs() == 0


async def test_copies_of_copies(s3: Caller) -> None:
    await s3.put("/bkt/1", b"content")
    for number in range(1, 5):
        await s3("PUT", f"/bkt/{number + 1}", x_amz_copy_source=f"/bkt/{number}")
    for number in (3, 1, 5, 2):
        await s3("DELETE", f"/bkt/{number}")
        assert await s3.content("/bkt/4") == b"content"
    await s3.put("/bkt/4", b"other")
    assert await s3.blobs() == 1


async def test_replacing_metadata(s3: Caller) -> None:
    await s3.put("/bkt/k", b"content", x_amz_meta_a="1", x_amz_tagging="t=1")
    idle = await s3("PUT", "/bkt/k", x_amz_copy_source="/bkt/k")
    assert code(idle) == "400 InvalidRequest"
    await s3(
        "PUT", "/bkt/k", x_amz_copy_source="/bkt/k", x_amz_metadata_directive="REPLACE", x_amz_meta_b="2",
        x_amz_tagging_directive="REPLACE", x_amz_storage_class="GLACIER_IR",
    )  # fmt: skip
    got = await s3("HEAD", "/bkt/k")
    names = ("x-amz-meta-a", "x-amz-meta-b", "x-amz-tagging-count", "x-amz-storage-class")
    assert [got.header(name) for name in names] == [None, "2", None, "GLACIER_IR"]
    assert await s3.content("/bkt/k") == b"content"
    assert await s3.blobs() == 1


async def test_a_copy_of_an_upload_in_parts_is_in_one_piece(s3: Caller) -> None:
    content = [bytes(5 * 1024 * 1024), b"end"]
    upload_id = await s3.upload("/bkt/k", content)
    await s3.complete("/bkt/k", upload_id, await s3.etags("/bkt/k", upload_id))
    copied = await s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k")
    whole = hashlib.md5(b"".join(content), usedforsecurity=False).hexdigest()
    assert copied.value["CopyObjectResult"]["ETag"] == f'"{whole}"'
    await s3("DELETE", "/bkt/k")
    assert await s3.content("/bkt/copy", range="bytes=-5") == b"\0\0end"
    await s3("DELETE", "/bkt/copy")
    assert await s3.blobs() == 0


async def test_another_checksum(s3: Caller) -> None:
    await s3.put("/bkt/k", b"content")
    copied = await s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k", x_amz_checksum_algorithm="SHA256")
    assert "ChecksumSHA256" in copied.value["CopyObjectResult"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_amz_copy_source": "/bkt/nope"}, "404 NoSuchKey"),
        ({"x_amz_copy_source": "/nope/k"}, "404 NoSuchBucket"),
        ({"x_amz_copy_source": "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/k"}, "400 InvalidArgument"),
        ({"x_amz_copy_source": "//k"}, "400 InvalidArgument"),
        ({"x_amz_copy_source": "bkt"}, "400 InvalidArgument"),
        ({"x_amz_copy_source": "/bkt/%ff"}, "400 InvalidArgument"),
        ({"x_amz_copy_source": "/bkt/k?versionId=7"}, "400 InvalidArgument"),
        ({"x_amz_copy_source": "/bkt/k?versionId=null"}, "200"),
        ({"x_amz_copy_source": "/bkt/k", "x_amz_copy_source_if_match": '"0"'}, "412 PreconditionFailed"),
        ({"x_amz_copy_source": "/bkt/k", "x_amz_copy_source_if_none_match": "*"}, "412 PreconditionFailed"),
        (
            {"x_amz_copy_source": "/bkt/k", "x_amz_copy_source_if_modified_since": "Sun, 01 Mar 2026 12:00:00 GMT"},
            "412 PreconditionFailed",
        ),
        ({"x_amz_copy_source": "/bkt/k", "x_amz_metadata_directive": "KEEP"}, "400 InvalidArgument"),
        ({"x_amz_copy_source": "/bkt/k", "if_none_match": "*"}, "200"),
    ],
)
async def test_sources(s3: Caller, headers: dict[str, str], expected: str) -> None:
    await s3.put("/bkt/k", b"content")
    assert code(await s3("PUT", "/bkt/copy", **headers)) == expected


async def test_a_plus_in_a_source_is_a_space(s3: Caller) -> None:
    await s3.put("/bkt/a%2Bb", b"plus")
    await s3.put("/bkt/a%20b", b"space")
    for source, expected in (("a+b", b"space"), ("a%2Bb", b"plus"), ("a%20b", b"space")):
        assert (await s3("PUT", "/bkt/copy", x_amz_copy_source=f"bkt/{source}")).status == 200
        assert await s3.content("/bkt/copy") == expected


async def test_parts_from_ranges(s3: Caller) -> None:
    await s3.put("/bkt/k", bytes(range(256)) * 400)
    upload_id = await s3.upload("/bkt/copy", [])
    for number, text in ((1, "bytes=10-19"), (2, None)):
        ranged = {"x_amz_copy_source_range": text} if text else {}
        query = {"partNumber": number, "uploadId": upload_id}
        part = await s3("PUT", "/bkt/copy", query, x_amz_copy_source="/bkt/k", **ranged)
        assert part.status == 200, part.body
    etags = await s3.etags("/bkt/copy", upload_id)
    assert etags[0][1] == f'"{hashlib.md5(bytes(range(10, 20)), usedforsecurity=False).hexdigest()}"'
    await s3.complete("/bkt/copy", upload_id, etags[:1])
    assert await s3.content("/bkt/copy") == bytes(range(10, 20))
    await s3("DELETE", "/bkt/k")
    assert await s3.content("/bkt/copy") == bytes(range(10, 20))
    await s3("DELETE", "/bkt/copy")
    assert await s3.blobs() == 0


@pytest.mark.parametrize("text", ["bytes=0-7", "bytes=5-2", "bytes=0-", "bytes=-2", "0-2"])
async def test_ranges_that_are_none(s3: Caller, text: str) -> None:
    await s3.put("/bkt/k", b"content")
    upload_id = await s3.upload("/bkt/copy", [])
    query = {"partNumber": 1, "uploadId": upload_id}
    part = await s3("PUT", "/bkt/copy", query, x_amz_copy_source="/bkt/k", x_amz_copy_source_range=text)
    assert code(part) == "400 InvalidArgument"
