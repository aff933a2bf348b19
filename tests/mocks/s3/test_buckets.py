"""Buckets: names, places, paging, what keeps one alive."""

from __future__ import annotations

import pytest

from tests.mocks.s3.conftest import Caller, code

CONSTRAINT = "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>"


@pytest.mark.parametrize(
    "name",
    ["ab", "a" * 64, "Upper", "a_b", "-ab", "ab-", "a..b", "192.168.0.1", "xn--a", "sthree-a", "a-s3alias", "a--ol-s3"],
)
async def test_a_name_that_s3_refuses(s3: Caller, name: str) -> None:
    assert code(await s3("PUT", f"/{name}")) == "400 InvalidBucketName"


@pytest.mark.parametrize("name", ["abc", "a" * 63, "a.b-c", "123", "1.2.3"])
async def test_a_name_that_s3_takes(s3: Caller, name: str) -> None:
    made = await s3("PUT", f"/{name}")
    assert (made.status, made.header("location")) == (200, f"/{name}")


async def test_creating_again_in_the_first_region_is_fine(s3: Caller) -> None:
    await s3.put("/bkt/k", b"kept")
    assert (await s3("PUT", "/bkt")).status == 200
    assert await s3.content("/bkt/k") == b"kept"


async def test_places(s3: Caller) -> None:
    assert (await s3("GET", "/bkt", "location")).value == {}
    body = CONSTRAINT.format("eu-central-1").encode()
    assert (await s3("PUT", "/far", body=body)).status == 200
    assert code(await s3("PUT", "/far", body=body)) == "409 BucketAlreadyOwnedByYou"
    located = await s3("GET", "/far", "location")
    assert b">eu-central-1</LocationConstraint>" in located.body
    assert (await s3("HEAD", "/far")).header("x-amz-bucket-region") == "eu-central-1"
    for wrong in ("us-east-1", "moon"):
        refused = await s3("PUT", "/further", body=CONSTRAINT.format(wrong).encode())
        assert code(refused) == "400 InvalidLocationConstraint"


async def test_the_endpoints_region_must_allow_the_place(s3: Caller) -> None:
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260301/eu-west-1/s3/aws4_request, ..."}
    assert code(await s3("PUT", "/far", **signed)) == "400 IllegalLocationConstraintException"
    other = CONSTRAINT.format("eu-west-3").encode()
    assert code(await s3("PUT", "/far", body=other, **signed)) == "400 IllegalLocationConstraintException"
    assert (await s3("PUT", "/far", body=CONSTRAINT.format("EU").encode(), **signed)).status == 200


async def test_a_list_in_pages(s3: Caller) -> None:
    for name in ("aaa", "aab", "abb"):
        await s3("PUT", f"/{name}")
    whole = (await s3("GET", "/")).value
    assert [bucket["Name"] for bucket in whole["Buckets"]] == ["aaa", "aab", "abb", "bkt"]
    first = (await s3("GET", "/", "max-buckets=1&prefix=aa")).value
    second = (
        await s3("GET", "/", {"max-buckets": 1, "prefix": "aa", "continuation-token": first["ContinuationToken"]})
    ).value
    assert [b["Name"] for page in (first, second) for b in page["Buckets"]] == ["aaa", "aab"]
    assert "ContinuationToken" not in second
    assert (await s3("GET", "/", "bucket-region=eu-west-1")).value["Buckets"] == []
    assert code(await s3("GET", "/", "continuation-token=zzz")) == "400 InvalidArgument"


async def test_deleting(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1")
    assert code(await s3("DELETE", "/bkt")) == "409 BucketNotEmpty"
    await s3("DELETE", "/bkt/k")
    await s3.upload("/bkt/unfinished", [b"part"])
    assert (await s3("DELETE", "/bkt")).status == 204
    assert code(await s3("DELETE", "/bkt")) == "404 NoSuchBucket"
    assert await s3.blobs() == 0


async def test_a_missing_bucket(s3: Caller) -> None:
    assert (await s3("HEAD", "/nope")).body == b""
    for method, path, query in (("GET", "/nope", ""), ("GET", "/nope", "location"), ("GET", "/nope/k", "")):
        assert code(await s3(method, path, query)) == "404 NoSuchBucket"
    assert code(await s3.put("/nope/k", b"1")) == "404 NoSuchBucket"
