"""Events as Amazon EventBridge is told of them.

Source: docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html and EventBridge.html (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

#: event -> (detail-type, reason, deletion-type)
_TYPES: Mapping[str, tuple[str, str | None, str | None]] = {
    "ObjectCreated:Put": ("Object Created", "PutObject", None),
    "ObjectCreated:Post": ("Object Created", "POST Object", None),
    "ObjectCreated:Copy": ("Object Created", "CopyObject", None),
    "ObjectCreated:CompleteMultipartUpload": ("Object Created", "CompleteMultipartUpload", None),
    "ObjectRemoved:Delete": ("Object Deleted", "DeleteObject", "Permanently Deleted"),
    "ObjectRemoved:DeleteMarkerCreated": ("Object Deleted", "DeleteObject", "Delete Marker Created"),
    "LifecycleExpiration:Delete": ("Object Deleted", "Lifecycle Expiration", "Permanently Deleted"),
    "LifecycleExpiration:DeleteMarkerCreated": ("Object Deleted", "Lifecycle Expiration", "Delete Marker Created"),
    "LifecycleTransition": ("Object Storage Class Changed", None, None),
    "IntelligentTiering": ("Object Access Tier Changed", None, None),
    "ObjectRestore:Post": ("Object Restore Initiated", None, None),
    "ObjectRestore:Completed": ("Object Restore Completed", None, None),
    "ObjectRestore:Delete": ("Object Restore Expired", None, None),
    "ObjectAcl:Put": ("Object ACL Updated", None, None),
    "ObjectTagging:Put": ("Object Tags Added", None, None),
    "ObjectTagging:Delete": ("Object Tags Deleted", None, None),
}
#: In a record's object and in EventBridge's.
_OBJECT = {"key": "key", "size": "size", "eTag": "etag", "versionId": "version-id", "sequencer": "sequencer"}


def knows(event: str) -> bool:
    """Whether EventBridge is told of it."""
    return event in _TYPES


def message(
    record: Mapping[str, Any], key: str, account: str, requester: str, details: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The event of a notification's record. ``account`` is the bucket owner's, ``requester`` who did it. The key is
    plain here: that it "is URL encoded" is said of the records alone."""
    detail_type, reason, deletion = _TYPES[record["eventName"]]
    held, bucket = record["s3"]["object"], record["s3"]["bucket"]
    about = {target: held[name] for name, target in _OBJECT.items() if name in held} | {"key": key}
    detail: dict[str, Any] = {
        "version": "0",
        "event-version": "1.0",
        "bucket": {"name": bucket["name"]},
        "object": about,
        "request-id": record["responseElements"]["x-amz-request-id"],
        "requester": requester,
    }
    if not requester.endswith(".amazonaws.com"):
        detail["source-ip-address"] = record["requestParameters"]["sourceIPAddress"]
    detail |= {name: text for name, text in (("reason", reason), ("deletion-type", deletion)) if text is not None}
    restored = details.get("glacierEventData", {}).get("restoreEventData", {})
    moved = details.get("lifecycleEventData", {}).get("transitionEventData", {})
    for name, text in (
        ("restore-expiry-time", restored.get("lifecycleRestorationExpiryTime")),
        ("source-storage-class", restored.get("lifecycleRestoreStorageClass")),
        ("destination-storage-class", moved.get("destinationStorageClass")),
    ):
        if text is not None:
            detail[name] = text
    seed = orjson.dumps([bucket["name"], dict(record["responseElements"]), about]).decode()
    return {
        "version": "0",
        "id": str(uuid5(NAMESPACE_URL, seed)),
        "detail-type": detail_type,
        "source": "aws.s3",
        "account": account,
        "time": record["eventTime"][:19] + "Z",
        "region": record["awsRegion"],
        "resources": [bucket["arn"]],
        "detail": detail,
    }
