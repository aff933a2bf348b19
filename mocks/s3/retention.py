"""Retention and legal hold of an object's versions.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html, API_GetObjectRetention.html,
API_PutObjectLegalHold.html and API_GetObjectLegalHold.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3 import lock
from mocks.s3.access.authorize import permitted
from mocks.s3.checksums import check_body
from mocks.s3.errors import malformed_xml, missing_body, missing_digest, not_implemented
from mocks.s3.notifications import notify
from mocks.s3.records import bucket_of
from mocks.s3.versions import find, rewrite


async def _version(call: Call, bucket: Record) -> Record:
    return await find(call.state, bucket, call.params["Key"], call.params.get("VersionId"), call.request.method)


async def _locked_bucket(call: Call) -> Record:
    bucket = await bucket_of(call)
    lock.check_bucket(bucket)
    return bucket


def _body(call: Call, name: str) -> Any:
    """The configuration in the body, which must be there and be verified."""
    if not check_body(call):
        raise missing_digest()
    found = call.params.get(name)
    if found is None:
        raise missing_body()
    return found


def _absent() -> ServiceError:
    message = "The specified object does not have a ObjectLock configuration"
    return ServiceError(404, "NoSuchObjectLockConfiguration", message)


async def shown(call: Call, bucket: Record, record: Record) -> dict[str, Any]:
    """The members of GET and HEAD, for who may see them (API_HeadObject.html, x-amz-object-lock-mode and the two behind
    it)."""
    value: dict[str, Any] = {}
    key = record["key"]
    if "retention" in record and await permitted(call, "GetObjectRetention", bucket, key):
        value["ObjectLockMode"] = record["retention"]["mode"]
        value["ObjectLockRetainUntilDate"] = record["retention"]["until"]
    if "hold" in record and await permitted(call, "GetObjectLegalHold", bucket, key):
        value["ObjectLockLegalHoldStatus"] = record["hold"]
    return value


async def get_object_retention(call: Call) -> Any:
    """GET /bucket/key?retention."""
    record = await _version(call, await _locked_bucket(call))
    if "retention" not in record:
        raise _absent()
    held = record["retention"]
    return {"Retention": {"Mode": held["mode"], "RetainUntilDate": held["until"]}}


async def put_object_retention(call: Call) -> Any:
    """PUT /bucket/key?retention. An empty one takes the retention away, where that may be."""
    wanted = _body(call, "Retention")
    bucket = await _locked_bucket(call)
    if "EventHold" in wanted or "EventHoldDuration" in wanted:
        raise not_implemented("event holds of Object Lock")
    mode, until = wanted.get("Mode"), wanted.get("RetainUntilDate")
    if (mode is None) is not (until is None):
        raise malformed_xml()
    lock.check_future(call, until)
    record = await _version(call, bucket)
    retention = lock.retention(mode, until) if mode is not None else None
    lock.check_change(call, bucket, record, retention)
    record.pop("retention", None)
    if retention is not None:
        record["retention"] = retention
    await rewrite(call.state, bucket, record)
    await notify(call, bucket, "ObjectRetention:Put", record)
    return Reply()


async def get_object_legal_hold(call: Call) -> Any:
    """GET /bucket/key?legal-hold."""
    record = await _version(call, await _locked_bucket(call))
    if "hold" not in record:
        raise _absent()
    return {"LegalHold": {"Status": record["hold"]}}


async def put_object_legal_hold(call: Call) -> Any:
    """PUT /bucket/key?legal-hold."""
    wanted = _body(call, "LegalHold")
    bucket = await _locked_bucket(call)
    if "Status" not in wanted:
        raise malformed_xml()
    record = await _version(call, bucket)
    record["hold"] = wanted["Status"]
    await rewrite(call.state, bucket, record)
    return Reply()
