"""Buckets: names, places, paging, what keeps one alive."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocks.s3 import buckets
from mocks.s3.service import SERVICE
from tests.harness import Harness
from tests.mocks.s3.conftest import Caller, code

CONSTRAINT = "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>"


async def test_creating_again_in_the_first_region_is_fine(s3: Caller) -> None:
    await s3.put("/bkt/k", b"kept")
    assert (await s3("PUT", "/bkt")).status == 200
    assert await s3.content("/bkt/k") == b"kept"


async def test_places(s3: Caller) -> None:
    assert (await s3("GET", "/bkt", "location")).value == {}
    body = CONSTRAINT.format("eu-central-1").encode()
    made = await s3("PUT", "/far", body=body)
    assert (made.status, made.header("location")) == (200, "http://127.0.0.1:4600/far/")
    assert code(await s3("PUT", "/far", body=body)) == "409 BucketAlreadyOwnedByYou"
    located = await s3("GET", "/far", "location")
    assert b">eu-central-1</LocationConstraint>" in located.body
    assert (await s3("HEAD", "/far")).header("x-amz-bucket-region") == "eu-central-1"


async def test_what_a_new_bucket_is_told_and_tells(s3: Caller) -> None:
    made = await s3("PUT", "/new")
    assert made.header("x-amz-bucket-arn") == "arn:aws:s3:::new"
    head = await s3("HEAD", "/new")
    assert head.header("x-amz-bucket-arn") == "arn:aws:s3:::new"
    assert head.header("x-amz-access-point-alias") == "false"
    again = await s3("PUT", "/new")
    assert (again.status, again.header("location")) == (200, "/new")


async def test_a_body_is_held_against_its_digest(s3: Caller) -> None:
    body = CONSTRAINT.format("eu-west-1")
    assert (await s3.configure("", body, "/new")).status == 200
    assert code(await s3("PUT", "/other", body=body.encode(), content_md5="0" * 22 + "==")) == "400 BadDigest"
    assert code(await s3("GET", "/other", "location")) == "404 NoSuchBucket"


async def test_a_bucket_with_tags_from_the_start(s3: Caller) -> None:
    tags = "<Tags><Tag><Key>{}</Key><Value>blue</Value></Tag></Tags>"
    body = f"<CreateBucketConfiguration>{tags}</CreateBucketConfiguration>"
    assert (await s3("PUT", "/tagged", body=body.format("team").encode())).status == 200
    assert (await s3("GET", "/tagged", "tagging")).value["TagSet"] == [{"Key": "team", "Value": "blue"}]
    assert code(await s3("PUT", "/wrong", body=body.format("aws:team").encode())) == "400 InvalidTag"
    assert code(await s3("GET", "/wrong", "location")) == "404 NoSuchBucket"


async def test_no_more_buckets_than_an_account_may_have(s3: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_MOST", 2)
    assert (await s3("PUT", "/second")).status == 200
    assert code(await s3("PUT", "/third")) == "400 TooManyBuckets"
    assert (await s3("PUT", "/second")).status == 200
    assert (await s3.harness.call("PUT", "/other", credential="access_key:alt")).status == 200
    await s3("DELETE", "/second")
    assert (await s3("PUT", "/third")).status == 200


async def test_what_a_list_is_asked(s3: Caller) -> None:
    await s3("PUT", "/far", body=CONSTRAINT.format("EU").encode())
    assert all("BucketRegion" not in each for each in (await s3("GET", "/")).value["Buckets"])
    placed = (await s3("GET", "/", "max-buckets=10000")).value
    assert [each["BucketRegion"] for each in placed["Buckets"]] == ["us-east-1", "eu-west-1"]
    regional = (await s3("GET", "/", "bucket-region=eu-west-1")).value
    assert [each["Name"] for each in regional["Buckets"]] == ["far"]
    assert (await s3("GET", "/", "prefix=b")).value["Prefix"] == "b"
    for query in (
        "max-buckets=0",
        "max-buckets=10001",
        "max-buckets=-1",
        "max-buckets=many",
        "bucket-region=moon",
        "continuation-token=",
    ):
        assert code(await s3("GET", "/", query)) == "400 InvalidArgument", query


async def test_pages_of_one_region(s3: Caller) -> None:
    for index in range(6):
        body = CONSTRAINT.format("eu-west-2").encode() if index % 2 else b""
        await s3("PUT", f"/name-{index}", body=body)
    seen: list[str] = []
    query = {"bucket-region": "eu-west-2", "max-buckets": "2"}
    while True:
        page = (await s3("GET", "/", query)).value
        seen += [each["Name"] for each in page["Buckets"]]
        if "ContinuationToken" not in page:
            break
        query["continuation-token"] = page["ContinuationToken"]
    assert seen == ["name-1", "name-3", "name-5"]


async def test_what_is_configured_goes_with_the_bucket(s3: Caller) -> None:
    await s3.configure("tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>")
    payer = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"
    await s3.configure("requestPayment", payer)
    await s3("DELETE", "/bkt")
    await s3("PUT", "/bkt")
    assert code(await s3("GET", "/bkt", "tagging")) == "404 NoSuchTagSet"
    assert (await s3("GET", "/bkt", "requestPayment")).value == {"Payer": "BucketOwner"}


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


async def test_new_buckets_are_open_where_the_policy_says_so(tmp_path: Path) -> None:
    """As AWS made them before April 2023 (userguide/create-bucket-faq.html)."""
    harness = Harness(SERVICE, tmp_path, policy={"services": {"s3": {"options": {"new_buckets": "open"}}}})
    s3 = Caller(harness)
    assert (await s3("PUT", "/bkt", x_amz_acl="public-read")).status == 200
    assert (await s3.put("/bkt/k", b"content", x_amz_acl="public-read")).status == 200
    assert code(await s3("GET", "/bkt", "ownershipControls")) == "404 OwnershipControlsNotFoundError"
    assert code(await s3("GET", "/bkt", "publicAccessBlock")) == "404 NoSuchPublicAccessBlockConfiguration"
    assert b"<EncryptionType>NONE</EncryptionType>" in (await s3("GET", "/bkt", "encryption")).body
    for path in ("/bkt", "/bkt/k"):
        assert (await harness.call("GET", path, credential="")).status == 200
    await s3("PUT", "/own", x_amz_object_ownership="BucketOwnerEnforced")
    assert code(await s3.put("/own/k", b"1", x_amz_acl="public-read")) == "400 AccessControlListNotSupported"
    await harness.close()
