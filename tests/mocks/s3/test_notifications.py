"""What happens to objects is told to whom the bucket's configuration names, in S3's records."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from mocks.s3.principals import account
from tests.mocks.s3.browsing import browsing_in
from tests.mocks.s3.conftest import Caller
from tests.mocks.s3.notified import QUEUE, TOPIC, configure, configured, happened, records

EVERYTHING = ("s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*")
TAGGING = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"


async def test_a_record(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectCreated:Put", id="mine"))
    put = await s3.put("/bkt/red flower/ü.jpg", b"hello")
    (record,) = await records(s3)
    assert record["eventVersion"].startswith("2.")
    assert (record["eventSource"], record["awsRegion"], record["eventName"]) == (
        "aws:s3",
        "us-east-1",
        "ObjectCreated:Put",
    )
    assert record["eventTime"].endswith("Z")
    assert record["userIdentity"] == {"principalId": f"AWS:{account('pr-1', 'primary').id}"}
    assert record["responseElements"] == {
        "x-amz-request-id": put.header("x-amz-request-id"),
        "x-amz-id-2": put.header("x-amz-id-2"),
    }
    s3_part = record["s3"]
    assert (s3_part["s3SchemaVersion"], s3_part["configurationId"]) == ("1.0", "mine")
    assert (s3_part["bucket"]["name"], s3_part["bucket"]["arn"]) == ("bkt", "arn:aws:s3:::bkt")
    about = dict(s3_part["object"])
    assert int(about.pop("sequencer"), 16) > 0
    assert about == {"key": "red+flower/%C3%BC.jpg", "size": 5, "eTag": "5d41402abc4b2a76b9719d911017c592"}


async def test_each_way_to_make_and_lose_an_object(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, *EVERYTHING))
    await s3.put("/bkt/k", b"1")
    await s3("PUT", "/bkt/copy", x_amz_copy_source="bkt/k")
    upload = await s3.upload("/bkt/parts", [b"part"])
    await s3.complete("/bkt/parts", upload, await s3.etags("/bkt/parts", upload))
    await s3("PUT", "/bkt/k", "tagging", TAGGING)
    await s3("DELETE", "/bkt/k", "tagging")
    await s3("DELETE", "/bkt/k")
    await s3("DELETE", "/bkt/k")
    names = [record["eventName"] for record in await records(s3)]
    assert names == [
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectCreated:CompleteMultipartUpload",
        "ObjectTagging:Put",
        "ObjectTagging:Delete",
        "ObjectRemoved:Delete",
    ]
    assert [type_ for type_, _ in await happened(s3)][1:] == [f"s3:{name}" for name in names]


async def test_versions_and_delete_markers(s3: Caller) -> None:
    enabled = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    await s3("PUT", "/bkt", "versioning", enabled)
    await configure(s3, configured(QUEUE, *EVERYTHING))
    put = await s3.put("/bkt/k", b"1")
    hidden = await s3("DELETE", "/bkt/k")
    version = put.header("x-amz-version-id")
    await s3("DELETE", "/bkt/k", {"versionId": version})
    first, second, third = await records(s3)
    assert first["s3"]["object"]["versionId"] == version
    assert second["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
    assert second["s3"]["object"]["versionId"] == hidden.header("x-amz-version-id")
    assert "size" not in second["s3"]["object"]
    assert (third["eventName"], third["s3"]["object"]["versionId"]) == ("ObjectRemoved:Delete", version)


async def test_deleting_many_tells_of_each(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectRemoved:*"))
    await s3.put("/bkt/a", b"1")
    await s3.put("/bkt/b", b"1")
    keys = "".join(f"<Object><Key>{key}</Key></Object>" for key in ("a", "b", "absent"))
    body = f"<Delete>{keys}</Delete>".encode()
    digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    assert (await s3("POST", "/bkt", "delete", body, content_md5=digest)).status == 200
    assert [record["s3"]["object"]["key"] for record in await records(s3)] == ["a", "b"]


async def test_filters_choose(s3: Caller) -> None:
    await configure(
        s3,
        configured(QUEUE, "s3:ObjectCreated:*", id="jpg", Prefix="im ages/", suffix=".jpg"),
        configured(TOPIC, "s3:ObjectCreated:*", id="coded", prefix="a+b/"),
    )
    for key in ("im ages/a.jpg", "im ages/a.png", "other/a.jpg", "a b/c"):
        await s3.put(f"/bkt/{key}", b"1")
    found = [(record["s3"]["configurationId"], record["s3"]["object"]["key"]) for record in await records(s3)]
    assert found == [("jpg", "im+ages/a.jpg"), ("coded", "a+b/c")]


async def test_sequencers_grow_while_the_clock_stands(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectCreated:*"))
    for body in (b"1", b"2", b"3"):
        await s3.put("/bkt/k", body)
    found = [record["s3"]["object"]["sequencer"] for record in await records(s3)]
    assert found == sorted(set(found))
    assert len(found) == 3


async def test_what_is_refused_is_not_told(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectCreated:*"))
    await s3.put("/bkt/k", b"1", content_md5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert await records(s3) == []


async def test_a_caller_of_another_account_is_named(s3: Caller) -> None:
    await s3.harness.call("PUT", "/theirs", credential="access_key:alt")
    body = f"<NotificationConfiguration>{configured(QUEUE, 's3:ObjectCreated:*')}</NotificationConfiguration>".encode()
    await s3.harness.call("PUT", "/theirs", query="notification", body=body, credential="access_key:alt")
    await s3.harness.call("PUT", "/theirs/k", credential="access_key:alt")
    (record,) = await records(s3)
    assert record["userIdentity"]["principalId"] == f"AWS:{account('pr-1', 'alt').id}"


async def test_annotations_and_retention(s3: Caller) -> None:
    await s3("PUT", "/locked", x_amz_bucket_object_lock_enabled="true")
    await configure(s3, configured(QUEUE, "s3:ObjectAnnotation:*", "s3:ObjectRetention:Put"), bucket="locked")
    await s3.put("/locked/k", b"1")
    await s3.put("/locked/k", b"a note", {"annotation": "", "annotationName": "note"})
    for _ in range(2):
        await s3("DELETE", "/locked/k", {"annotation": "", "annotationName": "note"})
    held = "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>"
    assert (await s3.configure("retention", held, "/locked/k")).status == 200
    found = [record["eventName"] for record in await records(s3)]
    assert found == ["ObjectAnnotation:Put", "ObjectAnnotation:Delete", "ObjectRetention:Put"]


async def test_a_transition_names_the_class(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:LifecycleTransition"), "<EventBridgeConfiguration/>")
    move = "<Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition>"
    rule = f"<Rule><ID>a</ID><Filter><Prefix/></Filter><Status>Enabled</Status>{move}</Rule>"
    await s3.configure("lifecycle", f"<LifecycleConfiguration>{rule}</LifecycleConfiguration>")
    await s3.put("/bkt/k", b"1" * 200_000)
    clock: Any = s3.harness.clock
    clock.advance(days=2)
    for _ in range(4):
        await s3.harness.wake()
    (record,) = await records(s3)
    moved = {"transitionEventData": {"destinationStorageClass": "GLACIER"}}
    assert (record["eventName"], record["lifecycleEventData"]) == ("LifecycleTransition", moved)
    (bridged,) = [payload for type_, payload in await happened(s3) if type_ == "Object Storage Class Changed"]
    assert bridged["detail"]["destination-storage-class"] == "GLACIER"
    assert bridged["detail"]["requester"] == "s3.amazonaws.com"
    assert "source-ip-address" not in bridged["detail"]


async def test_a_list_of_access_that_changes_is_told(s3: Caller) -> None:
    await s3("PUT", "/shared", x_amz_object_ownership="ObjectWriter")
    await s3("DELETE", "/shared", "publicAccessBlock")
    await configure(s3, configured(QUEUE, "s3:ObjectAcl:Put"), bucket="shared")
    await s3.put("/shared/k", b"1")
    for acl in ("private", "authenticated-read", "authenticated-read"):
        answered = await s3("PUT", "/shared/k", "acl", x_amz_acl=acl)
        assert answered.status == 200, answered.body
    assert [record["eventName"] for record in await records(s3)] == ["ObjectAcl:Put"]


async def test_a_form_is_told_with_the_ids_of_its_answer(tmp_path: Path) -> None:
    async for browser in browsing_in(tmp_path):
        wanted = f"<NotificationConfiguration>{configured(QUEUE, 's3:ObjectCreated:*')}</NotificationConfiguration>"
        assert (await browser.own("PUT", "/bkt", "notification", wanted.encode())).status == 200
        posted = await browser.post({"key": "k", **browser.signed(browser.policy(["starts-with", "$key", ""]))})
        assert posted.status == 204
        store = await browser.gate.storage.open(await browser.gate.open("pr-1"))
        newest = (await store.outbox.events())[0]
        (record,) = newest.payload["Records"]
        assert (newest.type, record["eventName"]) == ("s3:ObjectCreated:Post", "ObjectCreated:Post")
        assert record["responseElements"]["x-amz-request-id"] == posted.header("x-amz-request-id")
