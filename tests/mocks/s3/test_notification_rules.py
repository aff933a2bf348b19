"""Which notification configurations S3 takes, and what an event type is heard by."""

from __future__ import annotations

import pytest

from mocks.s3.notification_rules import hears
from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.notified import FUNCTION, QUEUE, TOPIC, configure, configured

PUT, ALL = "s3:ObjectCreated:Put", "s3:ObjectCreated:*"


@pytest.mark.parametrize(
    ("pattern", "heard"),
    [(ALL, True), (PUT, True), ("s3:ObjectCreated:Copy", False), ("s3:ObjectRemoved:*", False)],
)
def test_what_is_heard(pattern: str, heard: bool) -> None:
    assert hears(pattern, PUT) is heard


@pytest.mark.parametrize(
    ("arn", "event", "message"),
    [
        ("arn:aws:sqs:queue", PUT, "The ARN is not well formed"),
        ("arn:aws:sqs:us-east-1:1:queue", PUT, "The ARN is not well formed"),
        ("arn:aws:sqs:us-east-1:111122223333:a/b", PUT, "The ARN is not well formed"),
        (f"{FUNCTION}/x", PUT, "The ARN is not well formed"),
        ("arn:aws:sqs:eu-west-1:111122223333:queue", PUT, "region is not valid for the bucket location constraint"),
        (f"{QUEUE}.fifo", PUT, "Unable to validate the following destination configurations"),
        (QUEUE, "s3:ObjectCreated:Never", "The event is not supported for notifications"),
    ],
)
async def test_what_cannot_be_told(s3: Caller, arn: str, event: str, message: str) -> None:
    refused = await configure(s3, configured(arn, event))
    assert code(refused) == "400 InvalidArgument"
    assert message.encode() in refused.body


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"prefix": ["a", "b"]}, "400 InvalidArgument"),
        ({"suffix": ["a", "b"]}, "400 InvalidArgument"),
        ({"prefix": "x" * 1025}, "400 InvalidArgument"),
        ({"middle": "x"}, "400 InvalidArgument"),
        ({"Prefix": "a", "Suffix": ".jpg"}, "200"),
        ({"Prefix": "a", "prefix": "b"}, "400 InvalidArgument"),
        ({"prefix": "x" * 1024, "suffix": ""}, "200"),
    ],
)
async def test_filters(s3: Caller, rules: dict[str, str], told: str) -> None:
    assert code(await configure(s3, configured(QUEUE, PUT, **rules))) == told


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (configured(QUEUE, ALL), configured(TOPIC, PUT), b"Configurations overlap."),
        (configured(QUEUE, PUT), configured(TOPIC, "s3:ObjectCreated:Copy"), b""),
        (configured(QUEUE, PUT, prefix="images/"), configured(TOPIC, PUT, prefix="logs/"), b""),
        (configured(QUEUE, PUT, suffix=".jpg"), configured(FUNCTION, PUT, suffix=".png"), b""),
        (configured(QUEUE, PUT, prefix="i", suffix=".jpg"), configured(TOPIC, PUT, prefix="i", suffix=".png"), b""),
        (configured(QUEUE, PUT, prefix="image"), configured(TOPIC, "s3:ObjectRemoved:*", prefix="image"), b""),
        (configured(QUEUE, ALL), configured(TOPIC, ALL, prefix="images"), b"ambiguously defined"),
        (configured(QUEUE, ALL, suffix="jpg"), configured(TOPIC, PUT, suffix="pg"), b"ambiguously defined"),
        (configured(QUEUE, ALL, prefix="i", suffix="jpg"), configured(TOPIC, PUT, suffix="jpg"), b"ambiguously"),
    ],
)
async def test_two_that_hear_the_same(s3: Caller, one: str, other: str, told: bytes) -> None:
    answered = await configure(s3, one, other)
    assert code(answered) == ("400 InvalidArgument" if told else "200")
    assert told in answered.body


async def test_ids_are_unique(s3: Caller) -> None:
    pair = [configured(QUEUE, PUT, id="a"), configured(TOPIC, "s3:ObjectRemoved:*", id="a")]
    assert code(await configure(s3, *pair)) == "400 InvalidArgument"
    assert code(await configure(s3, configured(QUEUE, PUT, id="a" * 256))) == "400 InvalidArgument"
