"""The same events as EventBridge is told of them."""

from __future__ import annotations

import uuid

from mocks.s3.event_bridge import knows
from mocks.s3.principals import account
from tests.mocks.s3.conftest import Caller
from tests.mocks.s3.notified import configure, happened


async def test_what_is_told(s3: Caller) -> None:
    await configure(s3, "<EventBridgeConfiguration/>")
    put = await s3.put("/bkt/red flower", b"hello")
    await s3("DELETE", "/bkt/red flower")
    (created, made), (deleted, gone) = await happened(s3)
    own = account("pr-1", "primary").id
    assert (created, deleted) == ("Object Created", "Object Deleted")
    assert (made["version"], made["source"], made["account"], made["region"]) == ("0", "aws.s3", own, "us-east-1")
    assert (made["detail-type"], made["resources"]) == ("Object Created", ["arn:aws:s3:::bkt"])
    assert uuid.UUID(made["id"]) != uuid.UUID(gone["id"])
    detail = made["detail"]
    assert (detail["reason"], detail["requester"], detail["bucket"]) == ("PutObject", own, {"name": "bkt"})
    assert detail["request-id"] == put.header("x-amz-request-id")
    about = dict(detail["object"])
    assert about.pop("sequencer") < gone["detail"]["object"]["sequencer"]
    assert about == {"key": "red flower", "size": 5, "etag": "5d41402abc4b2a76b9719d911017c592"}
    assert gone["detail"]["deletion-type"] == "Permanently Deleted"


def test_not_everything_is() -> None:
    assert knows("ObjectTagging:Put")
    assert not knows("ObjectRetention:Put")
