"""What is due by time alone: lifecycle rules and the ends of restores, in the order of their moments."""

from __future__ import annotations

from typing import Any

from mocks.s3.agenda import WAKING
from tests.mocks.s3.conftest import Caller
from tests.mocks.s3.notified import QUEUE, configure, configured, records

RULE = "<Rule><ID>a</ID><Filter><Prefix>old</Prefix></Filter><Status>Enabled</Status>{}</Rule>"
EXPIRES = RULE.format("<Expiration><Days>1</Days></Expiration>")
RESTORE = b"<RestoreRequest><Days>9</Days></RestoreRequest>"


async def test_both_are_done_in_their_order(s3: Caller) -> None:
    await configure(s3, configured(QUEUE, "s3:ObjectRestore:*", "s3:LifecycleExpiration:*"))
    await s3.configure("lifecycle", f"<LifecycleConfiguration>{EXPIRES}</LifecycleConfiguration>")
    await s3.put("/bkt/old", b"1")
    await s3.put("/bkt/k", b"cold", x_amz_storage_class="GLACIER")
    await s3("POST", "/bkt/k", "restore", RESTORE)
    clock: Any = s3.harness.clock
    now = clock.advance(days=5)
    for _ in range(20):
        transaction = (await s3.harness.store()).begin("s3")
        at = await WAKING.due(transaction)
        await transaction.rollback()
        if at is None or at > now:
            break
        await s3.harness.wake()
    found = [record["eventName"] for record in await records(s3)]
    assert found == ["ObjectRestore:Post", "ObjectRestore:Completed", "LifecycleExpiration:Delete"]
    expired = (await records(s3))[2]
    assert (expired["userIdentity"], expired["s3"]["object"]["key"]) == ({"principalId": "s3.amazonaws.com"}, "old")
    assert expired["requestParameters"] == {"sourceIPAddress": "s3.amazonaws.com"}
