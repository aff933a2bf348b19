"""Conditional reads and writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.exchange import Response
from mocks.s3.conditions import matches
from tests.mocks.s3.conftest import Caller, code

#: The harness's clock begins at this time; an object is made then.
BEFORE, AT = "Sun, 01 Mar 2026 11:59:59 GMT", "Sun, 01 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize("condition", ["*", '"e"', "e", 'W/"e"', '"a", "e"'])
def test_a_tag_that_names_it(condition: str) -> None:
    assert matches(condition, "e")


def test_a_tag_that_does_not() -> None:
    assert not matches('"a","b"', "e")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"if_match": "E"}, 200),
        ({"if_match": '"0"'}, 412),
        ({"if_none_match": "E"}, 304),
        ({"if_none_match": '"0"'}, 200),
        ({"if_modified_since": BEFORE}, 200),
        ({"if_modified_since": AT}, 304),
        ({"if_unmodified_since": AT}, 200),
        ({"if_unmodified_since": BEFORE}, 412),
        ({"if_match": "E", "if_unmodified_since": BEFORE}, 200),
        ({"if_none_match": "E", "if_modified_since": BEFORE}, 304),
        ({"if_none_match": '"0"', "if_modified_since": AT}, 200),
        ({"if_match": '"0"', "if_none_match": "E"}, 412),
        ({"if_modified_since": "no date"}, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_reads(s3: Caller, method: str, headers: dict[str, str], expected: int) -> None:
    etag = (await s3.put("/bkt/k", b"1")).value["ETag"]
    got = await s3(method, "/bkt/k", **{name: etag if value == "E" else value for name, value in headers.items()})
    assert got.status == expected
    if expected == 304:
        assert (got.header("etag"), got.body) == (etag, b"")


async def test_writes(s3: Caller) -> None:
    first = (await s3.put("/bkt/k", b"1", if_none_match="*")).value["ETag"]
    assert code(await s3.put("/bkt/k", b"2", if_none_match="*")) == "412 PreconditionFailed"
    for headers in ({"if_none_match": first}, {"if_none_match": "*", "if_match": first}):
        refused = await s3.put("/bkt/k", b"2", **headers)
        assert code(refused) == "501 NotImplemented"
        assert b"<Header>If-None-Match</Header>" in refused.body
    assert code(await s3.put("/bkt/other", b"2", if_match=first)) == "404 NoSuchKey"
    assert code(await s3.put("/bkt/k", b"2", if_match='"0"')) == "412 PreconditionFailed"
    assert (await s3.put("/bkt/k", b"2", if_match=first)).status == 200
    assert await s3.content("/bkt/k") == b"2"
    assert await s3.blobs() == 1


async def test_one_of_many_writers_wins(s3: Caller) -> None:
    made = await asyncio.gather(*(s3.put("/bkt/k", b"%d" % n * 100_000, if_none_match="*") for n in range(8)))
    assert sorted(response.status for response in made) == [200] + [412] * 7
    winner = next(n for n, response in enumerate(made) if response.status == 200)
    assert await s3.content("/bkt/k") == b"%d" % winner * 100_000
    assert await s3.blobs() == 1


async def test_a_bucket_that_goes_while_the_body_comes(s3: Caller) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"first"
        assert (await s3("DELETE", "/bkt")).status == 204
        yield b"second"

    put = await s3.harness.call("PUT", "/bkt/k", stream=slow(), headers={"content-length": "11"})
    assert code(put) == "404 NoSuchBucket"
    assert await s3.blobs() == 0


async def under_way(s3: Caller, meanwhile: tuple[str, ...], **headers: str) -> Response:
    """A PUT of ``/bkt/k`` during whose body these calls are made."""

    async def body() -> AsyncIterator[bytes]:
        yield b"1"
        for method in meanwhile:
            done = await (s3.put("/bkt/k", b"other") if method == "PUT" else s3(method, "/bkt/k"))
            assert done.status < 300
        yield b"2"

    fields = {"content-length": "2", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await s3.harness.call("PUT", "/bkt/k", stream=body(), headers=fields)


@pytest.mark.parametrize("versioned", [False, True])
async def test_a_delete_meanwhile_is_a_conflict(s3: Caller, versioned: bool) -> None:
    if versioned:
        await s3.versioned()
    etag = (await s3.put("/bkt/k", b"1")).value["ETag"]
    for headers in ({"if_match": etag}, {"if_none_match": "*"}):
        assert code(await under_way(s3, ("DELETE",), **headers)) == "409 ConditionalRequestConflict"
        assert code(await s3("GET", "/bkt/k")) == "404 NoSuchKey"
        await s3.put("/bkt/k", b"1")
    assert (await under_way(s3, ("DELETE",))).status == 200, "who sets no condition has no conflict"


async def test_the_first_of_two_writes_wins(s3: Caller) -> None:
    assert code(await under_way(s3, ("PUT",), if_none_match="*")) == "412 PreconditionFailed"
    etag = (await s3.put("/bkt/k", b"1")).value["ETag"]
    assert code(await under_way(s3, ("PUT",), if_match=etag)) == "412 PreconditionFailed"
    assert await s3.content("/bkt/k") == b"other"
    assert code(await under_way(s3, ("DELETE", "PUT"), if_match=etag)) == "412 PreconditionFailed"
