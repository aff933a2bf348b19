"""A bucket's replication configuration: kept and told when S3 would take it; nothing is replicated.

Sources, below docs.aws.amazon.com/AmazonS3/latest: API/API_PutBucketReplication.html, API/ErrorResponses.html
(replication-related codes), userguide/replication-add-config.html (the two versions of the schema: rules with a
``Filter`` have a priority and say what becomes of delete markers, older ones have a prefix only).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mocks.base import Call, Record, Reply
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.errors import invalid_argument, invalid_request, malformed_xml, missing_digest, no_configuration
from mocks.s3.principals import account_of
from mocks.s3.records import BUCKET, bucket_of
from mocks.s3.replication_rules import check_rule

REPLICATION = "replication"

_MOST_RULES = 1000
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+\Z", re.ASCII)
_BUCKET_ARN = re.compile(r"arn:aws[a-z-]*:s3:::([a-z0-9.-]{3,63})\Z", re.ASCII)


async def get_bucket_replication(call: Call) -> Any:
    """GET /bucket?replication."""
    bucket = await bucket_of(call)
    found = await configuration(call.state, bucket, REPLICATION)
    if found is None:
        raise no_configuration(
            "ReplicationConfigurationNotFoundError", "The replication configuration was not found", bucket["name"]
        )
    return {"ReplicationConfiguration": found}


async def delete_bucket_replication(call: Call) -> Any:
    """DELETE /bucket?replication."""
    bucket = await bucket_of(call)
    await configure(call, bucket, REPLICATION, None)
    return Reply()


async def put_bucket_replication(call: Call) -> Any:
    """PUT /bucket?replication: the role and all rules at once."""
    bucket = await bucket_of(call)
    if not check_body(call):
        raise missing_digest()
    given = call.params["ReplicationConfiguration"]
    if bucket.get("versioning") != "Enabled":
        raise invalid_request("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
    if not _ROLE.match(given["Role"]):
        raise invalid_argument("Invalid IAM role ARN.", "Role", given["Role"])
    rules = given["Rules"]
    if not rules:
        raise malformed_xml()
    if len(rules) > _MOST_RULES:
        raise invalid_request(
            f"The number of replication rules must not exceed the allowed limit of {_MOST_RULES} rules"
        )
    for rule in rules:
        check_rule(rule)
        await _check_destination(call, bucket, rule["Destination"])
    _check_together(rules)
    named = [{**rule, "ID": rule.get("ID") or call.new_id("", 48)} for rule in rules]
    await configure(call, bucket, REPLICATION, {**given, "Rules": named})
    return Reply()


def _check_together(rules: Sequence[Mapping[str, Any]]) -> None:
    ids = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(set(ids)) < len(ids):
        raise invalid_argument("Rule ID must be unique. Found same ID for one or more rules")
    priorities = [rule["Priority"] for rule in rules if "Priority" in rule]
    for priority in priorities:
        if priorities.count(priority) > 1:
            raise invalid_request(f"Found duplicate priorities {priority}. Priority must be unique.")


async def _check_destination(call: Call, bucket: Record, destination: Mapping[str, Any]) -> None:
    named = _BUCKET_ARN.match(destination["Bucket"])
    if named is None:
        raise invalid_argument("Invalid bucket ARN.", "Bucket", destination["Bucket"])
    target = await call.state.get(BUCKET, named[1])
    if target is None:
        raise invalid_request("Destination bucket must exist.")
    if target["name"] == bucket["name"]:
        raise invalid_request("Destination bucket cannot be the same as the source bucket.")
    if target.get("versioning") != "Enabled":
        raise invalid_request("Destination bucket must have versioning enabled.")
    if "Account" in destination and destination["Account"] != account_of(call, target):
        message = "The AWS account specified in the Account element must match the destination bucket owner."
        raise invalid_argument(message, "Account", destination["Account"])
