"""A notification on its way: the body that its destination would get, signed with the environment's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from contracts.exchange import Request
from mocks.base import Target
from mocks.s3.deliveries import sign_event
from tests.mocks.s3.notified import FUNCTION, QUEUE, TOPIC

KEY = b"k" * 32
TARGET = Target("http://127.0.0.1:9/hooks?a=b", "whsec_" + base64.b64encode(KEY).decode())
AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
RECORDS = [{"eventName": "ObjectCreated:Put", "eventTime": "2026-11-27T11:59:59.000Z"}]


def sent(kind: str, arn: str = "", **payload: Any) -> Request:
    return sign_event({"id": "evt_1", "_to": kind, "_arn": arn, **payload}, TARGET, AT)


@pytest.mark.parametrize(("kind", "arn"), [("queue", QUEUE), ("function", FUNCTION)])
def test_queues_and_functions_get_the_records(kind: str, arn: str) -> None:
    request = sent(kind, arn, Records=RECORDS)
    assert (request.method, request.path, request.query) == ("POST", "/hooks", "a=b")
    assert orjson.loads(request.body) == {"Records": RECORDS}


def test_a_topics_subscriber_gets_an_envelope() -> None:
    request = sent("topic", TOPIC, Records=RECORDS)
    envelope = orjson.loads(request.body)
    assert (envelope["Type"], envelope["TopicArn"]) == ("Notification", TOPIC)
    assert (envelope["Subject"], envelope["Timestamp"]) == ("Amazon S3 Notification", RECORDS[0]["eventTime"])
    assert orjson.loads(envelope["Message"]) == {"Records": RECORDS}
    assert request.headers.get("x-amz-sns-message-type") == "Notification"
    assert request.headers.get("x-amz-sns-message-id") == envelope["MessageId"]
    assert request.headers.get("content-type") == "text/plain; charset=UTF-8"
    assert orjson.loads(sent("topic", TOPIC, Records=RECORDS).body) == envelope


def test_a_test_event_has_no_records() -> None:
    payload = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-27T11:59:59.000Z"}
    assert orjson.loads(sent("queue", QUEUE, **payload).body) == payload
    assert orjson.loads(orjson.loads(sent("topic", TOPIC, **payload).body)["Message"]) == payload


def test_event_bridge_gets_its_event_with_its_id() -> None:
    assert orjson.loads(sent("bridge", source="aws.s3").body) == {"id": "evt_1", "source": "aws.s3"}


def test_the_signature() -> None:
    request = sent("topic", TOPIC, Records=RECORDS)
    text = f"{request.headers.get('webhook-id')}.{request.headers.get('webhook-timestamp')}.".encode() + request.body
    signature = base64.b64encode(hmac.new(KEY, text, hashlib.sha256).digest()).decode()
    assert request.headers.get("webhook-signature") == f"v1,{signature}"
