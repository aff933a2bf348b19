"""Objects in an archive: they are read after RestoreObject alone, and only until the restored copy expires.

Which classes, how long each tier takes and when copies expire:
docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html, restoring-objects-retrieval-options.html and
API/API_RestoreObject.html. Time is the environment's. Each tier takes as long as AWS says at most.
Sentences: moto pull 4670 and epam/cloud-pipeline issue 2813 quote S3; of wrong days and tiers they are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.aws_values import http_date, iso
from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.checksums import check_body
from mocks.s3.errors import invalid_argument, malformed_xml, not_implemented
from mocks.s3.records import bucket_of
from mocks.s3.restore_events import began
from mocks.s3.versions import object_of, rewrite

#: How long a tier takes, by storage class; fastest first.
TIERS: Mapping[str, Mapping[str, timedelta]] = {
    "GLACIER": {
        "Expedited": timedelta(minutes=5),
        "Standard": timedelta(hours=5),
        "Bulk": timedelta(hours=12),
    },
    "DEEP_ARCHIVE": {
        "Standard": timedelta(hours=12),
        "Bulk": timedelta(hours=48),
    },
}


async def restore_object(call: Call) -> Any:
    """POST /bucket/key?restore: 202 begins a restore or hurries it, 200 gives a restored copy more days."""
    check_body(call)
    bucket, record = await bucket_of(call), await object_of(call)
    tiers = TIERS.get(record["class"])
    if tiers is None:
        raise _invalid_state("Restore is not allowed for the object's current storage class", record)
    wanted = call.params.get("RestoreRequest") or {}
    if wanted.get("Type") == "SELECT":
        raise not_implemented("a restore of type SELECT, since S3 Select is closed to new customers")
    days = wanted.get("Days")
    if days is None:
        raise malformed_xml()
    if days < 1:
        raise invalid_argument("The number of days must be a positive integer", "Days", days)
    tier = (wanted.get("GlacierJobParameters") or {}).get("Tier") or wanted.get("Tier", "Standard")
    if tier not in tiers:
        message = "Retrieval option is not supported by this storage class"
        raise invalid_argument(message, "Tier", tier)
    status = _begin(call.now, record, tier, tiers[tier], days)
    await rewrite(call.state, bucket, record)
    await began(call, bucket, record, anew=status == 202)
    return Reply({}, status)


def _begin(now: datetime, record: Record, tier: str, takes: timedelta, days: int) -> int:
    """Note the restore in the record. Raises RestoreAlreadyInProgress, unless the new tier is faster."""
    state = _state(record, now)
    if state == "restored":
        record["restore"] = {**record["restore"], "expires": iso(_expiry(now, days))}
        return 200
    if state == "ongoing" and takes >= TIERS[record["class"]][record["restore"]["tier"]]:
        raise ServiceError(409, "RestoreAlreadyInProgress", "Object restore is already in progress")
    ready = now + takes
    record["restore"] = {"tier": tier, "ready": iso(ready), "expires": iso(_expiry(ready, days))}
    return 202


def _expiry(start: datetime, days: int) -> datetime:
    """The midnight, UTC, that follows ``days`` after ``start``."""
    end = (start + timedelta(days=days)).replace(microsecond=0)
    midnight = end.replace(hour=0, minute=0, second=0)
    return midnight if midnight == end else midnight + timedelta(days=1)


def _state(record: Record, now: datetime) -> str:
    """``ongoing``, ``restored``, or "" when there is no copy, none any more included."""
    restore = record.get("restore")
    if restore is None or datetime.fromisoformat(restore["expires"]) <= now:
        return ""
    return "restored" if datetime.fromisoformat(restore["ready"]) <= now else "ongoing"


def restore_status(record: Record, now: datetime) -> dict[str, Any] | None:
    """What lists tell of a restore (API_RestoreStatus.html), None when there is nothing to tell."""
    state = _state(record, now)
    if state == "ongoing":
        return {"IsRestoreInProgress": True}
    return {"IsRestoreInProgress": False, "RestoreExpiryDate": record["restore"]["expires"]} if state else None


def restored(record: Record, now: datetime) -> dict[str, Any]:
    """The member of GET and HEAD that tells of a restore (API_HeadObject.html, x-amz-restore)."""
    state = _state(record, now)
    if state == "ongoing":
        return {"Restore": 'ongoing-request="true"'}
    if state == "restored":
        return {"Restore": f'ongoing-request="false", expiry-date="{http_date(record["restore"]["expires"])}"'}
    return {}


def check_readable(call: Call, record: Record) -> None:
    """Raises InvalidObjectState for an object in an archive without a restored copy."""
    if record["class"] in TIERS and _state(record, call.now) != "restored":
        raise _invalid_state("The operation is not valid for the object's storage class", record)


def check_copyable(call: Call, record: Record) -> None:
    """The same of a copy's source."""
    if record["class"] in TIERS and _state(record, call.now) != "restored":
        raise _invalid_state("Operation is not valid for the source object's storage class", record)


def _invalid_state(message: str, record: Record) -> ServiceError:
    return ServiceError(403, "InvalidObjectState", message, details={"StorageClass": record["class"]})
