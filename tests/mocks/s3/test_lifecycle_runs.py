"""Lifecycle rules by the clock: what is gone, hidden, moved and aborted after how many days."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mocks.s3 import lifecycle_runs
from mocks.s3.lifecycle_runs import due, schedule
from tests.mocks.s3.conftest import Caller, code

VERSIONED = "<VersioningConfiguration><Status>{}</Status></VersioningConfiguration>"
EXPIRES = "<Expiration><Days>{}</Days></Expiration>"


async def rules(s3: Caller, *wanted: tuple[str, str], path: str = "/bkt") -> None:
    """Put rules of (filter, actions)."""
    texts = [
        f"<Rule><ID>rule-{n}</ID><Filter>{filter_}</Filter><Status>Enabled</Status>{actions}</Rule>"
        for n, (filter_, actions) in enumerate(wanted)
    ]
    made = await s3.configure("lifecycle", f"<LifecycleConfiguration>{''.join(texts)}</LifecycleConfiguration>", path)
    assert made.status == 200, made.body


async def versioning(s3: Caller, status: str = "Enabled") -> None:
    assert (await s3.configure("versioning", VERSIONED.format(status))).status == 200


async def coming(s3: Caller) -> datetime | None:
    """When the next run is."""
    transaction = (await s3.harness.store()).begin("s3")
    try:
        return await due(transaction)
    finally:
        await transaction.rollback()


async def pass_time(s3: Caller, days: float) -> int:
    """Move the clock, and do what is due then: in how many calls."""
    clock: Any = s3.harness.clock
    now, calls = clock.advance(days=days), 0
    while (at := await coming(s3)) is not None and at <= now:
        await s3.harness.wake()
        calls += 1
    return calls


async def keys(s3: Caller, path: str = "/bkt") -> list[str]:
    listed = (await s3("GET", path, "list-type=2")).value
    return [each["Key"] for each in listed.get("Contents", [])]


async def history(s3: Caller) -> list[tuple[str, bool]]:
    """Every version and delete marker: (key, whether it is a marker), newest first of each key."""
    state = (await s3.harness.store()).begin("s3")
    current = await state.page("object", order="key", prefix="bkt/")
    apart = await state.page("version", order="key", prefix="bkt/")
    await state.rollback()
    found = [(record["key"], bool(record.get("marker"))) for record in (*current, *apart)]
    return sorted(found, key=lambda each: each[0])


async def test_objects_expire_at_the_midnight_after_their_days(s3: Caller) -> None:
    await s3.put("/bkt/logs/old", b"1")
    await s3.put("/bkt/kept", b"1")
    await rules(s3, ("<Prefix>logs/</Prefix>", EXPIRES.format(2)))
    await pass_time(s3, 2)
    assert await keys(s3) == ["kept", "logs/old"]
    await s3.put("/bkt/logs/new", b"2" * 300_000)
    await pass_time(s3, 0.5)
    assert await keys(s3) == ["kept", "logs/new"]
    await pass_time(s3, 2)
    assert await keys(s3) == ["kept"]
    await s3("DELETE", "/bkt/kept")
    assert await s3.blobs() == 0


async def test_a_long_jump_does_all_that_would_have_been_done(s3: Caller) -> None:
    await versioning(s3)
    await s3.put("/bkt/a", b"1")
    both = "<NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>"
    await rules(s3, ("", EXPIRES.format(2) + both))
    await pass_time(s3, 2)
    assert await history(s3) == [("a", False)]
    await pass_time(s3, 0.5)
    assert await history(s3) == [("a", True), ("a", False)]
    await pass_time(s3, 300)
    assert await history(s3) == []


async def test_filters_by_tag_and_size(s3: Caller) -> None:
    await s3.put("/bkt/tagged", b"1", x_amz_tagging="team=blue")
    await s3.put("/bkt/tagged-later", b"1")
    await s3.put("/bkt/large", b"12345")
    await s3.put("/bkt/other", b"1")
    tag = "<Tag><Key>team</Key><Value>blue</Value></Tag>"
    await rules(s3, (tag, EXPIRES.format(1)), ("<ObjectSizeGreaterThan>4</ObjectSizeGreaterThan>", EXPIRES.format(3)))
    await pass_time(s3, 2)
    assert await keys(s3) == ["large", "other", "tagged-later"]
    await s3.configure("tagging", f"<Tagging><TagSet>{tag}</TagSet></Tagging>", "/bkt/tagged-later")
    await pass_time(s3, 1)
    assert await keys(s3) == ["large", "other"]
    await pass_time(s3, 1)
    assert await keys(s3) == ["other"]


async def test_dates(s3: Caller) -> None:
    await s3.put("/bkt/a", b"1")
    await rules(s3, ("", "<Expiration><Date>2026-03-10T00:00:00Z</Date></Expiration>"))
    await pass_time(s3, 8)
    assert await keys(s3) == ["a"]
    await pass_time(s3, 1)
    assert await keys(s3) == []
    await s3.put("/bkt/later", b"1")
    await pass_time(s3, 1)
    assert await keys(s3) == []


async def test_rules_that_are_changed_deleted_or_off(s3: Caller) -> None:
    await s3.put("/bkt/a", b"1")
    await rules(s3, ("", EXPIRES.format(1)))
    await rules(s3, ("", EXPIRES.format(9)))
    await pass_time(s3, 5)
    assert await keys(s3) == ["a"]
    await s3("DELETE", "/bkt", "lifecycle")
    assert await coming(s3) is None
    off = f"<Rule><Prefix/><Status>Disabled</Status>{EXPIRES.format(1)}</Rule>"
    await s3.configure("lifecycle", f"<LifecycleConfiguration>{off}</LifecycleConfiguration>")
    assert await coming(s3) is None
    await pass_time(s3, 50)
    assert await keys(s3) == ["a"]


async def test_a_bucket_that_is_gone_and_made_again(s3: Caller) -> None:
    await s3("PUT", "/short")
    await rules(s3, ("", EXPIRES.format(1)), path="/short")
    await s3("DELETE", "/short")
    await s3("PUT", "/short")
    await s3.put("/short/a", b"1")
    await pass_time(s3, 9)
    assert await keys(s3, "/short") == ["a"]
    assert await coming(s3) is None


async def test_no_rules_no_runs(s3: Caller) -> None:
    await s3.put("/bkt/a", b"1")
    assert await coming(s3) is None


@pytest.mark.parametrize(("status", "left"), [("Enabled", [("a", True), ("a", False)]), ("Suspended", [("a", True)])])
async def test_expiration_hides_where_there_is_versioning(
    s3: Caller, status: str, left: Sequence[tuple[str, bool]]
) -> None:
    await versioning(s3, status)
    await s3.put("/bkt/a", b"1")
    await rules(s3, ("", EXPIRES.format(1)))
    await pass_time(s3, 1.5)
    assert await history(s3) == left
    assert code(await s3("GET", "/bkt/a")) == "404 NoSuchKey"


async def test_noncurrent_versions_and_those_that_are_retained(s3: Caller) -> None:
    await versioning(s3)
    for text in (b"1", b"2", b"3", b"4"):
        await s3.put("/bkt/a", text)
    newer = "<NewerNoncurrentVersions>1</NewerNoncurrentVersions>"
    await rules(
        s3,
        ("", f"<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>{newer}</NoncurrentVersionExpiration>"),
    )
    await pass_time(s3, 2)
    assert len(await history(s3)) == 4
    await pass_time(s3, 1)
    assert len(await history(s3)) == 2
    assert await s3.content("/bkt/a") == b"4"
    await pass_time(s3, 100)
    assert len(await history(s3)) == 2


async def test_a_locked_version_stays_until_its_lock_ends(s3: Caller) -> None:
    await s3("PUT", "/locked", x_amz_bucket_object_lock_enabled="true")
    until = {"x_amz_object_lock_mode": "COMPLIANCE", "x_amz_object_lock_retain_until_date": "2026-03-20T00:00:00Z"}
    digest = base64.b64encode(hashlib.md5(b"1", usedforsecurity=False).digest()).decode()
    first = (await s3.put("/locked/a", b"1", content_md5=digest, **until)).header("x-amz-version-id")
    assert first
    await s3.put("/locked/a", b"2")
    expires = "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"
    await rules(s3, ("", expires), path="/locked")
    await pass_time(s3, 10)
    assert (await s3("HEAD", "/locked/a", {"versionId": first})).status == 200
    await pass_time(s3, 11)
    assert (await s3("HEAD", "/locked/a", {"versionId": first})).status == 404


async def test_a_delete_marker_that_is_alone(s3: Caller) -> None:
    await versioning(s3)
    await s3.put("/bkt/a", b"1")
    await s3("DELETE", "/bkt/a")
    await s3.put("/bkt/b", b"1")
    await s3("DELETE", "/bkt/b")
    noncurrent = "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"
    markers = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
    await rules(s3, ("<Prefix>a</Prefix>", noncurrent), ("", markers))
    await pass_time(s3, 1)
    assert await history(s3) == [("a", True), ("a", False), ("b", True), ("b", False)]
    await pass_time(s3, 2)
    assert await history(s3) == [("b", True), ("b", False)]


async def test_moves_from_class_to_class(s3: Caller) -> None:
    await s3.put("/bkt/a", b"1" * 131_072)
    await s3.put("/bkt/small", b"1")
    moves = "".join(
        f"<Transition><Days>{days}</Days><StorageClass>{to}</StorageClass></Transition>"
        for days, to in ((30, "STANDARD_IA"), (60, "GLACIER"))
    )
    await rules(s3, ("", moves))

    async def classes() -> dict[str, str]:
        contents = (await s3("GET", "/bkt", "list-type=2")).value["Contents"]
        return {each["Key"]: each["StorageClass"] for each in contents}

    await pass_time(s3, 30)
    assert await classes() == {"a": "STANDARD", "small": "STANDARD"}
    before = (await s3("HEAD", "/bkt/a")).header("last-modified")
    await pass_time(s3, 1)
    assert await classes() == {"a": "STANDARD_IA", "small": "STANDARD"}
    moved = await s3("HEAD", "/bkt/a")
    assert (moved.header("x-amz-storage-class"), moved.header("last-modified")) == ("STANDARD_IA", before)
    await pass_time(s3, 30)
    assert await classes() == {"a": "GLACIER", "small": "STANDARD"}


async def test_noncurrent_versions_move(s3: Caller) -> None:
    await versioning(s3)
    first = (await s3.put("/bkt/a", b"1" * 131_072)).header("x-amz-version-id")
    await s3.put("/bkt/a", b"2" * 131_072)
    await rules(
        s3,
        (
            "",
            (
                "<NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays><StorageClass>GLACIER_IR</StorageClass>"
                "</NoncurrentVersionTransition>"
            ),
        ),
    )
    await pass_time(s3, 2)
    assert (await s3("HEAD", "/bkt/a", {"versionId": first})).header("x-amz-storage-class") == "GLACIER_IR"
    assert (await s3("HEAD", "/bkt/a")).header("x-amz-storage-class") is None


async def test_unfinished_uploads_are_aborted(s3: Caller) -> None:
    await s3.upload("/bkt/logs/a", [b"part" * 100_000])
    kept = await s3.upload("/bkt/b", [b"part"])
    abort = (
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
    )
    await rules(s3, ("<Prefix>logs/</Prefix>", abort))
    await pass_time(s3, 1)
    assert len((await s3("GET", "/bkt", "uploads")).value["Uploads"]) == 2
    await pass_time(s3, 1)
    assert [each["UploadId"] for each in (await s3("GET", "/bkt", "uploads")).value["Uploads"]] == [kept]
    assert await s3.blobs() == 1


async def test_pages_of_a_large_bucket(s3: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle_runs, "_PAGE", 3)
    await versioning(s3)
    for name in "abcde":
        for _ in range(3):
            await s3.put(f"/bkt/{name}", b"1")
    newer = "<NewerNoncurrentVersions>1</NewerNoncurrentVersions>"
    both = f"<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>{newer}</NoncurrentVersionExpiration>"
    await rules(s3, ("", EXPIRES.format(40) + both))
    calls = await pass_time(s3, 2)
    assert len(await history(s3)) == 10
    assert calls > 6
    await pass_time(s3, 40)
    # Of each key the marker and one noncurrent version that is retained.
    assert await history(s3) == [(name, marker) for name in "abcde" for marker in (True, False)]


async def test_the_next_run_is_not_before_something_is_due(s3: Caller) -> None:
    await s3.put("/bkt/a", b"1")
    await rules(s3, ("", EXPIRES.format(30)))
    assert await coming(s3) == datetime(2026, 3, 2, tzinfo=UTC)
    await pass_time(s3, 1)
    assert await coming(s3) == datetime(2026, 4, 1, tzinfo=UTC)
    assert await pass_time(s3, 29) == 0
    await s3.harness.wake()
    assert await keys(s3) == ["a"]


async def test_runs_of_several_buckets_are_done_in_their_order(s3: Caller) -> None:
    transaction = (await s3.harness.store()).begin("s3")
    first = datetime(2026, 3, 2, tzinfo=UTC)
    await schedule(transaction, "b", first)
    await schedule(transaction, "a", first + timedelta(days=1))
    assert await due(transaction) == first
    await schedule(transaction, "b", first + timedelta(days=2))
    assert await due(transaction) == first + timedelta(days=1)
    await schedule(transaction, "a", None)
    await schedule(transaction, "b", None)
    assert await due(transaction) is None
    await transaction.rollback()
