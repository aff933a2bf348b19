"""Objects in an archive, and their restored copies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mocks.s3.restoring import restore_status
from tests.clocks import HeldClock
from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.notified import QUEUE, configure, configured, records

#: The held clock's first moment is noon, 1 March 2026.
ONGOING = 'ongoing-request="true"'


def request(days: int | None = 3, tier: str | None = None) -> bytes:
    """A RestoreRequest."""
    inner = f"<Days>{days}</Days>" if days is not None else ""
    if tier is not None:
        inner += f"<GlacierJobParameters><Tier>{tier}</Tier></GlacierJobParameters>"
    return f"<RestoreRequest>{inner}</RestoreRequest>".encode()


def advance(s3: Caller, **time: float) -> None:
    """Let time pass."""
    assert isinstance(s3.harness.clock, HeldClock)
    s3.harness.clock.advance(**time)


async def archive(s3: Caller, storage_class: str = "GLACIER") -> None:
    """An object that nobody reads at once."""
    assert (await s3.put("/bkt/k", b"content", x_amz_storage_class=storage_class)).status == 200


async def told(s3: Caller) -> str | None:
    """x-amz-restore."""
    return (await s3("HEAD", "/bkt/k")).header("x-amz-restore")


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
async def test_archived_bytes_are_not_at_hand(s3: Caller, storage_class: str) -> None:
    await archive(s3, storage_class)
    refused = await s3("GET", "/bkt/k")
    assert code(refused) == "403 InvalidObjectState"
    assert f"<StorageClass>{storage_class}</StorageClass>".encode() in refused.body
    assert code(await s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k")) == "403 InvalidObjectState"
    head = await s3("HEAD", "/bkt/k")
    assert (head.status, head.header("x-amz-storage-class"), head.header("x-amz-restore")) == (200, storage_class, None)


@pytest.mark.parametrize("storage_class", ["STANDARD", "GLACIER_IR", "INTELLIGENT_TIERING"])
async def test_others_need_no_restore(s3: Caller, storage_class: str) -> None:
    await archive(s3, storage_class)
    assert await s3.content("/bkt/k") == b"content"
    assert code(await s3("POST", "/bkt/k", "restore", request())) == "403 InvalidObjectState"


@pytest.mark.parametrize(
    ("storage_class", "tier", "hours"),
    [
        ("GLACIER", "Expedited", 5 / 60),
        ("GLACIER", None, 5),
        ("GLACIER", "Bulk", 12),
        ("DEEP_ARCHIVE", "Standard", 12),
        ("DEEP_ARCHIVE", "Bulk", 48),
    ],
)
async def test_a_restore_takes_its_time(s3: Caller, storage_class: str, tier: str | None, hours: float) -> None:
    await archive(s3, storage_class)
    assert (await s3("POST", "/bkt/k", "restore", request(3, tier))).status == 202
    advance(s3, hours=hours, seconds=-1)
    assert await told(s3) == ONGOING
    assert code(await s3("GET", "/bkt/k")) == "403 InvalidObjectState"
    advance(s3, seconds=1)
    assert "false" in (await told(s3) or "")
    assert await s3.content("/bkt/k") == b"content"


async def test_a_restored_copy_expires_at_midnight(s3: Caller) -> None:
    await archive(s3)
    await s3("POST", "/bkt/k", "restore", request(3, "Expedited"))
    advance(s3, minutes=5)
    expected = 'ongoing-request="false", expiry-date="Thu, 05 Mar 2026 00:00:00 GMT"'
    assert await told(s3) == expected
    assert (await s3("GET", "/bkt/k")).header("x-amz-restore") == expected
    assert (await s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k")).status == 200
    assert (await s3("HEAD", "/bkt/copy")).header("x-amz-restore") is None
    assert (await s3("POST", "/bkt/k", "restore", request(10))).status == 200
    assert "12 Mar" in (await told(s3) or "")
    advance(s3, days=11)
    assert await told(s3) is None
    assert code(await s3("GET", "/bkt/k")) == "403 InvalidObjectState"
    assert (await s3("POST", "/bkt/k", "restore", request())).status == 202


async def test_an_ongoing_restore_is_hurried_and_nothing_else(s3: Caller) -> None:
    await archive(s3)
    await s3("POST", "/bkt/k", "restore", request(1, "Bulk"))
    assert code(await s3("POST", "/bkt/k", "restore", request(1, "Bulk"))) == "409 RestoreAlreadyInProgress"
    assert (await s3("POST", "/bkt/k", "restore", request(1, "Expedited"))).status == 202
    assert code(await s3("POST", "/bkt/k", "restore", request(1, "Standard"))) == "409 RestoreAlreadyInProgress"
    advance(s3, minutes=5)
    assert await s3.content("/bkt/k") == b"content"


@pytest.mark.parametrize(
    ("storage_class", "body", "expected"),
    [
        ("GLACIER", b"", "400 MalformedXML"),
        ("GLACIER", request(None), "400 MalformedXML"),
        ("GLACIER", b"<RestoreRequest><Weeks>1</Weeks></RestoreRequest>", "400 MalformedXML"),
        ("GLACIER", request(0), "400 InvalidArgument"),
        ("GLACIER", request(1, "Slow"), "400 MalformedXML"),
        ("DEEP_ARCHIVE", request(1, "Expedited"), "400 InvalidArgument"),
        ("GLACIER", b"<RestoreRequest><Type>SELECT</Type></RestoreRequest>", "501 NotImplemented"),
    ],
)
async def test_what_is_refused(s3: Caller, storage_class: str, body: bytes, expected: str) -> None:
    await archive(s3, storage_class)
    assert code(await s3("POST", "/bkt/k", "restore", body)) == expected
    assert await told(s3) is None


async def test_what_is_not_there(s3: Caller) -> None:
    assert code(await s3("POST", "/bkt/none", "restore", request())) == "404 NoSuchKey"


async def test_what_lists_tell(s3: Caller) -> None:
    now = s3.harness.clock.now()
    restore = {"tier": "Bulk", "ready": "2026-03-01T13:00:00Z", "expires": "2026-03-05T00:00:00Z"}
    record = {"class": "GLACIER", "restore": restore}
    assert restore_status({"class": "STANDARD"}, now) is None
    assert restore_status(record, now) == {"IsRestoreInProgress": True}
    assert restore_status(record, now + timedelta(hours=2)) == {
        "IsRestoreInProgress": False,
        "RestoreExpiryDate": "2026-03-05T00:00:00Z",
    }
    assert restore_status(record, now + timedelta(days=9)) is None


async def test_a_restore_that_begins_is_told(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectRestore:*"))
    await archive(s3)
    for tier in ("Bulk", "Bulk", "Expedited"):
        await s3("POST", "/bkt/k", "restore", request(1, tier))
    assert [record["eventName"] for record in await records(s3)] == ["ObjectRestore:Post"] * 2
