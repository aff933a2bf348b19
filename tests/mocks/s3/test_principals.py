"""Accounts: who they are, what they own, and whom they expect a bucket to belong to."""

from __future__ import annotations

from typing import Any

from mocks.s3.principals import account
from tests.mocks.s3.conftest import Caller, code

ALT = "access_key:alt"


async def by(s3: Caller, credential: str, method: str, path: str, query: str = "", **headers: str) -> Any:
    """A call of another account."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return await s3.harness.call(method, path, query=query, headers=fields, credential=credential)


def test_an_account_is_the_same_each_time_and_in_no_other_world() -> None:
    first = account("pr-1", "alt")
    assert first == account("pr-1", "alt")
    assert (len(first.id), len(bytes.fromhex(first.canonical_id))) == (12, 32)
    assert first.arn == f"arn:aws:iam::{first.id}:root"
    others = [account("pr-2", "alt"), account("pr-1", "primary")]
    assert all(other.id != first.id and other.canonical_id != first.canonical_id for other in others)


def test_twelve_digits_are_the_account() -> None:
    named = account("pr-1", "alt")
    by_id = account("pr-1", named.id)
    assert (by_id.id, by_id.canonical_id) == (named.id, named.canonical_id)


async def test_a_bucket_is_its_makers(s3: Caller) -> None:
    assert (await by(s3, ALT, "PUT", "/theirs")).status == 200
    assert code(await s3("PUT", "/theirs")) == "409 BucketAlreadyExists"
    assert code(await by(s3, ALT, "PUT", "/bkt")) == "409 BucketAlreadyExists"
    mine, theirs = (await s3("GET", "/")).value, (await by(s3, ALT, "GET", "/")).value
    assert [bucket["Name"] for bucket in mine["Buckets"]] == ["bkt"]
    assert [bucket["Name"] for bucket in theirs["Buckets"]] == ["theirs"]
    assert mine["Owner"] == {"ID": account("pr-1", "primary").canonical_id}
    assert theirs["Owner"] == {"ID": account("pr-1", "alt").canonical_id}


async def test_owners_of_objects_and_uploads(s3: Caller) -> None:
    await by(s3, ALT, "PUT", "/theirs")
    await by(s3, ALT, "PUT", "/theirs/k")
    listed = (await by(s3, ALT, "GET", "/theirs")).value["Contents"][0]["Owner"]
    assert listed == {"ID": account("pr-1", "alt").canonical_id}
    assert (await by(s3, ALT, "POST", "/theirs/k", "uploads")).status == 200
    upload = (await by(s3, ALT, "GET", "/theirs", "uploads")).value["Uploads"][0]
    assert upload["Owner"] == upload["Initiator"] == listed


async def test_the_expected_owner(s3: Caller) -> None:
    own = account("pr-1", "primary").id
    assert (await s3("GET", "/bkt", "location", x_amz_expected_bucket_owner=own)).status == 200
    for wrong, told in (("111122223333", "403 AccessDenied"), ("primary", "400 InvalidBucketOwnerAWSAccountID")):
        assert code(await s3("GET", "/bkt", "location", x_amz_expected_bucket_owner=wrong)) == told
        assert code(await s3.put("/bkt/k", b"1", x_amz_expected_bucket_owner=wrong)) == told
    await s3.put("/bkt/k", b"1")
    source = {"x_amz_copy_source": "bkt/k"}
    assert (await s3("PUT", "/bkt/c", **source, x_amz_source_expected_bucket_owner=own)).status == 200
    refused = await s3("PUT", "/bkt/c", **source, x_amz_source_expected_bucket_owner="111122223333")
    assert code(refused) == "403 AccessDenied"


async def test_what_a_rule_makes_is_the_bucket_owners(s3: Caller) -> None:
    await s3("PUT", "/shared", x_amz_object_ownership="ObjectWriter")
    versioned = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    await s3.configure("versioning", versioned, "/shared")
    rule = "<Rule><ID>a</ID><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
    await s3.configure("lifecycle", f"<LifecycleConfiguration>{rule}</LifecycleConfiguration>", "/shared")
    await s3.put("/shared/k", b"1")
    clock: Any = s3.harness.clock
    clock.advance(days=3)
    for _ in range(4):
        await s3.harness.wake()
    (marker,) = (await s3("GET", "/shared", "versions")).value["DeleteMarkers"]
    assert marker["Owner"] == {"ID": account("pr-1", "primary").canonical_id}
