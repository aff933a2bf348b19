"""Copies of objects and of ranges into parts."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from contracts.exchange import Response
from mocks.s3 import copying
from mocks.s3.digests import Digest
from tests.mocks.s3.conftest import Caller, code, told


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


async def test_a_bucket_with_encryption_of_its_own_takes_idle_copies(s3: Caller) -> None:
    await s3.put("/bkt/k", b"content", x_amz_meta_a="1")
    rule = (
        "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
    )
    body = f"<ServerSideEncryptionConfiguration><Rule>{rule}</Rule></ServerSideEncryptionConfiguration>"
    assert (await s3.configured("/bkt", "encryption", body)).status == 200
    assert (await s3("PUT", "/bkt/k", x_amz_copy_source="/bkt/k")).status == 200
    assert (await s3("HEAD", "/bkt/k")).header("x-amz-meta-a") == "1"
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


async def in_parts(s3: Caller, path: str, *parts: bytes) -> None:
    upload_id = await s3.upload(path, list(parts))
    assert (await s3.complete(path, upload_id, await s3.etags(path, upload_id))).status == 200


async def test_a_long_source_is_read_while_others_call(s3: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "QUICK", 1024)
    content = bytes(range(256)) * 4 * 5 * 1024
    await in_parts(s3, "/bkt/k", content, b"end")
    copy = s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k")
    copied, other = await asyncio.gather(copy, s3.put("/bkt/other", b"1"))
    assert (copied.status, other.status) == (200, 200)
    whole = hashlib.md5(content + b"end", usedforsecurity=False).hexdigest()
    assert copied.value["CopyObjectResult"]["ETag"] == f'"{whole}"'
    upload_id = await s3.upload("/bkt/parts", [])
    query = {"partNumber": 1, "uploadId": upload_id}
    assert (await s3("PUT", "/bkt/parts", query, x_amz_copy_source="/bkt/k")).status == 200
    await s3("DELETE", "/bkt/k")
    assert await s3.content("/bkt/copy", range="bytes=-4") == b"\xffend"
    await s3("DELETE", "/bkt/copy")
    await s3("DELETE", "/bkt/parts", {"uploadId": upload_id})
    assert await s3.blobs() == 1


@pytest.mark.parametrize(("change", "expected"), [("DELETE", "404 NoSuchKey"), ("PUT", "409 OperationAborted")])
async def test_a_source_that_changes_meanwhile(
    s3: Caller, monkeypatch: pytest.MonkeyPatch, change: str, expected: str
) -> None:
    real = copying.through

    async def interrupted(pieces: AsyncIterator[bytes], digest: Digest) -> AsyncIterator[bytes]:
        async for piece in real(pieces, digest):
            if not changed:
                changed.append(await (s3("DELETE", "/bkt/k") if change == "DELETE" else s3.put("/bkt/k", b"newer")))
            yield piece

    changed: list[Response] = []
    await in_parts(s3, "/bkt/k", bytes(5 * 1024 * 1024), b"end")
    monkeypatch.setattr(copying, "QUICK", 1024)
    monkeypatch.setattr(copying, "through", interrupted)
    assert code(await s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k")) == expected
    assert len(changed) == 1
    assert code(await s3("HEAD", "/bkt/copy")) == "404"
    await s3("DELETE", "/bkt/k")
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
        ({"x_amz_copy_source": ""}, "400 InvalidArgument"),
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


async def test_what_is_wrong_with_a_source_is_told(s3: Caller) -> None:
    for source, part in (("", "bucket name"), ("/", "bucket name"), ("bkt", "object key"), ("bkt/", "object key")):
        refused = await s3("PUT", "/bkt/copy", x_amz_copy_source=source)
        assert told(refused) == f"Invalid copy source {part}"


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
