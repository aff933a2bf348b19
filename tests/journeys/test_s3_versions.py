"""Versions and Object Lock with boto3, unmodified, over a real socket: clients, paginators and resources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.journeys.buckets import connect


@pytest.fixture
def s3(environment: dict[str, Any]) -> Iterator[Any]:
    client = connect(environment)
    yield client
    client.close()


@pytest.fixture
def bucket(s3: Any) -> str:
    s3.create_bucket(Bucket="papers")
    s3.put_bucket_versioning(Bucket="papers", VersioningConfiguration={"Status": "Enabled"})
    return "papers"


def refused(call: Any, **params: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as error:
        call(**params)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_a_life_of_versions(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    ids = [s3.put_object(Bucket=bucket, Key="a", Body=body)["VersionId"] for body in (b"one", b"two")]
    at = {"Bucket": bucket, "Key": "a"}
    assert s3.get_object(**at)["Body"].read() == b"two"
    assert s3.get_object(**at, VersionId=ids[0])["Body"].read() == b"one"
    assert s3.head_object(**at, VersionId=ids[0])["VersionId"] == ids[0]
    marker = s3.delete_object(**at)
    assert marker["DeleteMarker"]
    assert refused(s3.get_object, **at) == (404, "NoSuchKey")
    assert refused(s3.get_object, **at, VersionId=marker["VersionId"]) == (405, "MethodNotAllowed")
    assert refused(s3.head_object, **at, VersionId=marker["VersionId"])[0] == 405
    assert refused(s3.get_object, **at, VersionId="nonsense") == (400, "InvalidArgument")
    restored = s3.copy_object(**at, CopySource={**at, "VersionId": ids[0]})
    assert (restored["CopySourceVersionId"], s3.get_object(**at)["Body"].read()) == (ids[0], b"one")
    assert refused(s3.delete_bucket, Bucket=bucket) == (409, "BucketNotEmpty")
    gone = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "a", "VersionId": ids[1]}, {"Key": "a"}, {"Key": "never"}]}
    )
    assert gone["Deleted"][0] == {"Key": "a", "VersionId": ids[1]}
    assert [each["DeleteMarker"] for each in gone["Deleted"][1:]] == [True, True]
    assert "Errors" not in gone


def test_every_page_of_versions(s3: Any, bucket: str) -> None:
    made = []
    for number in range(3):
        for key in ("b c+/ü", "a"):
            version = s3.put_object(Bucket=bucket, Key=key, Body=b"%d" % number)["VersionId"]
            made.insert(0, (key, version))
    deleted = s3.delete_object(Bucket=bucket, Key="a")["VersionId"]
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    shown, markers = [], []
    for page in pages:
        shown += [(each["Key"], each["VersionId"], each["IsLatest"]) for each in page.get("Versions", ())]
        markers += [(each["Key"], each["VersionId"], each["IsLatest"]) for each in page.get("DeleteMarkers", ())]
    expected = sorted(made, key=lambda pair: pair[0])
    assert [pair[:2] for pair in shown] == expected
    assert [latest for _, _, latest in shown] == [False, False, False, True, False, False]
    assert markers == [("a", deleted, True)]


def test_a_resource_empties_a_bucket(s3: Any, bucket: str, environment: dict[str, Any]) -> None:
    for number in range(5):
        for key in ("a", "b/1", "b/2"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"%d" % number)
    s3.delete_object(Bucket=bucket, Key="a")
    papers = connect(environment, make=boto3.resource).Bucket(bucket)
    assert [each.key for each in papers.objects.all()] == ["b/1", "b/2"]
    papers.object_versions.filter(Prefix="b/").delete()
    assert {each.object_key for each in papers.object_versions.all()} == {"a"}
    papers.object_versions.delete()
    papers.delete()
    assert s3.list_buckets()["Buckets"] == []


def test_suspension(s3: Any, bucket: str) -> None:
    kept = s3.put_object(Bucket=bucket, Key="a", Body=b"kept")["VersionId"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="a", Body=body)
    assert s3.get_object(Bucket=bucket, Key="a", VersionId="null")["Body"].read() == b"2"
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [(each["VersionId"], each["IsLatest"]) for each in versions] == [("null", True), (kept, False)]


def test_object_lock(s3: Any) -> None:
    s3.create_bucket(Bucket="ledger", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket="ledger", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    assert s3.get_object_lock_configuration(Bucket="ledger")["ObjectLockConfiguration"]["Rule"] == rule
    at = {"Bucket": "ledger", "Key": "a"}
    version = s3.put_object(**at, Body=b"1")["VersionId"]
    assert s3.head_object(**at)["ObjectLockMode"] == "GOVERNANCE"
    assert refused(s3.delete_object, **at, VersionId=version) == (403, "AccessDenied")
    until = datetime(2099, 1, 31, tzinfo=UTC)
    s3.put_object_retention(**at, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    assert s3.get_object_retention(**at)["Retention"] == {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    sooner = {"Mode": "GOVERNANCE", "RetainUntilDate": until - timedelta(days=1)}
    assert refused(s3.put_object_retention, **at, Retention=sooner) == (403, "AccessDenied")
    s3.put_object_retention(**at, Retention=sooner, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(**at, LegalHold={"Status": "ON"})
    assert s3.get_object_legal_hold(**at)["LegalHold"] == {"Status": "ON"}
    passing = {**at, "VersionId": version, "BypassGovernanceRetention": True}
    assert refused(s3.delete_object, **passing) == (403, "AccessDenied")
    s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"})
    s3.delete_object(**passing)
    strict = s3.put_object(**at, Body=b"2", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)["VersionId"]
    passing["VersionId"] = strict
    assert refused(s3.delete_object, **passing) == (403, "AccessDenied")
    suspended = {"Status": "Suspended"}
    call = s3.put_bucket_versioning
    assert refused(call, Bucket="ledger", VersioningConfiguration=suspended) == (409, "InvalidBucketState")
