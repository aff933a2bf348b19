"""Where a bucket's access logs go: kept and told; no log is ever written.

Sources, below docs.aws.amazon.com/AmazonS3/latest: API/API_PutBucketLogging.html, API/ErrorResponses.html
(InvalidTargetBucketForLogging, CrossLocationLoggingProhibited), userguide/enable-server-access-logging.html (no default
retention, no requester payment, no grants where ACLs are disabled, the log-delivery group's grants where they are not).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.access.grants import FULL, GROUPS, LOG_DELIVERY, OF_AWS, grants_of
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.errors import invalid_argument, malformed_xml, method_not_allowed
from mocks.s3.principals import enforced, known, owner_of
from mocks.s3.records import BUCKET, bucket_of
from mocks.s3.regions import place

_NAME = "logging"


async def get_bucket_logging(call: Call) -> Any:
    """GET /bucket?logging: empty where no logs are written."""
    bucket = await bucket_of(call)
    enabled = await configuration(call.state, bucket, _NAME)
    return {} if enabled is None else {"LoggingEnabled": enabled}


async def put_bucket_logging(call: Call) -> Any:
    """PUT /bucket?logging; an empty document ends it."""
    bucket = await bucket_of(call)
    check_body(call)
    enabled = call.params["BucketLoggingStatus"].get("LoggingEnabled")
    if enabled is not None:
        form = enabled.get("TargetObjectKeyFormat")
        if form is not None and len(form) != 1:
            raise malformed_xml()
        target = await call.state.get(BUCKET, enabled["TargetBucket"])
        _check_target(call, bucket, target, enabled)
    await configure(call, bucket, _NAME, enabled)
    return Reply()


def _check_target(call: Call, bucket: Record, target: Record | None, enabled: Mapping[str, Any]) -> None:
    name = enabled["TargetBucket"]
    if target is None:
        raise _unfit("The target bucket for logging does not exist", name)
    if target.get("owner") != bucket.get("owner"):
        raise _unfit("The owner for the bucket to be logged and the target bucket must be the same.", name)
    if place(target) != place(bucket):
        message = "Cross S3 location logging not allowed. "
        details = {"TargetBucketLocation": place(target), "SourceBucketLocation": place(bucket)}
        raise ServiceError(403, "CrossLocationLoggingProhibited", message, details=details)
    # The sentences of these three are ours.
    if target.get("lock", {}).get("default"):
        raise _unfit("The target bucket for logging must not have a default retention", name)
    if target.get("payer") == "Requester":
        raise _unfit("The target bucket for logging must not have Requester Pays enabled", name)
    grants = enabled.get("TargetGrants") or []
    if grants and enforced(target):
        raise _unfit("The target bucket for logging does not allow ACLs, and so no target grants", name)
    _demand_delivery(call, target)
    for grant in grants:
        _check_grant(call, grant)


def _demand_delivery(call: Call, target: Record) -> None:
    """Whoever delivers logs may write into a bucket whose ACL means something; policies are not looked into."""
    if enforced(target) or "policy" in target.get("configured", ()):
        return
    held = {grant[2] for grant in grants_of(target, owner_of(call, target)) if grant[1] == LOG_DELIVERY}
    if FULL not in held and not held >= {"WRITE", "READ_ACP"}:
        message = "You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket"
        raise _unfit(message, target["name"])


def _check_grant(call: Call, grant: Mapping[str, Any]) -> None:
    grantee = grant.get("Grantee")
    if grantee is None or "Permission" not in grant:
        raise malformed_xml()
    if grantee["Type"] == "AmazonCustomerByEmail":
        # "After October 1, 2025, the request will receive an HTTP 405 (Method Not Allowed) error"
        # (API_PutBucketLogging.html).
        raise method_not_allowed(call.request.method, "LOGGING", "GET, PUT")
    if grantee["Type"] == "Group" and grantee.get("URI") not in GROUPS:
        raise invalid_argument("Invalid group uri", "Group/URI", grantee.get("URI", ""))
    id_ = grantee.get("ID", "")
    if grantee["Type"] == "CanonicalUser" and id_ not in OF_AWS and known(call, id_) is None:
        raise invalid_argument("Invalid id", "CanonicalUser/ID", id_)


def _unfit(message: str, target: str) -> ServiceError:
    return ServiceError(400, "InvalidTargetBucketForLogging", message, details={"TargetBucket": target})
