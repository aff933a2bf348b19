"""Notifications: what happens to objects, told to whom the bucket's configuration names.

The records are as docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html (2026-11) shows
them. An event goes once to each configuration that asks for it, and once to EventBridge; the configurations' topics,
queues and functions are not here, so all of it is delivered to the environment's webhook targets (``deliveries``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from mocks.base import Call, Record
from mocks.s3 import event_bridge
from mocks.s3.configurations import configuration
from mocks.s3.notification_rules import Rule, hears, rules_of
from mocks.s3.principals import account_of, caller, owner_of
from mocks.s3.regions import place
from mocks.s3.versions import Removed

#: The name of the configuration.
NOTIFICATION = "notification"
#: Of each bucket, the last sequencer: its key is the bucket's name.
_SEQUENCE = "notification-sequence"
_VERSION = "2.5"
#: Who did it where a rule of the bucket's did, and where nobody said who.
SERVICE_NAME, ANONYMOUS_NAME = "s3.amazonaws.com", "Anonymous"
#: "only used with PUTs and DELETEs"
_SEQUENCED = ("ObjectCreated:", "ObjectRemoved:", "LifecycleExpiration:")


async def notify(
    call: Call, bucket: Record, event: str, record: Record, *, by_time: bool = False, **details: Mapping[str, Any]
) -> None:
    """Emit the event, named without ``s3:``, to whoever is to be told of it. ``record`` is of the object, version or
    delete marker; ``by_time`` tells that no caller did it; ``details`` are members that some records have besides
    (``glacierEventData``, ``lifecycleEventData``). Called once, after the change."""
    if NOTIFICATION not in bucket.get("configured", ()):
        return
    stored = await configuration(call.state, bucket, NOTIFICATION) or {}
    rules = [rule for rule in rules_of(stored) if _asks(rule, event, record["key"])]
    bridged = "EventBridgeConfiguration" in stored and event_bridge.knows(event)
    if not rules and not bridged:
        return
    sequencer = await _next(call, bucket) if event.startswith(_SEQUENCED) else None
    told = _record(call, bucket, event, record, sequencer, by_time=by_time)
    for rule in rules:
        own = {**told, "s3": {**told["s3"], "configurationId": rule.id}, **details}
        payload = {"id": call.new_id("evt_"), "Records": [own], "_to": rule.kind, "_arn": rule.arn}
        call.emit(f"s3:{event}", payload)
    if bridged:
        requester = SERVICE_NAME if by_time else _requester(call)
        message = event_bridge.message(told, record["key"], account_of(call, bucket), requester, details)
        call.emit(message["detail-type"], {**message, "_to": "bridge"})


async def notify_removed(call: Call, bucket: Record, key: str, removed: Removed, *, by_time: bool = False) -> None:
    """Tell of what a delete, or with ``by_time`` a lifecycle rule, did away with or hid."""
    group = "LifecycleExpiration" if by_time else "ObjectRemoved"
    if removed.record is not None:
        await notify(call, bucket, f"{group}:Delete", removed.record, by_time=by_time)
    elif removed.marker:
        marker = {"key": key, "version": removed.version, "marker": True}
        await notify(call, bucket, f"{group}:DeleteMarkerCreated", marker, by_time=by_time)


def _asks(rule: Rule, event: str, key: str) -> bool:
    """Special characters stand percent-encoded in filters, and a space is ``+``
    (userguide/notification-how-to-filtering.html); plain ones are taken as well."""
    if not any(hears(pattern, f"s3:{event}") for pattern in rule.events):
        return False
    encoded = _encoded(key)
    return (key.startswith(rule.prefix) or encoded.startswith(rule.prefix)) and (
        key.endswith(rule.suffix) or encoded.endswith(rule.suffix)
    )


def _encoded(key: str) -> str:
    return quote_plus(key, safe="/*")


def _record(
    call: Call, bucket: Record, event: str, record: Record, sequencer: str | None, *, by_time: bool
) -> dict[str, Any]:
    about: dict[str, Any] = {"key": _encoded(record["key"])}
    gone = event.startswith(("ObjectRemoved:", "LifecycleExpiration:"))
    if "size" in record and not gone:
        about["size"] = record["size"]
    if record.get("marker"):
        about["eTag"] = hashlib.md5(b"", usedforsecurity=False).hexdigest()
    elif "etag" in record and not gone:
        about["eTag"] = record["etag"]
    if "versioning" in bucket and "version" in record:
        about["versionId"] = record["version"]
    if sequencer is not None:
        about["sequencer"] = sequencer
    request_id, host_id = _answer(call)
    return {
        "eventVersion": _VERSION,
        "eventSource": "aws:s3",
        "awsRegion": place(bucket),
        "eventTime": call.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{call.now.microsecond // 1000:03d}Z",
        "eventName": event,
        "userIdentity": {"principalId": SERVICE_NAME if by_time else _principal(call)},
        "requestParameters": {"sourceIPAddress": SERVICE_NAME if by_time else _address(call)},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "",
            "bucket": {
                "name": bucket["name"],
                "ownerIdentity": {"principalId": _customer(owner_of(call, bucket))},
                "arn": f"arn:aws:s3:::{bucket['name']}",
            },
            "object": about,
        },
    }


def _principal(call: Call) -> str:
    """A root user's unique id is that of its account (IAM/latest/UserGuide/reference_policies_variables.html)."""
    asking = caller(call)
    return ANONYMOUS_NAME if asking is None else f"AWS:{asking.id}"


def _requester(call: Call) -> str:
    asking = caller(call)
    return ANONYMOUS_NAME if asking is None else asking.id


def _address(call: Call) -> str:
    return call.request.client or "127.0.0.1"


def _customer(canonical_id: str) -> str:
    """An "Amazon retail customer ID" for an account: ``A3NL1KOZZKEXAMPLE``."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
    return "A" + "".join(digits[byte % 32] for byte in bytes.fromhex(canonical_id)[:13])


def _answer(call: Call) -> tuple[str, str]:
    """The ids of the answer, "the same as those that Amazon S3 returns in the response to the request"."""
    if call.request.answer_ids is None:
        call.request.answer_ids = (call.new_id("", 16).upper(), call.new_id("", 56))
    return call.request.answer_ids


async def _next(call: Call, bucket: Record) -> str:
    """A sequencer: greater than each before it, whatever the environment's clock does."""
    last = await call.state.get(_SEQUENCE, bucket["name"]) or {"second": 0, "count": 0}
    second = max(last["second"], int(call.now.timestamp()))
    count = last["count"] + 1 if second == last["second"] else 0
    await call.state.put(_SEQUENCE, bucket["name"], {"second": second, "count": count})
    return f"00{second:08X}{count:08X}"


def emit_test(call: Call, bucket: Record, kind: str, arn: str) -> None:
    """What S3 sends to a topic or queue when it is configured."""
    request_id, host_id = _answer(call)
    message = {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": call.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{call.now.microsecond // 1000:03d}Z",
        "Bucket": bucket["name"],
        "RequestId": request_id,
        "HostId": host_id,
    }
    call.emit("s3:TestEvent", {"id": call.new_id("evt_"), **message, "_to": kind, "_arn": arn})
