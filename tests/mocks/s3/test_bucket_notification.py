"""A bucket's notification configuration: put, got, ended."""

from __future__ import annotations

from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.notified import FUNCTION, QUEUE, TOPIC, configure, configured, happened

PUT = "s3:ObjectCreated:Put"


async def test_what_is_put_is_got(s3: Caller) -> None:
    assert (await s3("GET", "/bkt", "notification")).value == {}
    made = [
        configured(QUEUE, PUT, id="mine", prefix="a"),
        configured(TOPIC, "s3:ObjectRemoved:*"),
        configured(FUNCTION, "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete"),
        "<EventBridgeConfiguration/>",
    ]
    assert (await configure(s3, *made)).status == 200
    found = (await s3("GET", "/bkt", "notification")).value
    (queue,) = found["QueueConfigurations"]
    assert (queue["Id"], queue["QueueArn"], queue["Events"]) == ("mine", QUEUE, [PUT])
    assert queue["Filter"] == {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a"}]}}
    assert found["TopicConfigurations"][0]["Id"]
    assert found["LambdaFunctionConfigurations"][0]["Events"] == ["s3:ObjectTagging:Put", "s3:ObjectTagging:Delete"]
    assert found["EventBridgeConfiguration"] == {}


async def test_an_empty_one_ends_it(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, PUT))
    assert (await configure(s3)).status == 200
    assert (await s3("GET", "/bkt", "notification")).value == {}
    before = len(await happened(s3))
    await s3.put("/bkt/k", b"1")
    assert len(await happened(s3)) == before


async def test_a_refused_one_changes_nothing(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, PUT, id="kept"))
    assert code(await configure(s3, configured(QUEUE, PUT), configured("arn:aws:sqs:x", PUT))) == "400 InvalidArgument"
    assert (await s3("GET", "/bkt", "notification")).value["QueueConfigurations"][0]["Id"] == "kept"


async def test_queues_and_topics_are_tried(s3: Caller) -> None:
    made = [configured(QUEUE, PUT), configured(TOPIC, "s3:ObjectRemoved:*"), configured(FUNCTION, "s3:ObjectAcl:Put")]
    answered = await configure(s3, *made)
    tried = await happened(s3)
    assert [(type_, payload["_arn"]) for type_, payload in tried] == [("s3:TestEvent", TOPIC), ("s3:TestEvent", QUEUE)]
    payload = tried[0][1]
    assert (payload["Service"], payload["Event"], payload["Bucket"]) == ("Amazon S3", "s3:TestEvent", "bkt")
    assert payload["RequestId"] == answered.header("x-amz-request-id")
    await configure(s3, *made, x_amz_skip_destination_validation="true")
    assert len(await happened(s3)) == len(tried)


async def test_there_must_be_a_bucket(s3: Caller) -> None:
    assert code(await configure(s3, bucket="nope")) == "404 NoSuchBucket"
    assert code(await s3("GET", "/nope", "notification")) == "404 NoSuchBucket"
    assert code(await s3("PUT", "/bkt", "notification", b"<NotificationConfig")) == "400 MalformedXML"
