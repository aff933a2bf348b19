"""Configurations of buckets as boto3 puts and reads them, and lifecycle rules by the environment's clock."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.serving import Broker
from tests.journeys.buckets import connect
from tests.journeys.conftest import OpenEnvironment


def advance(server: Broker, bundle: dict[str, Any], days: int) -> None:
    server.control("POST", f"environments/{bundle['name']}/clock", {"advance": f"{days}d"})


def keys(s3: Any, bucket: str) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def refusal(error: pytest.ExceptionInfo[ClientError]) -> str:
    code: str = error.value.response["Error"]["Code"]
    return code


SETTINGS: dict[str, tuple[str, dict[str, Any], str | None]] = {
    "tagging": ("Tagging", {"TagSet": [{"Key": "team", "Value": "blue"}]}, "NoSuchTagSet"),
    "lifecycle_configuration": (
        "LifecycleConfiguration",
        {"Rules": [{"ID": "a", "Filter": {"Prefix": "x"}, "Status": "Enabled", "Expiration": {"Days": 1}}]},
        "NoSuchLifecycleConfiguration",
    ),
    "accelerate_configuration": ("AccelerateConfiguration", {"Status": "Enabled"}, None),
    "request_payment": ("RequestPaymentConfiguration", {"Payer": "Requester"}, None),
    "logging": ("BucketLoggingStatus", {"LoggingEnabled": {"TargetBucket": "here", "TargetPrefix": "l/"}}, None),
}


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_setting(environment: dict[str, Any], name: str) -> None:
    s3 = connect(environment)
    s3.create_bucket(Bucket="here")
    argument, value, missing = SETTINGS[name]
    get = getattr(s3, f"get_bucket_{name}")
    if missing is not None:
        with pytest.raises(ClientError) as error:
            get(Bucket="here")
        assert refusal(error) == missing
    getattr(s3, f"put_bucket_{name}")(Bucket="here", **{argument: value})
    told = get(Bucket="here")
    assert {member: told[member] for member in value} == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (
            "inventory",
            {
                "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::here", "Format": "ORC"}},
                "IsEnabled": True,
                "IncludedObjectVersions": "Current",
                "Schedule": {"Frequency": "Weekly"},
            },
        ),
        ("analytics", {"StorageClassAnalysis": {}}),
        ("metrics", {"Filter": {"Prefix": "a"}}),
        (
            "intelligent_tiering",
            {"Status": "Enabled", "Tierings": [{"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]},
        ),
    ],
)
def test_one_of_several(environment: dict[str, Any], kind: str, value: dict[str, Any]) -> None:
    s3 = connect(environment)
    s3.create_bucket(Bucket="here")
    member = "".join(part.capitalize() for part in kind.split("_")) + "Configuration"
    whole = {"Id": "one", **value}
    getattr(s3, f"put_bucket_{kind}_configuration")(Bucket="here", Id="one", **{member: whole})
    assert getattr(s3, f"get_bucket_{kind}_configuration")(Bucket="here", Id="one")[member] == whole
    assert getattr(s3, f"list_bucket_{kind}_configurations")(Bucket="here")[f"{member}List"] == [whole]
    getattr(s3, f"delete_bucket_{kind}_configuration")(Bucket="here", Id="one")
    with pytest.raises(ClientError) as error:
        getattr(s3, f"get_bucket_{kind}_configuration")(Bucket="here", Id="one")
    assert refusal(error) == "NoSuchConfiguration"


def test_replication_is_kept_where_both_ends_have_versions(environment: dict[str, Any]) -> None:
    s3 = connect(environment)
    for name in ("here", "there"):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    wanted = {
        "Role": "arn:aws:iam::123456789012:role/r",
        "Rules": [
            {
                "ID": "one",
                "Priority": 1,
                "Filter": {"Prefix": ""},
                "Status": "Enabled",
                "Destination": {"Bucket": "arn:aws:s3:::there"},
                "DeleteMarkerReplication": {"Status": "Disabled"},
            }
        ],
    }
    s3.put_bucket_replication(Bucket="here", ReplicationConfiguration=wanted)
    assert s3.get_bucket_replication(Bucket="here")["ReplicationConfiguration"] == wanted


def test_lifecycle_rules_by_the_clock(server: Broker, environment: dict[str, Any]) -> None:
    s3 = connect(environment)
    s3.create_bucket(Bucket="here")
    s3.put_bucket_lifecycle_configuration(
        Bucket="here",
        LifecycleConfiguration={
            "Rules": [
                {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 3}},
                {
                    "ID": "cool",
                    "Filter": {"ObjectSizeGreaterThan": 10},
                    "Status": "Enabled",
                    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
                },
                {
                    "ID": "uploads",
                    "Filter": {},
                    "Status": "Enabled",
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                },
            ]
        },
    )
    told = s3.put_object(Bucket="here", Key="logs/a", Body=b"1")
    assert 'rule-id="logs"' in told["Expiration"]
    s3.put_object(Bucket="here", Key="kept", Body=b"1" * 11)
    upload = s3.create_multipart_upload(Bucket="here", Key="unfinished")
    assert upload["AbortRuleId"] == "uploads"
    advance(server, environment, 2)
    assert keys(s3, "here") == ["kept", "logs/a"]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="here")
    advance(server, environment, 2)
    assert keys(s3, "here") == ["kept"]
    advance(server, environment, 30)
    assert s3.head_object(Bucket="here", Key="kept")["StorageClass"] == "STANDARD_IA"


def test_expired_versions_are_all_gone_in_the_end(server: Broker, environment: dict[str, Any]) -> None:
    s3 = connect(environment)
    s3.create_bucket(Bucket="here")
    s3.put_bucket_versioning(Bucket="here", VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Filter": {},
        "Status": "Enabled",
        "Expiration": {"Days": 1},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }
    s3.put_bucket_lifecycle_configuration(Bucket="here", LifecycleConfiguration={"Rules": [rule]})
    for text in (b"1", b"2"):
        s3.put_object(Bucket="here", Key="a", Body=text)
    advance(server, environment, 365)
    versions = s3.list_object_versions(Bucket="here")
    assert "Versions" not in versions
    assert "DeleteMarkers" not in versions
    s3.delete_bucket(Bucket="here")


def test_what_one_environment_sets_another_does_not_see(open_environment: OpenEnvironment) -> None:
    first, second = connect(open_environment()), connect(open_environment())
    for client in (first, second):
        client.create_bucket(Bucket="shared-name")
    first.put_bucket_tagging(Bucket="shared-name", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    first.create_bucket(Bucket="first-alone")
    with pytest.raises(ClientError) as error:
        second.get_bucket_tagging(Bucket="shared-name")
    assert refusal(error) == "NoSuchTagSet"
    assert [each["Name"] for each in second.list_buckets()["Buckets"]] == ["shared-name"]
    with pytest.raises(ClientError) as error:
        second.put_bucket_logging(
            Bucket="shared-name",
            BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "first-alone", "TargetPrefix": ""}},
        )
    assert refusal(error) == "InvalidTargetBucketForLogging"
    # Not even its absence tells: a name that another environment has is free.
    second.create_bucket(Bucket="first-alone")
