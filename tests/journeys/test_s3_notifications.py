"""Notifications as an application hears them: boto3 configures and uploads, a webhook target receives, over sockets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo.receiver import Arrived, Receiver
from demo.serving import Broker
from tests.journeys.buckets import connect
from tests.journeys.conftest import OpenEnvironment

QUEUE = "arn:aws:sqs:us-east-1:111122223333:uploads"
TOPIC = "arn:aws:sns:us-east-1:111122223333:removals"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver(None)
    yield found
    found.close()


def verified(one: Arrived, secret: str) -> Any:
    """The body, once its signature holds."""
    text = f"{one.headers['webhook-id']}.{one.headers['webhook-timestamp']}.".encode() + one.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert one.headers["webhook-signature"] == expected
    return json.loads(one.body)


def test_uploads_and_removals_are_told(server: Broker, open_environment: OpenEnvironment, receiver: Receiver) -> None:
    bundle = open_environment("notified", webhooks={"s3": receiver.url + "/hook"})
    s3, secret = connect(bundle), bundle["variables"]["S3_WEBHOOK_SECRET"]
    s3.create_bucket(Bucket="pictures")
    configuration = {
        "QueueConfigurations": [
            {
                "Id": "uploads",
                "QueueArn": QUEUE,
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".jpg"}]}},
            }
        ],
        "TopicConfigurations": [{"TopicArn": TOPIC, "Events": ["s3:ObjectRemoved:*"]}],
    }
    s3.put_bucket_notification_configuration(Bucket="pictures", NotificationConfiguration=configuration)
    kept = s3.get_bucket_notification_configuration(Bucket="pictures")
    assert kept["QueueConfigurations"] == configuration["QueueConfigurations"]
    assert receiver.wait(lambda arrived: len(arrived) == 2), "each destination is tried"
    s3.put_object(Bucket="pictures", Key="a b.txt", Body=b"not told")
    put = s3.put_object(Bucket="pictures", Key="a b.jpg", Body=b"told")
    assert receiver.wait(lambda arrived: len(arrived) == 3)
    s3.delete_object(Bucket="pictures", Key="a b.jpg")
    assert receiver.wait(lambda arrived: len(arrived) == 4)
    bodies = [verified(one, secret) for one in receiver.arrived]
    assert {body.get("Event") or json.loads(body["Message"])["Event"] for body in bodies[:2]} == {"s3:TestEvent"}
    (made,) = bodies[2]["Records"]
    assert (made["eventName"], made["s3"]["object"]["key"]) == ("ObjectCreated:Put", "a+b.jpg")
    assert made["responseElements"]["x-amz-request-id"] == put["ResponseMetadata"]["RequestId"]
    assert (bodies[3]["Type"], bodies[3]["TopicArn"]) == ("Notification", TOPIC)
    (gone,) = json.loads(bodies[3]["Message"])["Records"]
    assert gone["eventName"] == "ObjectRemoved:Delete"
    assert gone["s3"]["object"]["sequencer"] > made["s3"]["object"]["sequencer"]
    types = [event["type"] for event in server.control("GET", f"environments/{bundle['name']}/events")["items"]]
    assert types[:2] == ["s3:ObjectRemoved:Delete", "s3:ObjectCreated:Put"]
