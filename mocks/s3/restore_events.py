"""Restores that end by the environment's clock are told of: the copy is there, the copy is gone.

What a restored object is follows from its record and the time (``restoring``); only who is to be told of it waits here.
Kind ``restore-due`` under ``MOMENT/BUCKET/VERSION/KEY``, of buckets with notifications alone.
"""

from __future__ import annotations

from datetime import datetime

from mocks.base import Call, Record, ServiceError, State
from mocks.s3.notifications import NOTIFICATION, notify
from mocks.s3.records import BUCKET
from mocks.s3.versions import find, version

_DUE = "restore-due"


async def began(call: Call, bucket: Record, record: Record, *, anew: bool) -> None:
    """A restore has begun or was hurried (``anew``), or its copy stays for longer."""
    if anew:
        await notify(call, bucket, "ObjectRestore:Post", record)
    if NOTIFICATION in bucket.get("configured", ()):
        await _wait(call.state, bucket["name"], record, "ready" if anew else "expires")


async def _wait(state: State, bucket: str, record: Record, end: str) -> None:
    at = record["restore"][end]
    waiting = {"at": at, "end": end, "bucket": bucket, "key": record["key"], "version": version(record)}
    await state.put(_DUE, _place(waiting), waiting)


def _place(waiting: Record) -> str:
    return f"{waiting['at']}/{waiting['bucket']}/{waiting['version']}/{waiting['key']}"


async def due(state: State) -> datetime | None:
    """When the next one ends."""
    first = await state.page(_DUE, order="key", limit=1)
    return datetime.fromisoformat(first[0]["at"]) if first else None


async def act(call: Call) -> None:
    """Tell of the one that ended first, if it still is what it was."""
    for waiting in await call.state.page(_DUE, order="key", limit=1):
        await call.state.delete(_DUE, _place(waiting))
        bucket = await call.state.get(BUCKET, waiting["bucket"])
        record = None if bucket is None else await _still(call.state, bucket, waiting)
        if bucket is None or record is None:
            return
        call.now = datetime.fromisoformat(waiting["at"])
        if waiting["end"] == "expires":
            await notify(call, bucket, "ObjectRestore:Delete", record, by_time=True)
            return
        event = {
            "lifecycleRestorationExpiryTime": record["restore"]["expires"],
            "lifecycleRestoreStorageClass": record["class"],
        }
        await notify(
            call,
            bucket,
            "ObjectRestore:Completed",
            record,
            by_time=True,
            glacierEventData={"restoreEventData": event},
        )
        await _wait(call.state, waiting["bucket"], record, "expires")


async def _still(state: State, bucket: Record, waiting: Record) -> Record | None:
    """The version, where its restore ends then."""
    try:
        record = await find(state, bucket, waiting["key"], waiting["version"])
    except ServiceError:
        return None
    return record if record.get("restore", {}).get(waiting["end"]) == waiting["at"] else None
