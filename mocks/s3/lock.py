"""Object Lock: what keeps a version from being deleted, until when, and who may pass.

A version's record has ``retention``, ``{"mode", "until"}``, and ``hold``, ON or OFF; a bucket's record has ``lock``,
with ``default`` when its new objects are to be retained. A bucket without ``lock`` costs nothing here.

Rules: docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html and object-lock-managing.html. Sentences: answers
of S3 quoted in versitygw issues 1142, 1330 and 1738 and in storj/edge issues 509 and 510.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from contracts.aws_values import iso
from mocks.base import Call, Record, ServiceError
from mocks.s3.errors import access_denied, invalid_argument, invalid_request, not_implemented

_MODE, _UNTIL = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"
_BYPASS = "x-amz-bypass-governance-retention"
_DIGESTS = ("content-md5", "x-amz-sdk-checksum-algorithm", "x-amz-trailer")


def check_bucket(bucket: Record, configuration: str = "Object Lock Configuration") -> None:
    """Raises InvalidRequest for a bucket without Object Lock."""
    if "lock" not in bucket:
        raise invalid_request(f"Bucket is missing {configuration}")


def given(call: Call, bucket: Record) -> Record:
    """The members of an object's record that the headers of a write give. Raises InvalidRequest, InvalidArgument."""
    params = call.params.header
    if not any(name.startswith("ObjectLock") for name in params):
        if "default" in bucket.get("lock", ()):
            _demand_digest(call)
        return {}
    if any(name.startswith("ObjectLockEventHold") for name in params):
        raise not_implemented("event holds of Object Lock")
    # Writes spell it otherwise (an answer of S3 quoted in versitygw issue 1751).
    check_bucket(bucket, "ObjectLockConfiguration")
    mode, until = params.get("ObjectLockMode"), params.get("ObjectLockRetainUntilDate")
    if (mode is None) is not (until is None):
        name = _MODE if until is None else _UNTIL
        raise invalid_argument(f"{_UNTIL} and {_MODE} must both be supplied", name)
    found: Record = {}
    if mode is not None and until is not None:
        check_future(call, until)
        found["retention"] = retention(mode, until)
    if "ObjectLockLegalHoldStatus" in params:
        found["hold"] = params["ObjectLockLegalHoldStatus"]
    _demand_digest(call)
    return found


def _demand_digest(call: Call) -> None:
    """A locked object that was damaged on its way could not be put again (API_PutObject.html, Content-MD5)."""
    headers = call.request.headers
    if call.operation.id != "PutObject" or any(name in headers for name in _DIGESTS):
        return
    if not any(name.startswith("x-amz-checksum-") for name, _ in headers):
        raise invalid_request(
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
        )


def retention(mode: str, until: datetime) -> Record:
    """As a version's record holds it."""
    return {"mode": mode, "until": iso(until)}


def check_future(call: Call, until: datetime | None) -> None:
    """Raises InvalidArgument for a date that the environment's clock has passed."""
    if until is not None and until <= call.now:
        raise invalid_argument("The retain until date must be in the future!", _UNTIL, iso(until))


def by_default(bucket: Record, modified: datetime) -> Record:
    """The members that a new object gets which brings no retention of its own. A year has 365 days."""
    default = bucket.get("lock", {}).get("default")
    if default is None:
        return {}
    days = default["Days"] if "Days" in default else default["Years"] * 365
    return {"retention": retention(default["Mode"], modified + timedelta(days=days))}


def held(record: Record, now: datetime) -> Record | None:
    """The retention that a version is under."""
    found: Record | None = record.get("retention")
    return found if found is not None and datetime.fromisoformat(found["until"]) > now else None


def protected(record: Record, now: datetime, *, bypass: bool = False) -> bool:
    """Whether a version may not be deleted. ``bypass`` passes governance and nothing else."""
    if record.get("hold") == "ON":
        return True
    retained = held(record, now)
    return retained is not None and not (bypass and retained["mode"] == "GOVERNANCE")


def bypasses(call: Call, bucket: Record) -> bool:
    """Whether the caller asks to pass governance. Raises InvalidArgument where nothing can be passed."""
    asked = bool(call.params.get("BypassGovernanceRetention"))
    if asked and "lock" not in bucket:
        message = f"{_BYPASS} is only applicable to Object Lock enabled buckets."
        raise invalid_argument(message, _BYPASS)
    return asked


def refused() -> ServiceError:
    """Object Lock says no."""
    return access_denied("Access Denied because object protected by object lock.")


def check_delete(call: Call, bucket: Record, record: Record) -> None:
    """Raises AccessDenied for a version that Object Lock protects from the caller."""
    if protected(record, call.now, bypass=bypasses(call, bucket)):
        raise refused()


def check_change(call: Call, bucket: Record, record: Record, wanted: Record | None) -> None:
    """A retention may be made longer. To shorten, remove or turn it into the other mode needs a bypass of governance,
    and is never done with compliance. Raises AccessDenied."""
    standing = held(record, call.now)
    if standing is None:
        return
    if wanted is not None and wanted["mode"] == standing["mode"] and wanted["until"] >= standing["until"]:
        return
    if standing["mode"] == "COMPLIANCE" or not bypasses(call, bucket):
        raise refused()
