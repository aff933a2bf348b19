"""Whatever is put, copied, uploaded in parts, replaced and deleted, in any order and with refusals in between: no byte
is stored twice, none is lost, and none stays that nothing refers to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from broker.storage import blobs
from contracts.exchange import Response
from mocks.s3 import completion
from mocks.s3.service import SERVICE
from tests.harness import Harness
from tests.mocks.s3.conftest import Caller

T = TypeVar("T")

KEYS = st.sampled_from(["a", "b", "c"])
#: Empty, in the row, in a file, in a file of two pieces: all are small here.
BODIES = st.integers(0, 60).map(lambda size: bytes(range(97, 97 + 25))[: size % 26] * (1 + size // 26))
NUMBERS = st.integers(1, 3)
#: For whichever is there of several.
CHOICES = st.integers(0, 20)
_WRONG = {"content_md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}  # of nothing


class Bytes(RuleBasedStateMachine):
    """``versions`` maps (key, version id) to bytes, ``uploads`` upload ids to (key, {number: bytes})."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.patches = [
            patch.object(blobs, "INLINE", 8),
            patch.object(blobs, "PIECE", 16),
            patch.object(completion, "SMALLEST_PART", 1),
        ]
        for each in self.patches:
            each.start()
        self.harness = Harness(SERVICE, Path(self.folder.name))
        self.s3 = Caller(self.harness)
        self.versions: dict[tuple[str, str], bytes] = {}
        self.uploads: dict[str, tuple[str, dict[int, bytes]]] = {}
        self.versioned = False

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.harness.close())
        self.loop.close()
        self.folder.cleanup()
        for each in self.patches:
            each.stop()

    # What is there

    def listed(self) -> list[tuple[str, str, bool]]:
        """(key, version id, whether it is current) of each version that is no delete marker."""
        found = self.run(self.s3("GET", "/bkt", "versions")).value
        return [(one["Key"], one["VersionId"], one["IsLatest"]) for one in found.get("Versions", [])]

    def current(self, key: str) -> bytes | None:
        found = [self.versions[key, version] for named, version, latest in self.listed() if named == key and latest]
        return found[0] if found else None

    def wrote(self, key: str, body: bytes, response: Response) -> None:
        assert response.status == 200, response.body
        self.versions[key, response.header("x-amz-version-id") or "null"] = body

    def rows(self, scope: str) -> list[dict[str, Any]]:
        store: Any = self.run(self.harness.store())
        call = store.begin("s3")
        found = list(self.run(call.page(scope, order="key", limit=1000)))
        self.run(call.rollback())
        return found

    # What is done

    @initialize()
    def make_the_bucket(self) -> None:
        assert self.run(self.s3("PUT", "/bkt")).status == 200

    @rule(enabled=st.booleans())
    def turn_versioning(self, enabled: bool) -> None:
        if not enabled and not self.versioned:
            return
        status = "Enabled" if enabled else "Suspended"
        body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>".encode()
        assert self.run(self.s3("PUT", "/bkt", "versioning", body)).status == 200
        self.versioned = True

    @rule(key=KEYS, body=BODIES)
    def put(self, key: str, body: bytes) -> None:
        self.wrote(key, body, self.run(self.s3.put(f"/bkt/{key}", body, piece=7)))

    @rule(key=KEYS, body=BODIES.filter(bool))
    def put_what_arrives_damaged(self, key: str, body: bytes) -> None:
        assert self.run(self.s3.put(f"/bkt/{key}", body, piece=7, **_WRONG)).status == 400

    @rule(key=KEYS, body=BODIES)
    def put_unless_it_is_there(self, key: str, body: bytes) -> None:
        there = self.current(key) is not None
        made = self.run(self.s3.put(f"/bkt/{key}", body, if_none_match="*"))
        if there:
            assert made.status == 412
        else:
            self.wrote(key, body, made)

    @precondition(lambda self: self.versions)
    @rule(choice=CHOICES, to=KEYS)
    def copy(self, choice: int, to: str) -> None:
        found = self.listed()
        if not found:
            return
        key, version, _ = found[choice % len(found)]
        headers = {"x_amz_copy_source": f"bkt/{key}?versionId={version}", "x_amz_metadata_directive": "REPLACE"}
        body = self.versions[key, version]
        self.wrote(to, body, self.run(self.s3("PUT", f"/bkt/{to}", **headers)))

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        answered = self.run(self.s3("DELETE", f"/bkt/{key}"))
        assert answered.status == 204
        if (answered.header("x-amz-version-id") or "null") == "null":
            self.versions.pop((key, "null"), None)

    @rule(choice=CHOICES)
    def delete_a_version(self, choice: int) -> None:
        found = self.listed()
        if found:
            key, version, _ = found[choice % len(found)]
            assert self.run(self.s3("DELETE", f"/bkt/{key}", {"versionId": version})).status == 204
            del self.versions[key, version]

    @rule()
    def delete_all_of_them(self) -> None:
        found = self.listed()
        named = "".join(f"<Object><Key>{k}</Key><VersionId>{v}</VersionId></Object>" for k, v, _ in found)
        if named:
            body = f"<Delete>{named}</Delete>".encode()
            answered = self.run(self.s3("POST", "/bkt", "delete", body, content_md5=_md5(body)))
            assert answered.status == 200
            assert "Errors" not in answered.value
            self.versions.clear()

    @precondition(lambda self: len(self.uploads) < 3)
    @rule(key=KEYS)
    def begin_an_upload(self, key: str) -> None:
        upload: str = self.run(self.s3("POST", f"/bkt/{key}", "uploads")).value["UploadId"]
        self.uploads[upload] = (key, {})

    def chosen(self, choice: int) -> tuple[str, str, dict[int, bytes]]:
        upload = sorted(self.uploads)[choice % len(self.uploads)]
        return (upload, *self.uploads[upload])

    @precondition(lambda self: self.uploads)
    @rule(choice=CHOICES, number=NUMBERS, body=BODIES, whole=st.booleans())
    def upload_a_part(self, choice: int, number: int, body: bytes, whole: bool) -> None:
        upload, key, parts = self.chosen(choice)
        query = {"partNumber": number, "uploadId": upload}
        headers = {} if whole or not body else _WRONG
        made = self.run(self.s3.put(f"/bkt/{key}", body, query, piece=7, **headers))
        assert made.status == (400 if headers else 200)
        if not headers:
            parts[number] = body

    @precondition(lambda self: self.uploads and self.versions)
    @rule(choice=CHOICES, number=NUMBERS, source=CHOICES, ends=st.tuples(CHOICES, CHOICES), whole=st.booleans())
    def copy_a_part(self, choice: int, number: int, source: int, ends: tuple[int, int], whole: bool) -> None:
        upload, key, parts = self.chosen(choice)
        found = self.listed()
        if not found:
            return
        named, version, _ = found[source % len(found)]
        body = self.versions[named, version]
        headers = {"x_amz_copy_source": f"bkt/{named}?versionId={version}"}
        if not whole and body:
            first, last = sorted(end % len(body) for end in ends)
            headers["x_amz_copy_source_range"] = f"bytes={first}-{last}"
            body = body[first : last + 1]
        made = self.run(self.s3("PUT", f"/bkt/{key}", {"partNumber": number, "uploadId": upload}, **headers))
        assert made.status == 200, made.body
        parts[number] = body

    @precondition(lambda self: self.uploads)
    @rule(choice=CHOICES, left_out=NUMBERS, refused=st.booleans())
    def complete(self, choice: int, left_out: int, refused: bool) -> None:
        upload, key, parts = self.chosen(choice)
        listed = self.run(self.s3.etags(f"/bkt/{key}", upload)) if parts else []
        etags = [(number, etag) for number, etag in listed if number != left_out] or listed
        if not etags or any(not parts[number] for number, _ in etags[:-1]):
            return
        headers = {"x_amz_mp_object_size": "1000"} if refused else {}
        made = self.run(self.s3.complete(f"/bkt/{key}", upload, etags, **headers))
        if refused:
            assert made.status == 400
        else:
            self.wrote(key, b"".join(parts[number] for number, _ in etags), made)
            del self.uploads[upload]

    @precondition(lambda self: self.uploads)
    @rule(choice=CHOICES)
    def abort(self, choice: int) -> None:
        upload, key, _ = self.chosen(choice)
        assert self.run(self.s3("DELETE", f"/bkt/{key}", {"uploadId": upload})).status == 204
        del self.uploads[upload]

    @rule()
    def restart(self) -> None:
        self.run(self.harness.storage.close())
        self.harness.storage._closed = False

    # What holds

    @invariant()
    def every_version_is_whole(self) -> None:
        listed = self.listed()
        assert {(key, version) for key, version, _ in listed} == set(self.versions)
        for key, version, latest in listed:
            query = {"versionId": version}
            assert self.run(self.s3.content(f"/bkt/{key}", query)) == self.versions[key, version]
            if latest:
                assert self.run(self.s3.content(f"/bkt/{key}")) == self.versions[key, version]

    @invariant()
    def what_is_stored_is_what_is_referred_to(self) -> None:
        holders = [*self.rows("object"), *self.rows("version"), *self.rows("layout"), *self.rows("part")]
        count = Counter(segment[0] for one in holders for segment in one.get("segments", ()))
        store: Any = self.run(self.harness.store())
        rows = dict(store._state.connection.execute("SELECT id, body IS NULL FROM blobs").fetchall())
        assert set(rows) == set(count), "no blob is lost or left over"
        shared = dict(store._state.connection.execute("SELECT key, body FROM records WHERE scope = 's3/shared'"))
        told = {blob: int(re.findall(rb"\d+", body)[0]) for blob, body in shared.items()}
        assert told == {blob: number for blob, number in count.items() if number > 1}
        files = {path.name for path in Path(self.folder.name).rglob("blobs/*/*")}
        assert files == {blob for blob, in_file in rows.items() if in_file}
        layouts = {one["layout"] for one in (*self.rows("object"), *self.rows("version")) if "layout" in one}
        assert len(self.rows("layout")) == len(layouts)
        (size,) = store._state.connection.execute("SELECT coalesce(sum(size), 0) FROM blobs").fetchone()
        assert store.room.used == size


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


TestBytes = Bytes.TestCase
TestBytes.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


async def test_a_copy_stores_no_byte_again(s3: Caller) -> None:
    await s3.put("/bkt/a", b"x" * 200_000)
    upload = await s3.upload("/bkt/big", [b"y" * (5 << 20), b"z"])
    await s3.complete("/bkt/big", upload, await s3.etags("/bkt/big", upload))
    store: Any = await s3.harness.store()
    before = store.room.used
    for number in range(20):
        for source in ("a", "big"):
            made = await s3("PUT", f"/bkt/{source}-{number}", x_amz_copy_source=f"bkt/{source}")
            assert made.status == 200
    assert store.room.used == before
    assert await s3.blobs() == 3
