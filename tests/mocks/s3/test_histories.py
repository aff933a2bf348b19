"""Versioning against a plain model: any order of writes, deletes and settings, and what every list then tells."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mocks.s3.service import SERVICE
from tests.harness import Harness
from tests.mocks.s3.conftest import Caller, code

#: A key, one that begins with it, and what would come between them if versions were ordered carelessly.
KEYS = ("a", "a%01", "a/b", "aa")
_NAMES = {key: key.replace("%01", "\x01") for key in KEYS}

BOUNDED = settings(
    max_examples=25, stateful_step_count=30, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@dataclass
class Version:
    """``body`` None is a delete marker's."""

    id: str
    body: bytes | None


@dataclass
class Model:
    """What S3 promises of a bucket: of each key its versions, the newest first."""

    status: str | None = None
    keys: dict[str, list[Version]] = field(default_factory=dict)

    def add(self, key: str, version: Version) -> None:
        versions = self.keys.setdefault(key, [])
        if self.status is None or version.id == "null":
            versions[:] = [each for each in versions if each.id != version.id]
        versions.insert(0, version)

    def current(self, key: str) -> bytes | None:
        versions = self.keys.get(key)
        return versions[0].body if versions else None

    def take(self, key: str, version_id: str) -> None:
        self.keys[key] = [each for each in self.keys.get(key, []) if each.id != version_id]

    def told(self) -> list[tuple[str, str, bool, bool]]:
        """(key, version, whether it is a marker, whether it is the latest) in the order of a list."""
        return [
            (_NAMES[key], version.id, version.body is None, not index)
            for key in sorted(self.keys, key=lambda key: _NAMES[key].encode())
            for index, version in enumerate(self.keys[key])
        ]


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp())
        self._runner = asyncio.Runner()
        self.s3 = Caller(Harness(SERVICE, self._folder))
        self.model = Model()
        self._count = 0
        assert self.run(self.s3("PUT", "/bkt")).status == 200

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    def _body(self) -> bytes:
        self._count += 1
        return b"%d" % self._count

    def _made(self, answer: Any) -> str:
        assert answer.status == 200, answer.body
        version: str | None = answer.header("x-amz-version-id")
        assert (version is None) is (self.model.status != "Enabled")
        return version or "null"

    @rule(status=st.sampled_from(["Enabled", "Suspended"]))
    def configure(self, status: str) -> None:
        self.run(self.s3.versioned(status))
        self.model.status = status

    @rule(key=st.sampled_from(KEYS))
    def put(self, key: str) -> None:
        body = self._body()
        self.model.add(key, Version(self._made(self.run(self.s3.put(f"/bkt/{key}", body))), body))

    @rule(key=st.sampled_from(KEYS), source=st.sampled_from(KEYS), data=st.data())
    def copy(self, key: str, source: str, data: st.DataObject) -> None:
        named = [each for each in self.model.keys.get(source, []) if each.body is not None]
        if not named:
            return
        version = data.draw(st.sampled_from(named))
        copied = self.run(
            self.s3("PUT", f"/bkt/{key}", x_amz_copy_source=f"bkt/{source}?versionId={version.id}")
            if key != source
            else self.s3(
                "PUT",
                f"/bkt/{key}",
                x_amz_copy_source=f"bkt/{source}?versionId={version.id}",
                x_amz_metadata_directive="REPLACE",
            )
        )
        assert copied.header("x-amz-copy-source-version-id") == (version.id if self.model.status else None)
        self.model.add(key, Version(self._made(copied), version.body))

    @rule(key=st.sampled_from(KEYS))
    def delete(self, key: str) -> None:
        deleted = self.run(self.s3("DELETE", f"/bkt/{key}"))
        assert deleted.status == 204
        if self.model.status is None:
            self.model.take(key, "null")
            return
        assert deleted.header("x-amz-delete-marker") == "true"
        version = deleted.header("x-amz-version-id")
        assert (version == "null") is (self.model.status == "Suspended")
        self.model.add(key, Version(version, None))

    @rule(key=st.sampled_from(KEYS), data=st.data())
    def delete_a_version(self, key: str, data: st.DataObject) -> None:
        ids = [each.id for each in self.model.keys.get(key, [])]
        version = data.draw(st.sampled_from([*ids, "null"]))
        deleted = self.run(self.s3("DELETE", f"/bkt/{key}", {"versionId": version}))
        marker = any(each.id == version and each.body is None for each in self.model.keys.get(key, []))
        assert (deleted.status, deleted.header("x-amz-delete-marker")) == (204, "true" if marker else None)
        self.model.take(key, version)

    @rule(key=st.sampled_from(KEYS), fresh=st.booleans())
    def put_under_a_condition(self, key: str, fresh: bool) -> None:
        body, current = self._body(), self.model.current(key)
        answer = self.run(self.s3.put(f"/bkt/{key}", body, **({"if_none_match": "*"} if fresh else {"if_match": "*"})))
        if (current is None) is fresh:
            self.model.add(key, Version(self._made(answer), body))
        else:
            assert code(answer) == ("412 PreconditionFailed" if fresh else "404 NoSuchKey")

    @rule(size=st.integers(1, 4))
    def list_in_pages(self, size: int) -> None:
        found: list[tuple[str, str, bool, bool]] = []
        query: dict[str, Any] = {"versions": "", "max-keys": size}
        while True:
            page = self.run(self.s3("GET", "/bkt", query)).value
            shown = [(each["Key"], each["VersionId"], False, each["IsLatest"]) for each in page["Versions"]]
            shown += [(each["Key"], each["VersionId"], True, each["IsLatest"]) for each in page["DeleteMarkers"]]
            assert len(shown) <= size
            found += shown
            if not page["IsTruncated"]:
                break
            query |= {"key-marker": page["NextKeyMarker"], "version-id-marker": page["NextVersionIdMarker"]}
        assert sorted(found) == sorted(self.model.told())

    @invariant()
    def reads_are_true(self) -> None:
        for key in KEYS:
            current = self.model.current(key)
            got = self.run(self.s3("GET", f"/bkt/{key}"))
            assert (got.status, current) == ((404, None) if current is None else (200, got.value["Body"]))
            for version in self.model.keys.get(key, []):
                answer = self.run(self.s3("GET", f"/bkt/{key}", {"versionId": version.id}))
                assert answer.status == (405 if version.body is None else 200)
                assert version.body is None or answer.value["Body"] == version.body

    @invariant()
    def lists_are_true(self) -> None:
        value = self.run(self.s3("GET", "/bkt", "list-type=2")).value
        visible = sorted((_NAMES[key] for key in KEYS if self.model.current(key) is not None), key=str.encode)
        assert [each["Key"] for each in value["Contents"]] == visible
        versions = self.run(self.s3("GET", "/bkt", "versions")).value
        told = self.model.told()
        assert [each["VersionId"] for each in versions["Versions"]] == [each[1] for each in told if not each[2]]
        assert [each["VersionId"] for each in versions["DeleteMarkers"]] == [each[1] for each in told if each[2]]
        assert [each["IsLatest"] for each in versions["Versions"]] == [each[3] for each in told if not each[2]]
        assert [each["IsLatest"] for each in versions["DeleteMarkers"]] == [each[3] for each in told if each[2]]

    @invariant()
    def no_byte_is_lost_or_left(self) -> None:
        held = {each.body for versions in self.model.keys.values() for each in versions if each.body is not None}
        assert self.run(self.s3.blobs()) == len(held)

    def teardown(self) -> None:
        for key, versions in self.model.keys.items():
            for version in versions:
                assert self.run(self.s3("DELETE", f"/bkt/{key}", {"versionId": version.id})).status == 204
        assert self.run(self.s3("DELETE", "/bkt")).status == 204
        assert self.run(self.s3.blobs()) == 0
        self.run(self.s3.harness.close())
        self._runner.close()
        shutil.rmtree(self._folder)


def test_any_history_is_told_as_it_was() -> None:
    run_state_machine_as_test(Histories, settings=BOUNDED)
