"""Ranges and parts of an object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.base import ServiceError
from mocks.s3.ranges import byte_range
from tests.mocks.s3.conftest import Caller, code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bytes=0-4", (0, 5)),
        ("bytes=0-", (0, 10)),
        ("bytes=9-9", (9, 10)),
        ("bytes=3-99", (3, 10)),
        ("bytes=3-9999999999999999999999", (3, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=4-3", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
    ],
)
def test_a_range(text: str, expected: tuple[int, int] | None) -> None:
    assert byte_range(text, 10) == expected


@pytest.mark.parametrize("text", ["bytes=10-", "bytes=10-11", "bytes=-0"])
def test_a_range_outside(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        byte_range(text, 10)
    assert (caught.value.status, caught.value.code) == (416, "InvalidRange")


@given(size=st.integers(0, 40), first=st.integers(0, 45), last=st.integers(0, 45), form=st.sampled_from("flo"))
def test_any_range_is_a_slice(size: int, first: int, last: int, form: str) -> None:
    """What RFC 9110, 14.1.2, says of each form, in Python's own words."""
    whole = list(range(size))
    text, wanted = {
        "f": (f"bytes={first}-{last}", whole[first : last + 1]),
        "l": (f"bytes=-{last}", whole[-last:] if last else []),
        "o": (f"bytes={first}-", whole[first:]),
    }[form]
    if form == "f" and last < first:
        assert byte_range(text, size) is None
    elif wanted:
        found = byte_range(text, size)
        assert found is not None
        assert whole[slice(*found)] == wanted
    else:
        with pytest.raises(ServiceError):
            byte_range(text, size)


async def test_a_range_of_an_object(s3: Caller) -> None:
    body = bytes(range(256)) * 1024
    await s3.put("/bkt/k", body)
    got = await s3("GET", "/bkt/k", range="bytes=70000-200000")
    assert (got.status, got.header("content-range")) == (206, "bytes 70000-200000/262144")
    assert await s3.content("/bkt/k", range="bytes=70000-200000") == body[70000:200001]
    assert await s3.content("/bkt/k", range="bytes=1-2,5-6") == body
    outside = await s3("GET", "/bkt/k", range="bytes=262144-")
    assert code(outside) == "416 InvalidRange"
    assert b"<ActualObjectSize>262144</ActualObjectSize>" in outside.body
    assert outside.header("content-range") == "bytes */262144"
    empty = await s3("HEAD", "/bkt/k", range="bytes=262144-")
    assert (empty.status, empty.body) == (416, b"")


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("same", 206),
        ('"0"', 200),
        ("Sun, 01 Mar 2026 12:00:00 GMT", 206),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 200),
        ("nonsense", 200),
    ],
)
async def test_a_range_of_one_state_of_the_object(s3: Caller, condition: str, status: int) -> None:
    put = await s3.put("/bkt/k", b"content")
    condition = put.value["ETag"] if condition == "same" else condition
    assert (await s3("GET", "/bkt/k", range="bytes=0-1", if_range=condition)).status == status


async def test_an_empty_object_has_no_ranges(s3: Caller) -> None:
    await s3.put("/bkt/k", b"")
    for text in ("bytes=0-0", "bytes=0-", "bytes=-1"):
        assert code(await s3("GET", "/bkt/k", range=text)) == "416 InvalidRange"
    assert (await s3("GET", "/bkt/k", "partNumber=1")).status == 200


async def test_parts(s3: Caller) -> None:
    await s3.put("/bkt/k", b"whole")
    only = await s3("GET", "/bkt/k", "partNumber=1")
    assert (only.status, only.header("content-range"), only.body) == (206, "bytes 0-4/5", b"whole")
    assert code(await s3("GET", "/bkt/k", "partNumber=2")) == "416 InvalidPartNumber"
    assert code(await s3("GET", "/bkt/k", "partNumber=0")) == "400 InvalidArgument"
    assert code(await s3("GET", "/bkt/k", "partNumber=1", range="bytes=0-1")) == "400 InvalidRequest"
