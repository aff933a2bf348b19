"""Which version a call means, and what writes and deletes leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from contracts.exchange import Response
from mocks.s3.versions import ordered, place
from tests.mocks.s3.conftest import Caller, code

TAGS = b"<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"


async def put(s3: Caller, body: bytes, path: str = "/bkt/k") -> Any:
    return (await s3.put(path, body)).header("x-amz-version-id")


def marker(response: Response) -> tuple[int, str | None, str | None]:
    return response.status, response.header("x-amz-delete-marker"), response.header("x-amz-version-id")


async def test_without_versioning_there_is_the_null_version(s3: Caller) -> None:
    assert await put(s3, b"1") is None
    assert (await s3("GET", "/bkt/k")).header("x-amz-version-id") is None
    assert await s3.content("/bkt/k", "versionId=null") == b"1"
    assert code(await s3("GET", "/bkt/k", "versionId=abc")) == "400 InvalidArgument"
    assert code(await s3("GET", "/bkt/k", "versionId=")) == "400 InvalidArgument"
    assert code(await s3("GET", "/bkt/k", "versionId=" + "x" * 32)) == "404 NoSuchVersion"
    assert (await s3("DELETE", "/bkt/k", "versionId=" + "x" * 32)).status == 204
    assert await s3.content("/bkt/k") == b"1"
    assert marker(await s3("DELETE", "/bkt/k", "versionId=null")) == (204, None, "null")
    assert await s3.blobs() == 0


async def test_every_version_stays(s3: Caller) -> None:
    await put(s3, b"0")
    await s3.versioned()
    assert (await s3("HEAD", "/bkt/k")).header("x-amz-version-id") == "null"
    made = {await put(s3, body): body for body in (b"1", b"2", b"3")}
    made["null"] = b"0"
    assert len(made) == 4
    for version, body in made.items():
        got = await s3("GET", "/bkt/k", {"versionId": version})
        assert (got.header("x-amz-version-id"), got.value["Body"]) == (version, body)
        assert (await s3("HEAD", "/bkt/k", {"versionId": version})).header("content-length") == "1"
    assert await s3.content("/bkt/k") == b"3"
    assert await s3.blobs() == 4


async def test_a_delete_marker_hides(s3: Caller) -> None:
    await s3.versioned()
    version = await put(s3, b"1")
    status, told, hidden = marker(await s3("DELETE", "/bkt/k"))
    assert (status, told) == (204, "true")
    for method in ("GET", "HEAD"):
        assert marker(await s3(method, "/bkt/k")) == (404, "true", hidden)
        by_id = await s3(method, "/bkt/k", {"versionId": hidden})
        assert marker(by_id) == (405, "true", hidden)
        assert by_id.header("allow") == "DELETE"
        assert by_id.header("last-modified")
    assert b"<ResourceType>DeleteMarker</ResourceType>" in (await s3("GET", "/bkt/k", {"versionId": hidden})).body
    assert (await s3("GET", "/bkt", "list-type=2")).value["KeyCount"] == 0
    assert await s3.content("/bkt/k", {"versionId": version}) == b"1"
    assert marker(await s3("DELETE", "/bkt/k", {"versionId": hidden})) == (204, "true", hidden)
    assert await s3.content("/bkt/k") == b"1"


async def test_the_next_newest_comes_forward(s3: Caller) -> None:
    await put(s3, b"0")
    await s3.versioned()
    one, two = await put(s3, b"1"), await put(s3, b"2")
    assert marker(await s3("DELETE", "/bkt/k", {"versionId": two})) == (204, None, two)
    assert await s3.content("/bkt/k") == b"1"
    await s3("DELETE", "/bkt/k", {"versionId": one})
    got = await s3("GET", "/bkt/k")
    assert (got.value["Body"], got.header("x-amz-version-id")) == (b"0", "null")
    assert code(await s3("GET", "/bkt/k", {"versionId": one})) == "404 NoSuchVersion"
    await s3("DELETE", "/bkt/k", "versionId=null")
    assert code(await s3("GET", "/bkt/k")) == "404 NoSuchKey"
    assert await s3.blobs() == 0


async def test_an_old_version_goes_from_behind(s3: Caller) -> None:
    await s3.versioned()
    one, _ = await put(s3, b"1"), await put(s3, b"2")
    _, _, hidden = marker(await s3("DELETE", "/bkt/k"))
    await s3("DELETE", "/bkt/k", {"versionId": one})
    assert marker(await s3("GET", "/bkt/k")) == (404, "true", hidden)
    assert await s3.blobs() == 1


async def test_suspended_writes_replace_the_null_version(s3: Caller) -> None:
    await s3.versioned()
    kept = await put(s3, b"1")
    await s3.versioned("Suspended")
    assert await put(s3, b"2") is None, "a null version is not told"
    assert await put(s3, b"3") is None, "a null version is not told"
    assert await s3.content("/bkt/k", "versionId=null") == b"3"
    assert await s3.content("/bkt/k", {"versionId": kept}) == b"1"
    assert await s3.blobs() == 2
    await s3.versioned()
    later = await put(s3, b"4")
    assert await s3.content("/bkt/k", "versionId=null") == b"3", "which stepped back"
    await s3.versioned("Suspended")
    await put(s3, b"5")
    assert await s3.content("/bkt/k", "versionId=null") == b"5"
    assert await s3.content("/bkt/k", {"versionId": later}) == b"4"
    assert await s3.blobs() == 3


async def test_suspended_deletes_leave_a_null_marker(s3: Caller) -> None:
    await s3.versioned()
    kept = await put(s3, b"1")
    await s3.versioned("Suspended")
    await put(s3, b"2")
    assert marker(await s3("DELETE", "/bkt/k")) == (204, "true", "null")
    assert marker(await s3("GET", "/bkt/k")) == (404, "true", "null")
    assert marker(await s3("DELETE", "/bkt/k")) == (204, "true", "null")
    assert code(await s3("GET", "/bkt/k", "versionId=null")) == "405 MethodNotAllowed"
    assert await s3.blobs() == 1
    assert marker(await s3("DELETE", "/bkt/k", "versionId=null")) == (204, "true", "null")
    assert (await s3("HEAD", "/bkt/k")).header("x-amz-version-id") == kept
    assert await put(s3, b"3") is None, "a null version is not told"


async def test_a_marker_over_nothing(s3: Caller) -> None:
    await s3.versioned()
    _, _, first = marker(await s3("DELETE", "/bkt/k"))
    _, _, second = marker(await s3("DELETE", "/bkt/k"))
    assert first != second
    await put(s3, b"1")
    assert await s3.content("/bkt/k") == b"1"
    assert code(await s3("DELETE", "/bkt")) == "409 BucketNotEmpty"


async def test_a_bucket_with_markers_is_not_empty(s3: Caller) -> None:
    await s3.versioned()
    _, _, hidden = marker(await s3("DELETE", "/bkt/k"))
    assert code(await s3("DELETE", "/bkt")) == "409 BucketNotEmpty"
    await s3.versioned("Suspended")
    assert code(await s3("DELETE", "/bkt")) == "409 BucketNotEmpty"
    await s3("DELETE", "/bkt/k", {"versionId": hidden})
    assert (await s3("DELETE", "/bkt")).status == 204


async def test_conditional_writes_see_the_current_object(s3: Caller) -> None:
    await s3.versioned()
    first = await s3.put("/bkt/k", b"1")
    etag = first.value["ETag"]
    assert code(await s3.put("/bkt/k", b"2", if_none_match="*")) == "412 PreconditionFailed"
    assert (await s3.put("/bkt/k", b"2", if_match=etag)).status == 200
    assert code(await s3.put("/bkt/k", b"3", if_match=etag)) == "412 PreconditionFailed"
    await s3("DELETE", "/bkt/k")
    assert code(await s3.put("/bkt/k", b"3", if_match=etag)) == "404 NoSuchKey"
    assert (await s3.put("/bkt/k", b"3", if_none_match="*")).status == 200


async def test_tags_are_of_a_version(s3: Caller) -> None:
    await s3.versioned()
    one, two = await put(s3, b"1"), await put(s3, b"2")
    for version in (one, two):
        done = await s3("PUT", "/bkt/k", {"tagging": "", "versionId": version}, TAGS)
        assert done.header("x-amz-version-id") == version
        assert (await s3("HEAD", "/bkt/k", {"versionId": version})).header("x-amz-tagging-count") == "1"
    gone = await s3("DELETE", "/bkt/k", {"tagging": "", "versionId": one})
    assert (gone.status, gone.header("x-amz-version-id")) == (204, one)
    tags = await s3("GET", "/bkt/k", {"tagging": "", "versionId": one})
    assert (tags.value["TagSet"], tags.header("x-amz-version-id")) == ([], one)
    assert len((await s3("GET", "/bkt/k", "tagging")).value["TagSet"]) == 1
    _, _, hidden = marker(await s3("DELETE", "/bkt/k"))
    assert code(await s3("GET", "/bkt/k", {"tagging": "", "versionId": hidden})) == "405 MethodNotAllowed"
    assert code(await s3("GET", "/bkt/k", "tagging")) == "404 NoSuchKey"


async def test_attributes_are_of_a_version(s3: Caller) -> None:
    await s3.versioned()
    one, _ = await put(s3, b"1"), await put(s3, b"22")
    got = await s3("GET", "/bkt/k", {"attributes": "", "versionId": one}, x_amz_object_attributes="ObjectSize")
    assert (got.value["ObjectSize"], got.header("x-amz-version-id")) == (1, one)


async def test_copies_of_versions(s3: Caller) -> None:
    await s3.versioned()
    one, two = await put(s3, b"1"), await put(s3, b"2")
    plain = await s3("PUT", "/bkt/c", x_amz_copy_source="bkt/k")
    assert plain.header("x-amz-copy-source-version-id") == two
    back = await s3("PUT", "/bkt/k", x_amz_copy_source=f"bkt/k?versionId={one}")
    assert (back.status, back.header("x-amz-copy-source-version-id")) == (200, one)
    assert await s3.content("/bkt/k", {"versionId": back.header("x-amz-version-id")}) == b"1"
    assert await s3.content("/bkt/k", {"versionId": two}) == b"2"
    _, _, hidden = marker(await s3("DELETE", "/bkt/k"))
    for source, told in [
        ("bkt/k", "404 NoSuchKey"),
        (f"bkt/k?versionId={hidden}", "400 InvalidRequest"),
        ("bkt/k?versionId=zzz", "400 InvalidArgument"),
        ("bkt/k?versionId=", "400 InvalidArgument"),
        (f"bkt/k?versionId={'x' * 32}", "404 NoSuchVersion"),
    ]:
        assert code(await s3("PUT", "/bkt/d", x_amz_copy_source=source)) == told
    upload = await s3.upload("/bkt/u", [])
    part = await s3("PUT", "/bkt/u", {"partNumber": 1, "uploadId": upload}, x_amz_copy_source=f"bkt/k?versionId={two}")
    assert part.header("x-amz-copy-source-version-id") == two
    done = await s3.complete("/bkt/u", upload, await s3.etags("/bkt/u", upload))
    assert len(done.header("x-amz-version-id") or "") == 32


async def test_the_last_version_takes_its_bytes_along(s3: Caller) -> None:
    await s3.versioned()
    upload = await s3.upload("/bkt/k", [b"x" * (5 * 1024**2), b"y"])
    whole = (await s3.complete("/bkt/k", upload, await s3.etags("/bkt/k", upload))).header("x-amz-version-id")
    copy = (await s3("PUT", "/bkt/k", x_amz_copy_source="bkt/k", x_amz_metadata_directive="REPLACE")).header(
        "x-amz-version-id"
    )
    for version in (whole, copy):
        assert await s3.blobs() == 2
        assert (await s3("DELETE", "/bkt/k", {"versionId": version})).status == 204
    assert await s3.blobs() == 0


@pytest.mark.parametrize("key", ["a", "a\x01", "a\x00", "a\x02b", "a\x01b", "a\x03", "a b", "a\U00010000", "ab"])
async def test_keys_keep_their_order_with_something_behind(key: str) -> None:
    for other in ("a", "a\x01", "a\x02", "aa"):
        ours, theirs = place("b", key, 3, "null"), place("b", other, 9, "null")
        if key != other:
            assert (ours.encode() < theirs.encode()) is (key.encode() < other.encode())
    assert place("b", key, 4, "null") < place("b", key, 3, "null")
    assert ordered(key).startswith(ordered(key[:1]))


async def test_writes_side_by_side_are_versions_each(s3: Caller) -> None:
    await s3.versioned()
    bodies = [b"%d" % number * 3 for number in range(20)]
    made = await asyncio.gather(*(s3.put("/bkt/k", body, piece=1) for body in bodies))
    ids = [answer.header("x-amz-version-id") for answer in made]
    assert len(set(ids)) == 20
    listed = (await s3("GET", "/bkt", "versions")).value["Versions"]
    assert {each["VersionId"] for each in listed} == set(ids)
    assert [each["IsLatest"] for each in listed] == [True] + [False] * 19
    for version, body in zip(ids, bodies, strict=True):
        assert await s3.content("/bkt/k", {"versionId": version}) == body
    await asyncio.gather(*(s3("DELETE", "/bkt/k", {"versionId": version}) for version in ids))
    assert code(await s3("GET", "/bkt/k")) == "404 NoSuchKey"
    assert await s3.blobs() == 0


async def test_versioning_that_begins_while_a_body_arrives(s3: Caller) -> None:
    await s3.put("/bkt/k", b"0")

    async def body() -> AsyncIterator[bytes]:
        yield b"1"
        await s3.versioned()
        yield b"2"

    made = await s3.harness.call("PUT", "/bkt/k", stream=body(), headers={"content-length": "2"})
    assert len(made.header("x-amz-version-id") or "") == 32
    assert await s3.content("/bkt/k", "versionId=null") == b"0"
