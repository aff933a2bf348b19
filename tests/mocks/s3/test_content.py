"""Segments: cut, shared and let go."""

from __future__ import annotations

import pytest

from mocks.base import Blob
from mocks.s3 import content
from tests.mocks.s3.conftest import Caller, pieces


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, 10, [["a", 5, 9], ["b", 0, 6]]),
        (0, 4, [["a", 5, 9]]),
        (3, 5, [["a", 8, 9], ["b", 0, 1]]),
        (4, 10, [["b", 0, 6]]),
        (6, 7, [["b", 2, 3]]),
        (4, 4, []),
    ],
)
def test_cutting(start: int, stop: int, expected: list[content.Segment]) -> None:
    assert content.cut([["a", 5, 9], ["b", 0, 6]], start, stop) == expected


def test_nothing_has_no_segment() -> None:
    assert content.whole(Blob("a", 0)) == []
    assert content.whole(Blob("a", 3)) == [["a", 0, 3]]


async def test_bytes_live_as_long_as_something_refers_to_them(s3: Caller) -> None:
    store = await s3.harness.store()
    transaction = store.begin("s3")
    blob = await transaction.write_blob(pieces(b"0123456789"))
    segments = [[blob.id, 2, 8], [blob.id, 0, 1]]
    await content.share(transaction, segments)  # two more than the one that writing it made
    await transaction.commit()
    for left in (2, 1):
        transaction = store.begin("s3")
        await content.release(transaction, segments[:1])
        await transaction.commit()
        assert await s3.blobs() == 1, left
    transaction = store.begin("s3")
    found = b"".join([piece async for piece in content.read(transaction, segments)])
    assert found == b"2345670"
    await content.release(transaction, segments[:1])
    await transaction.commit()
    assert await s3.blobs() == 0
    assert (await store.inventory())["records"] == {"s3": {"bucket": 1}}


async def test_many_segments_stay_out_of_the_record(s3: Caller) -> None:
    transaction = (await s3.harness.store()).begin("s3")
    record: dict[str, object] = {}
    segments = [["a", 0, 1]] * 100
    await content.keep(transaction, record, segments, [{"number": 1, "size": 1, "checksum": []}], "layout")
    assert record == {"layout": "layout", "parts": 1}
    assert await content.segments_of(transaction, record) == segments
    assert [part["number"] for part in await content.parts_of(transaction, record)] == [1]
    await transaction.rollback()


async def test_an_object_of_many_segments_outlives_its_deletion(s3: Caller) -> None:
    transaction = (await s3.harness.store()).begin("s3")
    small = await transaction.write_blob(pieces(b"0123456789"))
    large = await transaction.write_blob(pieces(b"0123456789" * 10_000))
    segments = [[blob.id, at % 10, at % 10 + 1] for at in range(200) for blob in (small, large)]
    stream = content.read(transaction, segments)
    await transaction.commit()
    deletion = (await s3.harness.store()).begin("s3")
    for blob in (small, large):
        await deletion.delete_blob(blob.id)
    await deletion.commit()
    assert await s3.blobs() == 0
    assert b"".join([piece async for piece in stream]) == b"00112233445566778899" * 20
