"""Annotations of objects."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest

from contracts.exchange import Response
from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.locks import DENIED, date, locked_bucket, put
from tests.mocks.s3.test_encryption import ALLOWED, key


async def annotate(s3: Caller, name: str, text: bytes = b"text", path: str = "/bkt/k", **headers: str) -> Response:
    """PutObjectAnnotation."""
    return await s3.put(path, text, urlencode({"annotation": "", "annotationName": name}), **headers)


async def told(s3: Caller, name: str, path: str = "/bkt/k", **headers: str) -> Response:
    """GetObjectAnnotation."""
    return await s3("GET", path, urlencode({"annotation": "", "annotationName": name}), **headers)


async def names(s3: Caller, path: str = "/bkt/k", **query: Any) -> list[str]:
    """What ListObjectAnnotations tells."""
    listed = await s3("GET", path, urlencode({"annotation": "", **query}))
    assert listed.status == 200, listed.body
    return [each["AnnotationName"] for each in listed.value["Annotations"]]


@pytest.fixture
async def annotated(s3: Caller) -> Caller:
    """An object without annotations so far."""
    await s3.put("/bkt/k", b"content")
    return s3


async def test_a_life(annotated: Caller) -> None:
    s3, before = annotated, await annotated("HEAD", "/bkt/k")
    put = await annotate(s3, "ml.sentiment", "schön".encode())
    etag = f'"{hashlib.md5("schön".encode(), usedforsecurity=False).hexdigest()}"'
    assert (put.status, put.value["AnnotationName"], put.value["ETag"]) == (200, "ml.sentiment", etag)
    got = await told(s3, "ml.sentiment", x_amz_checksum_mode="ENABLED")
    assert (got.body, got.header("etag"), got.header("content-length")) == ("schön".encode(), etag, "6")
    assert got.header("x-amz-server-side-encryption") == "AES256"
    assert got.header("x-amz-checksum-crc64nvme") is not None
    assert (await annotate(s3, "ml.sentiment", b"other")).status == 200
    assert (await told(s3, "ml.sentiment")).body == b"other"
    after = await s3("HEAD", "/bkt/k")
    assert [before.header(n) for n in ("etag", "last-modified")] == [after.header(n) for n in ("etag", "last-modified")]
    gone = await s3("DELETE", "/bkt/k", "annotation&annotationName=ml.sentiment")
    assert gone.status == 204
    assert code(await told(s3, "ml.sentiment")) == "404 NoSuchAnnotation"
    assert (await s3("DELETE", "/bkt/k", "annotation&annotationName=ml.sentiment")).status == 204


async def test_a_list_is_paged(annotated: Caller) -> None:
    s3 = annotated
    assert await names(s3) == []
    for name in ("b", "a.2", "a.1", "é"):
        await annotate(s3, name)
    assert await names(s3) == ["a.1", "a.2", "b", "é"]
    assert await names(s3, **{"annotation-prefix": "a."}) == ["a.1", "a.2"]
    first = await s3("GET", "/bkt/k", "annotation&max-annotation-results=3")
    assert (first.value["AnnotationCount"], first.value["MaxAnnotationResults"]) == (3, 3)
    token = first.value["NextContinuationToken"]
    assert await names(s3, **{"continuation-token": token}) == ["é"]
    for query in (
        "max-annotation-results=0",
        "max-annotation-results=1001",
        "annotation-prefix=a/",
        "continuation-token=x",
    ):
        assert (await s3("GET", "/bkt/k", f"annotation&{query}")).status == 400


@pytest.mark.parametrize(
    ("name", "text", "headers", "expected"),
    [
        ("aws.mine", b"1", {}, "400 InvalidAnnotationName"),
        ("S3x", b"1", {}, "400 InvalidAnnotationName"),
        ("a b", b"1", {}, "400 InvalidAnnotationName"),
        ("a/b", b"1", {}, "400 InvalidAnnotationName"),
        ("", b"1", {}, "400 InvalidAnnotationName"),
        ("é" * 257, b"1", {}, "400 AnnotationNameTooLong"),
        ("a", b"", {}, "400 InvalidRequest"),
        ("a", b"\xff", {}, "415 UnsupportedMediaType"),
        ("a", bytes(1024 * 1024 + 1), {}, "400 EntityTooLarge"),
        ("a", b"1", {"x_amz_object_if_match": '"0"'}, "412 PreconditionFailed"),
        ("a", b"1", {"x_amz_checksum_crc32": base64.b64encode(bytes(4)).decode()}, "400 BadDigest"),
        ("é" * 256, b"1", {"x_amz_object_if_match": "*"}, "200"),
    ],
)
async def test_names_and_texts(
    annotated: Caller, name: str, text: bytes, headers: dict[str, str], expected: str
) -> None:
    assert code(await annotate(annotated, name, text, **headers)) == expected
    assert len(await names(annotated)) == (expected == "200")


async def test_a_thousand_is_the_most(annotated: Caller) -> None:
    for number in range(1000):
        await annotate(annotated, f"n{number}", b"1")
    assert code(await annotate(annotated, "more")) == "400 AnnotationLimitExceeded"
    assert (await annotate(annotated, "n0", b"2")).status == 200


async def test_they_go_with_their_object(annotated: Caller) -> None:
    s3 = annotated
    await annotate(s3, "a")
    await s3.put("/bkt/k", b"newer")
    assert await names(s3) == []
    await annotate(s3, "a")
    await s3("DELETE", "/bkt/k")
    assert code(await told(s3, "a")) == "404 NoSuchKey"
    inventory = await (await s3.harness.store()).inventory()
    assert inventory["records"]["s3"] == {"bucket": 1}


async def test_copies_take_them_along(annotated: Caller) -> None:
    s3 = annotated
    for number in range(25):
        await annotate(s3, f"n{number}")
    await s3("PUT", "/bkt/with", x_amz_copy_source="/bkt/k")
    await s3("PUT", "/bkt/without", x_amz_copy_source="/bkt/k", x_amz_object_annotation_directive="EXCLUDE")
    await s3("PUT", "/bkt/k", x_amz_copy_source="/bkt/k", x_amz_metadata_directive="REPLACE")
    assert [len(await names(s3, f"/bkt/{name}")) for name in ("with", "without", "k")] == [25, 0, 25]
    await s3("DELETE", "/bkt/k")
    assert (await told(s3, "n3", "/bkt/with")).body == b"text"


async def test_each_version_has_its_own(annotated: Caller) -> None:
    s3 = annotated
    await s3(
        "PUT", "/bkt", "versioning", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    )
    one, two = [(await s3.put("/bkt/k", b"1")).value["VersionId"] for _ in range(2)]
    query = urlencode({"annotation": "", "annotationName": "a", "versionId": one})
    assert (await s3.put("/bkt/k", b"old", query)).header("x-amz-object-version-id") == one
    assert (await s3("GET", "/bkt/k", query)).body == b"old"
    assert await names(s3) == []
    assert await names(s3, versionId=two) == []


async def test_an_object_of_a_customers_key_has_none(s3: Caller) -> None:
    await s3("PUT", "/bkt", "encryption", ALLOWED)
    await s3.put("/bkt/k", b"content", **key())
    assert code(await annotate(s3, "a")) == "400 InvalidRequest"


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
async def test_a_lock_keeps_them(s3: Caller, mode: str) -> None:
    await locked_bucket(s3)
    await put(s3, x_amz_object_lock_mode=mode, x_amz_object_lock_retain_until_date=date(s3, 1))
    await annotate(s3, "a", path="/lck/k")
    gone = {"annotation": "", "annotationName": "a"}
    assert code(await s3("DELETE", "/lck/k", gone)) == DENIED
    passed = await s3("DELETE", "/lck/k", gone, x_amz_bypass_governance_retention="true")
    assert code(passed) == ("204" if mode == "GOVERNANCE" else DENIED)
