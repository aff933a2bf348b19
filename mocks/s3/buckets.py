"""Buckets: create, head, locate, list, delete.

Rules of names: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html. Of places:
docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html, LocationConstraint.
"""

from __future__ import annotations

import re
from typing import Any

from contracts.aws_values import iso
from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.authorization import region_of
from mocks.s3.configurations import discard_configurations
from mocks.s3.errors import access_denied
from mocks.s3.principals import caller, is_owner, ownership
from mocks.s3.records import BUCKET, bucket_of
from mocks.s3.tokens import from_token, to_token
from mocks.s3.uploads import discard_uploads
from mocks.s3.versions import empty

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}\Z")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d\Z")
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")
_HOME = "us-east-1"


async def create_bucket(call: Call) -> Any:
    """PUT /bucket."""
    name = call.params["Bucket"]
    _check_name(name)
    region = _region(call)
    existing = await call.state.get(BUCKET, name)
    if existing is not None:
        if not is_owner(call, existing):
            # The sentence: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, BucketAlreadyExists.
            message = (
                "The requested bucket name is not available. The bucket namespace is shared by all users of "
                "the system. Please select a different name and try again."
            )
            raise ServiceError(409, "BucketAlreadyExists", message, details={"BucketName": name})
        # In us-east-1 creating one's own bucket again succeeds (API_CreateBucket.html, BucketAlreadyOwnedByYou).
        if not existing["region"] == region == _HOME:
            message = "Your previous request to create the named bucket succeeded and you already own it."
            raise ServiceError(409, "BucketAlreadyOwnedByYou", message, details={"BucketName": name})
        return {"Location": f"/{name}"}
    record: Record = {
        "name": name,
        "region": region,
        "created": iso(call.now.replace(microsecond=0)),
        **ownership(call),
    }
    if "ObjectOwnership" in call.params:
        record["ownership"] = call.params["ObjectOwnership"]
    if call.params.get("ObjectLockEnabledForBucket"):
        record |= {"versioning": "Enabled", "lock": {}}
    await call.state.put(BUCKET, name, record)
    return {"Location": f"/{name}", "BucketArn": f"arn:aws:s3:::{name}"}


def _check_name(name: str) -> None:
    if (
        not _NAME.match(name)
        or ".." in name
        or _ADDRESS.match(name)
        or name.startswith(_PREFIXES)
        or name.endswith(_SUFFIXES)
    ):
        message = "The specified bucket is not valid."
        raise ServiceError(400, "InvalidBucketName", message, details={"BucketName": name})


def _region(call: Call) -> str:
    """The place of the new bucket: what the body says, which the endpoint's region must allow."""
    endpoint = region_of(call.request)
    configuration = call.params.get("CreateBucketConfiguration") or {}
    wanted = configuration.get("LocationConstraint")
    if wanted is None or wanted == "":
        if endpoint != _HOME:
            raise _illegal("unspecified")
        return _HOME
    # us-east-1 is the absence of a constraint and cannot be asked for.
    if wanted == _HOME or not (_REGION.match(wanted) or wanted == "EU"):
        message = "The specified location-constraint is not valid"
        raise ServiceError(400, "InvalidLocationConstraint", message, details={"LocationConstraint": wanted})
    if endpoint != _HOME and endpoint != {"EU": "eu-west-1"}.get(wanted, wanted):
        raise _illegal(wanted)
    return str(wanted)


def _illegal(wanted: str) -> ServiceError:
    message = (
        f"The {wanted} location constraint is incompatible for the region specific endpoint this request was sent to."
    )
    return ServiceError(400, "IllegalLocationConstraintException", message)


async def head_bucket(call: Call) -> Any:
    """HEAD /bucket."""
    bucket = await bucket_of(call)
    return {"BucketRegion": _real(bucket["region"]), "BucketArn": f"arn:aws:s3:::{bucket['name']}"}


def _real(region: str) -> str:
    return "eu-west-1" if region == "EU" else region


async def get_bucket_location(call: Call) -> Any:
    """GET /bucket?location: empty for us-east-1."""
    bucket = await bucket_of(call)
    return {} if bucket["region"] == _HOME else {"LocationConstraint": bucket["region"]}


async def delete_bucket(call: Call) -> Any:
    """DELETE /bucket. Unfinished uploads go with it; an object keeps it."""
    bucket = await bucket_of(call)
    if not await empty(call.state, bucket):
        message = "The bucket you tried to delete is not empty"
        if "versioning" in bucket:
            message += ". You must delete all versions in the bucket."
        raise ServiceError(409, "BucketNotEmpty", message, details={"BucketName": bucket["name"]})
    await discard_uploads(call.state, bucket["name"])
    await discard_configurations(call.state, bucket)
    await call.state.delete(BUCKET, bucket["name"])
    return Reply()


async def list_buckets(call: Call) -> Any:
    """GET /: every bucket of the caller's by name, paged when the caller asks for it (API_ListBuckets.html)."""
    asking = caller(call)
    if asking is None:
        raise access_denied()
    params = call.params
    limit = params.get("MaxBuckets", 10_000)
    prefix, region = params.get("Prefix", ""), params.get("BucketRegion")
    after = from_token(params["ContinuationToken"]) if params.get("ContinuationToken") else None
    found: list[Record] = []
    while len(found) <= limit:
        page = await call.state.page(BUCKET, order="key", prefix=prefix, after=after, limit=min(limit + 1, 1000))
        own = [bucket for bucket in page if is_owner(call, bucket)]
        found += [bucket for bucket in own if region is None or _real(bucket["region"]) == region]
        if len(page) < min(limit + 1, 1000):
            break
        after = page[-1]["name"]
    value: dict[str, Any] = {
        "Buckets": [
            {"Name": b["name"], "CreationDate": b["created"], "BucketRegion": _real(b["region"])} for b in found[:limit]
        ],
        "Owner": asking.shown,
    }
    if len(found) > limit:
        value["ContinuationToken"] = to_token(found[limit - 1]["name"])
    if prefix:
        value["Prefix"] = prefix
    return value
