"""How a call's bucket is found."""

from __future__ import annotations

import pytest

from mocks.base import Missing
from mocks.s3.records import named_bucket
from tests.mocks.s3.conftest import Caller, code


async def test_a_bucket_by_its_name(s3: Caller) -> None:
    transaction = (await s3.harness.store()).begin("s3")
    assert (await named_bucket(transaction, "bkt"))["region"] == "us-east-1"
    with pytest.raises(Missing):
        await named_bucket(transaction, "nope")
    await transaction.rollback()


async def test_the_bucket_is_missed_before_the_object(s3: Caller) -> None:
    assert code(await s3("GET", "/nope/k")) == "404 NoSuchBucket"
    assert code(await s3("GET", "/bkt/k")) == "404 NoSuchKey"


async def test_one_buckets_objects_are_not_anothers(s3: Caller) -> None:
    await s3("PUT", "/bkt-2")
    await s3.put("/bkt-2/k", b"2")
    await s3.put("/bkt/k", b"1")
    assert await s3.content("/bkt-2/k") == b"2"
    assert (await s3("GET", "/bkt", "list-type=2")).value["KeyCount"] == 1
