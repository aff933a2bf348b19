"""Where a bucket's access logs go: kept and told; no log is ever written.

Sources, below docs.aws.amazon.com/AmazonS3/latest: API/API_PutBucketLogging.html, API/ErrorResponses.html
(InvalidTargetBucketForLogging, CrossLocationLoggingProhibited), userguide/enable-server-access-logging.html (no default
retention, no requester payment, no grants where ACLs are disabled).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.errors import invalid_argument, malformed_xml
from mocks.s3.records import BUCKET, bucket_of
from mocks.s3.regions import place

_NAME = "logging"

_CANONICAL_ID = re.compile(r"[0-9a-f]{64}\Z")
_GROUPS = tuple(
    f"http://acs.amazonaws.com/groups/{name}"
    for name in ("global/AllUsers", "global/AuthenticatedUsers", "s3/LogDelivery")
)


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
        _check_target(bucket, target, enabled)
    await configure(call, bucket, _NAME, enabled)
    return Reply()


def _check_target(bucket: Record, target: Record | None, enabled: Mapping[str, Any]) -> None:
    name = enabled["TargetBucket"]
    if target is None:
        raise _unfit("The target bucket for logging does not exist", name)
    if target.get("owner") != bucket.get("owner"):
        raise _unfit("The owner for the bucket to be logged and the target bucket must be the same.", name)
    if place(target) != place(bucket):
        message = "Cross S3 location logging not allowed. "
        details = {"TargetBucketLocation": place(target), "SourceBucketLocation": place(bucket)}
        raise ServiceError(403, "CrossLocationLoggingProhibited", message, details=details)
    # The sentences of these two are ours.
    if target.get("payer") == "Requester":
        raise _unfit("The target bucket for logging must not have Requester Pays enabled", name)
    grants = enabled.get("TargetGrants") or []
    if grants and target.get("ownership", "BucketOwnerEnforced") == "BucketOwnerEnforced":
        raise _unfit("The target bucket for logging does not allow ACLs, and so no target grants", name)
    for grant in grants:
        _check_grant(grant)


def _check_grant(grant: Mapping[str, Any]) -> None:
    grantee = grant.get("Grantee")
    if grantee is None or "Permission" not in grant:
        raise malformed_xml()
    if grantee["Type"] == "AmazonCustomerByEmail":
        # "After October 1, 2025, the request will receive an HTTP 405 (Method Not Allowed) error"
        # (API_PutBucketLogging.html).
        message = "The specified method is not allowed against this resource."
        raise ServiceError(405, "MethodNotAllowed", message)
    if grantee["Type"] == "Group" and grantee.get("URI") not in _GROUPS:
        raise invalid_argument("Invalid group uri", "Group", grantee.get("URI", ""))
    if grantee["Type"] == "CanonicalUser" and not _CANONICAL_ID.match(grantee.get("ID", "")):
        raise invalid_argument("Invalid id", "CanonicalUser/ID", grantee.get("ID", ""))


def _unfit(message: str, target: str) -> ServiceError:
    return ServiceError(400, "InvalidTargetBucketForLogging", message, details={"TargetBucket": target})
