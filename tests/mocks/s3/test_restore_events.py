"""Restores are told of: that one has begun, that its copy is there, that it is gone."""

from __future__ import annotations

from typing import Any

from mocks.s3.restore_events import due
from tests.mocks.s3.conftest import Caller
from tests.mocks.s3.notified import QUEUE, configure, configured, happened, records

REQUEST = "<RestoreRequest><Days>{}</Days><GlacierJobParameters><Tier>{}</Tier></GlacierJobParameters></RestoreRequest>"


async def restore(s3: Caller, days: int = 1, tier: str = "Standard") -> int:
    return (await s3("POST", "/bkt/k", "restore", REQUEST.format(days, tier).encode())).status


async def waits(s3: Caller) -> bool:
    transaction = (await s3.harness.store()).begin("s3")
    try:
        return await due(transaction) is not None
    finally:
        await transaction.rollback()


async def pass_time(s3: Caller, **time: float) -> None:
    """Whatever is due by then is done, at once."""
    clock: Any = s3.harness.clock
    now = clock.advance(**time)
    while True:
        transaction = (await s3.harness.store()).begin("s3")
        at = await due(transaction)
        await transaction.rollback()
        if at is None or at > now:
            return
        await s3.harness.wake()


async def names(s3: Caller) -> list[str]:
    return [record["eventName"] for record in await records(s3)]


async def test_a_restore_from_begin_to_end(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectRestore:*"))
    await s3.put("/bkt/k", b"cold", x_amz_storage_class="GLACIER")
    assert await restore(s3) == 202
    assert await names(s3) == ["ObjectRestore:Post"]
    await pass_time(s3, hours=5)
    assert (await names(s3))[1:] == ["ObjectRestore:Completed"]
    completed = (await records(s3))[1]
    assert completed["userIdentity"] == {"principalId": "s3.amazonaws.com"}
    assert completed["glacierEventData"]["restoreEventData"]["lifecycleRestoreStorageClass"] == "GLACIER"
    await pass_time(s3, days=2)
    assert (await names(s3))[2:] == ["ObjectRestore:Delete"]
    assert not await waits(s3)


async def test_a_hurried_and_a_prolonged_one_end_once(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectRestore:*"), "<EventBridgeConfiguration/>")
    await s3.put("/bkt/k", b"cold", x_amz_storage_class="GLACIER")
    assert [await restore(s3), await restore(s3, tier="Expedited")] == [202, 202]
    await pass_time(s3, minutes=5)
    assert await restore(s3, days=3) == 200
    await pass_time(s3, days=2)
    assert "ObjectRestore:Delete" not in await names(s3)
    await pass_time(s3, days=3)
    assert (await names(s3)).count("ObjectRestore:Completed") == 1
    assert (await names(s3)).count("ObjectRestore:Delete") == 1
    (bridged,) = [payload for type_, payload in await happened(s3) if type_ == "Object Restore Completed"]
    assert bridged["detail"]["source-storage-class"] == "GLACIER"


async def test_what_is_gone_is_not_restored(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectRestore:*"))
    await s3.put("/bkt/k", b"cold", x_amz_storage_class="GLACIER")
    await restore(s3)
    await s3("DELETE", "/bkt/k")
    await pass_time(s3, days=3)
    assert await names(s3) == ["ObjectRestore:Post"]


async def test_nothing_waits_where_nobody_is_told(s3: Caller) -> None:
    await s3.put("/bkt/k", b"cold", x_amz_storage_class="GLACIER")
    assert await restore(s3) == 202
    assert not await waits(s3)
