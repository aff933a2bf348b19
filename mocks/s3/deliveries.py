"""A notification on its way to a webhook target, in the body that its destination would get.

A queue's message and a function's event are the records themselves, EventBridge's is its event; a topic's subscriber
over HTTP gets them in an envelope (docs.aws.amazon.com/sns/latest/dg/http-notification-json.html). AWS signs only the
topic's, with a key that nobody else has; here each delivery is signed as https://www.standardwebhooks.com says, with
the environment's own secret, and the envelope's signature is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from contracts.exchange import Headers, Request
from mocks.base import Target
from mocks.generic import announce

_AGENT = "Amazon Simple Notification Service Agent"


def sign_event(payload: Mapping[str, Any], target: Target, time: datetime) -> Request:
    """The delivery of an event."""
    kind = payload["_to"]
    # EventBridge's own id is one of the event's members; ours of the others is none of theirs.
    hidden = {name for name in payload if name.startswith("_") or (name == "id" and kind != "bridge")}
    sent = {name: value for name, value in payload.items() if name not in hidden}
    if kind == "topic":
        return _published(payload, sent, target, time)
    return announce.signed({"id": payload["id"], "method": "POST", "body": sent}, target, time)


def _published(payload: Mapping[str, Any], sent: Mapping[str, Any], target: Target, time: datetime) -> Request:
    arn = payload["_arn"]
    message_id = str(uuid5(NAMESPACE_URL, payload["id"]))
    region = arn.split(":")[3]
    envelope = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": arn,
        "Subject": "Amazon S3 Notification",
        "Message": orjson.dumps(sent).decode(),
        "Timestamp": payload["Time"] if "Time" in payload else payload["Records"][0]["eventTime"],
        "SignatureVersion": "1",
        "Signature": "",
        "SigningCertURL": f"https://sns.{region}.amazonaws.com/SimpleNotificationService.pem",
        "UnsubscribeURL": f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={arn}:{message_id}",
    }
    request = announce.signed({"id": payload["id"], "method": "POST", "body": envelope}, target, time)
    kept = [(name, value) for name, value in request.headers if name not in ("content-type", "user-agent")]
    own = [
        ("content-type", "text/plain; charset=UTF-8"),
        ("user-agent", _AGENT),
        ("x-amz-sns-message-type", "Notification"),
        ("x-amz-sns-message-id", message_id),
        ("x-amz-sns-topic-arn", arn),
    ]
    return replace(request, headers=Headers([*own, *kept]))
