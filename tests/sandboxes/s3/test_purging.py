"""Buckets are emptied in bounded memory, whatever fails in between."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from itertools import pairwise
from urllib.parse import parse_qs, quote_plus, unquote

import pytest

from contracts import xml
from contracts.exchange import Request, Response
from sandboxes.base import Refused, Resource, Unreachable
from sandboxes.s3.purging import revoke
from tests.sandboxes.s3.calls import failure, reply

RESOURCE = Resource("bucket", "pb-k3x9qa-8f3kd02ma1-b", alias="b")
BUCKET = f"/{RESOURCE.id}"


class Bucket:
    """A bucket in memory. ``locked``: version -> its mode; ``late`` objects turn up when the bucket is deleted."""

    def __init__(self, objects: Mapping[str, str], uploads: int = 0, late: int = 0) -> None:
        self.objects = dict(objects)
        self.uploads = [str(number) for number in range(uploads)]
        self.late = late
        self.locked: dict[str, str] = {}
        self.asked: list[Request] = []
        self.there = True

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        if not self.there:
            return failure("NoSuchBucket", status=404)
        query = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
        if "uploads" in query:
            found = "".join(f"<Upload><Key>k</Key><UploadId>{each}</UploadId></Upload>" for each in self.uploads[:1000])
            return reply(f"<R><IsTruncated>false</IsTruncated>{found}</R>")
        if "uploadId" in query:
            self.uploads.remove(query["uploadId"])
            return reply("", 204)
        if "versions" in query:
            return self._page(query)
        if "delete" in query:
            return self._delete(request)
        if request.method == "HEAD":
            return self._head(query["versionId"])
        return self._end()

    def _page(self, query: Mapping[str, str]) -> Response:
        after = query.get("key-marker", "")
        left = [key for key in sorted(self.objects) if key > after]
        page = left[: int(query["max-keys"])]
        entries = "".join(
            f"<Version><Key>{quote_plus(key)}</Key><VersionId>{self.objects[key]}</VersionId></Version>" for key in page
        )
        more = f"<NextKeyMarker>{quote_plus(page[-1])}</NextKeyMarker>" if len(left) > len(page) else ""
        cut = "true" if more else "false"
        return reply(f"<R><EncodingType>url</EncodingType><IsTruncated>{cut}</IsTruncated>{more}{entries}</R>")

    def _delete(self, request: Request) -> Response:
        errors = ""
        bypass = request.headers.get("x-amz-bypass-governance-retention") == "true"
        for element in xml.parse(request.body).iterfind("{*}Object"):
            key, version = element.findtext("{*}Key") or "", element.findtext("{*}VersionId") or ""
            mode = self.locked.get(version)
            if mode is not None and not (bypass and mode == "GOVERNANCE"):
                what = f"<Key>{xml.escape(key)}</Key><VersionId>{version}</VersionId>"
                errors += f"<Error>{what}<Code>AccessDenied</Code><Message>no</Message></Error>"
            elif self.objects.get(key) == version:
                del self.objects[key]
        return reply(f"<DeleteResult>{errors}</DeleteResult>")

    def _head(self, version: str) -> Response:
        mode = self.locked[version]
        if mode == "HOLD":
            return Response(200, [("x-amz-object-lock-legal-hold", "ON")])
        until = ("x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z")
        return Response(200, [("x-amz-object-lock-mode", mode), until])

    def _end(self) -> Response:
        if self.late:
            self.late -= 1
            self.objects["late"] = "v"
        if self.objects or self.uploads:
            return failure("BucketNotEmpty", status=409)
        self.there = False
        return reply("", 204)


def some(number: int) -> dict[str, str]:
    return {f"k/{each:06}": f"v{each}" for each in range(number)}


async def purged(bucket: Bucket) -> dict[str, int]:
    told: list[dict[str, int]] = []
    assert await revoke(RESOURCE, bucket, lambda counts: told.append(dict(counts))) == "deleted"
    assert all(one.get("objects", 0) <= two.get("objects", 0) for one, two in pairwise(told))
    return told[-1] if told else {}


async def test_everything_goes_a_page_at_a_time() -> None:
    bucket = Bucket(some(2500), uploads=3)
    assert await purged(bucket) == {"objects": 2500, "uploads": 3}
    assert sum("delete" in request.query for request in bucket.asked) == 3
    assert all("content-md5" in request.headers for request in bucket.asked if request.query == "delete")


async def test_an_empty_bucket_and_an_absent_one() -> None:
    bucket = Bucket({})
    assert await purged(bucket) == {}
    assert await revoke(RESOURCE, bucket, lambda _: None) == "absent"


async def test_keys_of_every_kind() -> None:
    keys = ["a b+c", "ü/ö", "<&>", "..", "a\x01b", "a\r\nb", " ", "%2F"]
    bucket = Bucket({key: f"v{number}" for number, key in enumerate(keys)})
    readable = [key for key in keys if "\x01" not in key]
    documents: list[bytes] = []

    async def send(request: Request) -> Response:
        documents.append(request.body)
        if b"\x01" in request.body or b"&#x1;" in request.body:
            # As S3 does, which reads what XML 1.0 forbids.
            bucket.objects.clear()
            return reply("<DeleteResult/>")
        return await bucket(request)

    assert await revoke(RESOURCE, send, lambda _: None) == "deleted"
    assert b"<Key>a&#x1;b</Key>" in b"".join(documents)
    assert await purged(Bucket(dict.fromkeys(readable, "v"))) == {"objects": len(readable)}


async def test_what_is_written_meanwhile_goes_as_well() -> None:
    assert await purged(Bucket(some(2), late=2)) == {"objects": 4}
    with pytest.raises(Refused, match="is being written to: BucketNotEmpty"):
        await purged(Bucket({}, late=9))


async def test_a_lock_in_governance_mode_is_lifted_only_where_there_is_one() -> None:
    bucket = Bucket(some(1500))
    bucket.locked["v7"] = "GOVERNANCE"
    assert await purged(bucket) == {"objects": 1500}
    lifting = [request for request in bucket.asked if "x-amz-bypass-governance-retention" in request.headers]
    assert len(lifting) == 1
    assert b"v7<" in lifting[0].body
    assert b"v8<" not in lifting[0].body


@pytest.mark.parametrize(
    ("mode", "words"),
    [("COMPLIANCE", "is locked in COMPLIANCE mode until 2099-01-01T00:00:00Z"), ("HOLD", "is under a legal hold")],
)
async def test_what_is_locked_stays_and_everything_else_goes(mode: str, words: str) -> None:
    bucket = Bucket(some(2500))
    bucket.locked["v3"] = mode
    with pytest.raises(Refused, match=words) as caught:
        await purged(bucket)
    assert "'k/000003' (version v3)" in str(caught.value)
    assert list(bucket.objects) == ["k/000003"]


@pytest.mark.parametrize("where", range(6))
async def test_it_goes_on_after_any_failure(where: int) -> None:
    bucket = Bucket(some(1200), uploads=1)

    async def send(request: Request) -> Response:
        response = await bucket(request)
        if len(bucket.asked) == where + 1:
            raise Unreachable("cut")  # after the effect
        return response

    with pytest.raises(Unreachable):
        await revoke(RESOURCE, send, lambda _: None)
    assert await revoke(RESOURCE, bucket, lambda _: None) in ("deleted", "absent")
    assert not bucket.there


@pytest.mark.parametrize("where", range(5))
async def test_a_refusal_has_the_providers_words(where: int) -> None:
    bucket = Bucket(some(10), uploads=1)

    async def send(request: Request) -> Response:
        if len(bucket.asked) == where:
            return failure("SlowDown", "Please reduce your request rate.", 503)
        return await bucket(request)

    with pytest.raises(Refused, match=r"SlowDown: Please reduce your request rate\.") as caught:
        await revoke(RESOURCE, send, lambda _: None)
    assert caught.value.status == 503


async def test_an_endpoint_that_repeats_its_pages_ends() -> None:
    async def send(request: Request) -> Response:
        if "versions" in request.query:
            return reply("<R><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker></R>")
        return reply("<R/>") if request.method == "GET" else reply("", 204)

    assert await revoke(RESOURCE, send, lambda _: None) == "deleted"


async def test_an_error_without_a_version_holds_all_versions_of_its_key() -> None:
    """As moto answers, which says only the key."""
    pages = [
        "<Version><Key>k</Key><VersionId>1</VersionId></Version><Version><Key>k</Key><VersionId>2</VersionId></Version>"
    ]
    bodies: list[bytes] = []

    async def send(request: Request) -> Response:
        if "versions" in request.query:
            return reply(f"<R>{pages[0]}</R>")
        if request.query == "delete":
            bodies.append(request.body)
            return reply("<R><Error><Key>k</Key><Code>AccessDenied</Code><Message>no</Message></Error></R>")
        return reply("<R/>")

    with pytest.raises(Refused, match="version 1"):
        await revoke(RESOURCE, send, lambda _: None)
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


@pytest.mark.slow
async def test_a_hundred_thousand_keys_need_little_memory() -> None:
    """The account serves them lazily, so what is measured is the driver's."""
    total, size = 100_000, 1000
    gone = 0

    async def send(request: Request) -> Response:
        nonlocal gone
        if "versions" in request.query:
            start = int(unquote(parse_qs(request.query).get("key-marker", ["0"])[0]))
            end = min(start + size, total)
            entries = "".join(
                f"<Version><Key>{'k' * 200}{each}</Key><VersionId>v{each}</VersionId></Version>"
                for each in range(start, end)
            )
            more = f"<IsTruncated>true</IsTruncated><NextKeyMarker>{end}</NextKeyMarker>" if end < total else ""
            return reply(f"<R>{more}{entries}</R>")
        if request.query == "delete":
            gone += request.body.count(b"<Object>")
            return reply("<R/>")
        return reply("<R/>") if request.method == "GET" else reply("", 204)

    tracemalloc.start()
    try:
        assert await revoke(RESOURCE, send, lambda _: None) == "deleted"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert gone == total
    assert peak < 8 << 20
