"""What is configured for a bucket: kept, found without a read where there is nothing, gone with the bucket."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from mocks.s3.configurations import (
    CONFIGURATION,
    configuration,
    configure,
    discard_configurations,
    number,
    numbered,
    several,
    storable,
)
from mocks.s3.records import named_bucket
from tests.mocks.s3.conftest import Caller


async def opened(s3: Caller) -> Any:
    """All of a call that configurations touch."""
    return SimpleNamespace(state=(await s3.harness.store()).begin("s3"))


async def test_one_of_a_name(s3: Caller) -> None:
    call = await opened(s3)
    bucket = await named_bucket(call.state, "bkt")
    assert await configuration(call.state, bucket, "cors") is None
    await configure(call, bucket, "cors", {"Since": datetime(2026, 1, 1, tzinfo=UTC)})
    bucket = await named_bucket(call.state, "bkt")
    assert bucket["configured"] == ["cors"]
    assert await configuration(call.state, bucket, "cors") == {"Since": "2026-01-01T00:00:00.000Z"}
    await configure(call, bucket, "cors", {"Since": "today"})
    assert await configuration(call.state, bucket, "cors") == {"Since": "today"}
    await configure(call, bucket, "cors", None)
    bucket = await named_bucket(call.state, "bkt")
    assert bucket["configured"] == []
    assert await configuration(call.state, bucket, "cors") is None
    await call.state.rollback()


async def test_several_of_a_name(s3: Caller) -> None:
    call = await opened(s3)
    bucket = await named_bucket(call.state, "bkt")
    assert list(await several(call.state, bucket, "metrics")) == []
    for name in ("b", "a", "c"):
        await number(call, bucket, "metrics", name, {"of": name})
    assert await numbered(call.state, bucket, "metrics", "b") == {"of": "b"}
    assert await numbered(call.state, bucket, "metrics", "d") is None
    assert await numbered(call.state, bucket, "inventory", "b") is None
    assert [held["id"] for held in await several(call.state, bucket, "metrics", limit=2)] == ["a", "b"]
    assert [held["id"] for held in await several(call.state, bucket, "metrics", after="b")] == ["c"]
    for name in ("a", "b", "c"):
        assert bucket["configured"] == ["metrics"]
        await number(call, bucket, "metrics", name, None)
    assert bucket["configured"] == []
    await call.state.rollback()


async def test_the_bucket_takes_them_along(s3: Caller) -> None:
    call = await opened(s3)
    bucket = await named_bucket(call.state, "bkt")
    await configure(call, bucket, "cors", {})
    await number(call, bucket, "metrics", "a", {})
    await discard_configurations(call.state, bucket)
    assert list(await call.state.page(CONFIGURATION, order="key")) == []
    await call.state.rollback()


def test_times_are_stored_as_texts() -> None:
    assert storable([datetime(2026, 1, 1, tzinfo=UTC), 1, {"a": ("b", None)}]) == [
        "2026-01-01T00:00:00.000Z",
        1,
        {"a": ["b", None]},
    ]
