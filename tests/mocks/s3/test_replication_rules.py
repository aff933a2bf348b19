"""What S3 refuses in one rule of a replication configuration."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.s3.replication_rules import check_rule

TAG = {"Key": "team", "Value": "blue"}
OFF, ON = {"Status": "Disabled"}, {"Status": "Enabled"}
NEWER = {"Priority": 1, "DeleteMarkerReplication": OFF}
TIMED = {"Status": "Enabled", "Time": {"Minutes": 15}}


def rule(destination: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    return {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::b", **(destination or {})}, **members}


@pytest.mark.parametrize(
    "given",
    [
        rule(),
        rule(Prefix=""),
        rule(**NEWER),
        rule(Filter={}, **NEWER),
        rule(Filter={"Prefix": "a"}, Priority=0, DeleteMarkerReplication=ON),
        rule(Filter={"And": {"Prefix": "a", "Tags": [TAG]}}, **NEWER),
        rule({"StorageClass": "GLACIER"}, Prefix=""),
        rule({"Account": "1" * 12, "AccessControlTranslation": {"Owner": "Destination"}}, Prefix=""),
        rule({"ReplicationTime": TIMED, "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}}, **NEWER),
        rule({"Metrics": {"Status": "Enabled"}}, **NEWER),
        rule(
            {"EncryptionConfiguration": {"ReplicaKmsKeyID": "key"}},
            SourceSelectionCriteria={"SseKmsEncryptedObjects": ON},
            Prefix="",
        ),
    ],
)
def test_a_rule_that_s3_takes(given: dict[str, Any]) -> None:
    check_rule(given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (rule(Prefix="", Filter={}), "MalformedXML"),
        (rule(ID="i" * 256), "ID length should not exceed allowed limit of 255"),
        (rule(Filter={}), "Priority must be specified for this version"),
        (rule(Filter={}, Priority=1), "DeleteMarkerReplication must be specified for this version"),
        (rule(Prefix="", Priority=1), "Priority cannot be used for this version"),
        (rule(Prefix="", DeleteMarkerReplication=OFF), "DeleteMarkerReplication cannot be used for this version"),
        (rule({"Metrics": ON}, Prefix=""), "Metrics cannot be used for this version"),
        (
            rule(Filter={"Tag": TAG}, Priority=1, DeleteMarkerReplication=ON),
            "Delete marker replication is not supported",
        ),
        (rule(Filter={}, Priority=1, DeleteMarkerReplication={}), "MalformedXML"),
        (rule(Priority=-1), "Priority must be a nonnegative integer"),
        (rule(Prefix="p" * 1025), "maximum size of a prefix"),
        (rule(ExistingObjectReplication=ON), "ExistingObjectReplication is no longer supported"),
        (rule({"StorageClass": "SNOW"}), "MalformedXML"),
        (rule({"Account": ""}), "The Account element is empty"),
        (rule({"Account": "me"}), "must contain a valid account ID"),
        (rule({"AccessControlTranslation": {"Owner": "Destination"}}), "Account element must be specified"),
        (rule({"ReplicationTime": TIMED}), "Metrics must be enabled"),
        (rule({"ReplicationTime": {"Status": "Enabled", "Time": {}}}), "MalformedXML"),
        (rule({"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 5}}}), "Minutes must be 15"),
        (rule({"Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 5}}}), "Minutes must be 15"),
        (rule(SourceSelectionCriteria={"SseKmsEncryptedObjects": ON}), "EncryptionConfiguration must be specified"),
        (rule({"EncryptionConfiguration": {"ReplicaKmsKeyID": "k"}}), "SseKmsEncryptedObjects must be specified"),
    ],
)
def test_a_rule_that_s3_refuses(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ServiceError, match=sentence) as caught:
        check_rule(given)
    assert caught.value.status == 400
