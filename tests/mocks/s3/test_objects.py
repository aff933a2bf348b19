"""Objects: put, get, head, delete, and keys of every kind."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

import pytest

from broker.storage.base import QuotaReached
from tests.mocks.s3.conftest import Caller, code, pieces


def md5_of(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


@pytest.mark.parametrize(
    "key", ["a/../b", "..", "//", "a//b/", "ü/\U0001f600", "a b+c%&=?#", "\x01\x7f", "/", "x" * 1024, "a\\b", "'\"<>"]
)
async def test_any_key_is_a_name(s3: Caller, key: str) -> None:
    path = f"/bkt/{quote(key, safe='/')}"
    assert (await s3.put(path, key.encode())).status == 200
    assert await s3.content(path) == key.encode()
    listed = (await s3("GET", "/bkt", "list-type=2")).value["Contents"]
    assert [item["Key"] for item in listed] == [key]
    assert (await s3("DELETE", path)).status == 204
    assert code(await s3("GET", path)) == "404 NoSuchKey"


async def test_keys_that_are_none(s3: Caller) -> None:
    assert code(await s3.put("/bkt/" + "x" * 1025, b"")) == "400 KeyTooLongError"
    assert code(await s3.put("/bkt/" + "%C3%BC" * 513, b"")) == "400 KeyTooLongError"
    assert code(await s3.put("/bkt/%ff", b"")) == "400 InvalidURI"


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 1_500_000])
async def test_every_size_comes_back(s3: Caller, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    put = await s3.put("/bkt/k", body, piece=30_000)
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    assert put.value["ETag"] == etag
    assert await s3.content("/bkt/k") == body
    head = await s3("HEAD", "/bkt/k")
    assert (head.header("content-length"), head.header("etag"), head.body) == (str(size), etag, b"")
    assert await s3.blobs() == (1 if size else 0)


async def test_replacing_frees_the_old_bytes(s3: Caller) -> None:
    for content in (b"first", b"second"):
        await s3.put("/bkt/k", content)
    assert await s3.content("/bkt/k") == b"second"
    assert await s3.blobs() == 1
    await s3("DELETE", "/bkt/k")
    assert await s3.blobs() == 0
    assert (await s3("DELETE", "/bkt/k")).status == 204


async def test_answers_carry_what_the_caller_overrides(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1", content_type="text/plain", cache_control="no-store")
    query = {
        "response-content-type": "text/html",
        "response-content-disposition": "attachment",
        "response-expires": "Sat, 21 Nov 2026 00:00:00 GMT",
    }
    got = await s3("GET", "/bkt/k", query)
    assert got.header("content-type") == "text/html"
    assert got.header("content-disposition") == "attachment"
    assert got.header("expires") == "Sat, 21 Nov 2026 00:00:00 GMT"
    assert got.header("cache-control") == "no-store"


async def test_a_body_of_unknown_or_forbidden_length(s3: Caller) -> None:
    unknown = await s3.harness.call("PUT", "/bkt/k", stream=pieces(b"1"))
    assert code(unknown) == "411 MissingContentLength"
    large = await s3.put("/bkt/k", b"", content_length=str(5 * 1024**3 + 1))
    assert code(large) == "400 EntityTooLarge"


async def test_content_md5(s3: Caller) -> None:
    assert (await s3.put("/bkt/k", b"1", content_md5=md5_of(b"1"))).status == 200
    assert code(await s3.put("/bkt/k", b"2", content_md5=md5_of(b"1"))) == "400 BadDigest"
    assert code(await s3.put("/bkt/k", b"2", content_md5="nonsense")) == "400 InvalidDigest"
    assert await s3.content("/bkt/k") == b"1"
    assert await s3.blobs() == 1


async def test_a_part_number_is_no_put(s3: Caller) -> None:
    assert code(await s3.put("/bkt/k", b"1", "partNumber=1")) == "400 InvalidArgument"
    assert code(await s3.put("/bkt/k", b"1", "uploadId=a")) == "405 MethodNotAllowed"


async def test_beyond_the_quota_nothing_is_kept_and_room_comes_back(s3: Caller) -> None:
    (await s3.harness.store()).room.most = 200_000
    with pytest.raises(QuotaReached):
        await s3.put("/bkt/large", b"x" * 200_001)
    assert (await s3.put("/bkt/a", b"x" * 150_000)).status == 200
    with pytest.raises(QuotaReached):
        await s3.put("/bkt/b", b"x" * 50_001)
    assert [one["Key"] for one in (await s3("GET", "/bkt", "list-type=2")).value["Contents"]] == ["a"]
    assert (await s3("DELETE", "/bkt/a")).status == 204
    assert (await s3.put("/bkt/b", b"x" * 200_000)).status == 200


async def test_nobody_overrides_headers_or_uses_keys(s3: Caller) -> None:
    """API_GetObject.html, "Overriding response header values": signed requests alone; UsingKMSEncryption.html."""
    await s3("DELETE", "/bkt", "publicAccessBlock")
    statement = '{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"}'
    policy = f'{{"Version":"2012-10-17","Statement":[{statement}]}}'.encode()
    assert (await s3("PUT", "/bkt", "policy", policy)).status == 204
    await s3.put("/bkt/k", b"content")
    await s3.put("/bkt/kms", b"content", x_amz_server_side_encryption="aws:kms")

    async def nobody(path: str, query: str = "") -> str:
        return code(await s3.harness.call("GET", path, query=query, credential=""))

    assert await nobody("/bkt/k") == "200"
    assert await nobody("/bkt/k", "response-content-type=text/html") == "400 InvalidRequest"
    assert await nobody("/bkt/kms") == "400 InvalidArgument"
