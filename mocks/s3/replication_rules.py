"""One rule of a replication configuration: what S3 refuses in it by itself.

Sources: as of ``replication``. The sentences about the version of the schema and about tags are S3's, as answers of it
are quoted in issues of hashicorp/terraform-provider-aws; the others are ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mocks.base import ServiceError
from mocks.s3.errors import invalid_argument, invalid_request, malformed_xml
from mocks.s3.filters import check_filter, check_prefix, tags_of

Rule = Mapping[str, Any]

_LONGEST_ID = 255
_ACCOUNT = re.compile(r"\d{12}\Z", re.ASCII)
#: Replicas go to the storage classes of general purpose buckets (API_Destination.html).
_NO_CLASS_OF_REPLICAS = frozenset(
    {"OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP", "AWS_BACKUP_WARM", "AWS_BACKUP_LOW_COST_WARM"}
)
#: Minutes: the one value that replication time and its threshold take (userguide/replication-add-config.html).
_MINUTES = 15
_GUIDE = "Please refer to S3 Developer Guide for more information."
_SCHEMA = "this version of the Cross Region Replication configuration schema"


def check_rule(rule: Rule) -> None:
    """Raises MalformedXML, InvalidArgument, InvalidRequest or InvalidTag."""
    if len(rule.get("ID", "")) > _LONGEST_ID:
        raise invalid_argument(f"ID length should not exceed allowed limit of {_LONGEST_ID}")
    _check_schema(rule)
    if "ExistingObjectReplication" in rule:
        raise invalid_request("ExistingObjectReplication is no longer supported: use S3 Batch Replication.")
    _check_destination(rule["Destination"])
    _check_keys(rule)


def _check_schema(rule: Rule) -> None:
    if "Filter" in rule and "Prefix" in rule:
        raise malformed_xml()
    if rule.get("Priority", 0) < 0:
        raise invalid_argument("Priority must be a nonnegative integer", "Priority", rule["Priority"])
    if "Prefix" in rule:
        _check_older(rule)
        return
    given = rule.get("Filter", {})
    check_filter(given)
    for name in ("Priority", "DeleteMarkerReplication"):
        if "Filter" in rule and name not in rule:
            raise invalid_request(f"{name} must be specified for {_SCHEMA}. {_GUIDE}")
    markers = rule.get("DeleteMarkerReplication")
    if markers is not None and "Status" not in markers:
        raise malformed_xml()
    if tags_of(given) and markers is not None and markers["Status"] == "Enabled":
        raise invalid_request(f"Delete marker replication is not supported if any Tag filter is specified. {_GUIDE}")


def _check_older(rule: Rule) -> None:
    check_prefix(rule["Prefix"])
    destination = rule["Destination"]
    for name in ("Priority", "DeleteMarkerReplication", "ReplicationTime", "Metrics"):
        if name in rule or name in destination:
            raise invalid_request(f"{name} cannot be used for {_SCHEMA}. {_GUIDE}")


def _check_destination(destination: Mapping[str, Any]) -> None:
    if destination.get("StorageClass") in _NO_CLASS_OF_REPLICAS:
        raise malformed_xml()
    account = destination.get("Account")
    if account is not None and not _ACCOUNT.match(account):
        raise _account_fault(account)
    if "AccessControlTranslation" in destination and account is None:
        raise invalid_request("The Account element must be specified together with AccessControlTranslation.")
    _check_time(destination)


def _account_fault(account: str) -> ServiceError:
    if not account:
        return invalid_argument("The Account element is empty. It must contain a valid account ID.", "Account")
    return invalid_argument("The Account element must contain a valid account ID.", "Account", account)


def _check_time(destination: Mapping[str, Any]) -> None:
    time, metrics = destination.get("ReplicationTime"), destination.get("Metrics")
    if time is not None:
        _check_minutes(time["Time"])
        if time["Status"] == "Enabled" and (metrics is None or metrics["Status"] != "Enabled"):
            raise invalid_request("Metrics must be enabled together with ReplicationTime.")
    if metrics is not None and "EventThreshold" in metrics:
        _check_minutes(metrics["EventThreshold"])


def _check_minutes(value: Mapping[str, Any]) -> None:
    if "Minutes" not in value:
        raise malformed_xml()
    if value["Minutes"] != _MINUTES:
        raise invalid_argument(f"Minutes must be {_MINUTES}", "Minutes", value["Minutes"])


def _check_keys(rule: Rule) -> None:
    """Objects under keys of KMS are replicated when the rule says so and names the replicas' key, both."""
    wanted = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {}).get("Status") == "Enabled"
    key = rule["Destination"].get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID")
    if wanted and not key:
        raise invalid_request("EncryptionConfiguration must be specified if SseKmsEncryptedObjects is enabled.")
    if key and not wanted:
        raise invalid_request("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")
