"""Buckets: create, head, locate, list, delete.

Sources, below docs.aws.amazon.com/AmazonS3/latest/API: API_CreateBucket.html, API_HeadBucket.html,
API_DeleteBucket.html, API_GetBucketLocation.html, API_ListBuckets.html. Names and places have files of their own.
"""

from __future__ import annotations

from typing import Any

from contracts.aws_values import iso
from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.access.given import new_bucket_acl
from mocks.s3.bucket_names import check_name, is_regional
from mocks.s3.bucket_tagging import keep_tags
from mocks.s3.checksums import check_body
from mocks.s3.configurations import discard_configurations
from mocks.s3.errors import access_denied, invalid_argument
from mocks.s3.locations import chosen, known
from mocks.s3.principals import caller, is_owner, ownership
from mocks.s3.records import BUCKET, bucket_of
from mocks.s3.regions import HOME, place
from mocks.s3.tokens import from_token, to_token
from mocks.s3.uploads import discard_uploads
from mocks.s3.versions import empty

#: Buckets of an account, unless it asks for more (docs.aws.amazon.com/general/latest/gr/s3.html, "Service quotas").
_MOST = 10_000
_PAGE = 1000
#: What AWS set for new buckets before April 2023, which a policy asks for with ``options: {new_buckets: open}``: lists
#: that decide, and nothing blocked (userguide/create-bucket-faq.html). Buckets of that time are still as they were.
_OPEN = {"ownership": None, "block": None}


async def create_bucket(call: Call) -> Any:
    """PUT /bucket."""
    name = call.params["Bucket"]
    check_body(call)
    check_name(call, name)
    region = chosen(call)
    existing = await call.state.get(BUCKET, name)
    if existing is not None:
        await _again(call, existing, region)
        return _made(call, existing)
    await _check_number(call)
    record: Record = {
        "name": name,
        "region": region,
        "created": iso(call.now.replace(microsecond=0)),
        **ownership(call),
    }
    if call.options.get("new_buckets") == "open":
        record |= _OPEN
    if "ObjectOwnership" in call.params:
        record["ownership"] = call.params["ObjectOwnership"]
    if call.params.get("ObjectLockEnabledForBucket"):
        record |= {"versioning": "Enabled", "lock": {}}
    record.update(new_bucket_acl(call, record))
    await call.state.put(BUCKET, name, record)
    await keep_tags(call, record, (call.params.get("CreateBucketConfiguration") or {}).get("Tags") or [])
    return _made(call, record)


async def _again(call: Call, existing: Record, region: str) -> None:
    """A name that is taken: by somebody else, or by the caller, who may create it again in us-east-1 alone
    (API_CreateBucket.html, BucketAlreadyOwnedByYou)."""
    name = existing["name"]
    if not is_owner(call, existing):
        # The sentence: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, BucketAlreadyExists.
        message = (
            "The requested bucket name is not available. The bucket namespace is shared by all users of "
            "the system. Please select a different name and try again."
        )
        raise ServiceError(409, "BucketAlreadyExists", message, details={"BucketName": name})
    if not existing["region"] == region == HOME:
        message = "Your previous request to create the named bucket succeeded and you already own it."
        raise ServiceError(409, "BucketAlreadyOwnedByYou", message, details={"BucketName": name})
    # "... and resets the bucket access control lists" (API/ErrorResponses.html, BucketAlreadyOwnedByYou).
    if existing.pop("acl", None) is not None:
        await call.state.put(BUCKET, name, existing)


def _made(call: Call, bucket: Record) -> dict[str, str]:
    """A path in us-east-1 and in an account's own namespace, elsewhere an address (API_CreateBucket.html, Location)."""
    name, request = bucket["name"], call.request
    local = bucket["region"] == HOME or is_regional(name)
    at = f"/{name}" if local else f"{request.scheme}://{request.host}{request.sent_path.rstrip('/')}/"
    return {"Location": at, "BucketArn": _arn(name)}


def _arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


async def _check_number(call: Call) -> None:
    """Raises TooManyBuckets."""
    if await call.state.count(BUCKET) >= _MOST and len(await _own(call, "", None, None, _MOST)) >= _MOST:
        message = "You have attempted to create more buckets than allowed"
        raise ServiceError(400, "TooManyBuckets", message)


async def head_bucket(call: Call) -> Any:
    """HEAD /bucket."""
    bucket = await bucket_of(call)
    return {"BucketRegion": place(bucket), "BucketArn": _arn(bucket["name"]), "AccessPointAlias": False}


async def get_bucket_location(call: Call) -> Any:
    """GET /bucket?location: empty for us-east-1."""
    bucket = await bucket_of(call)
    return {} if bucket["region"] == HOME else {"LocationConstraint": bucket["region"]}


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
    """GET /: the caller's buckets by name, paged when the caller asks for it (API_ListBuckets.html)."""
    asking = caller(call)
    if asking is None:
        raise access_denied()
    params = call.params
    limit = params.get("MaxBuckets", _MOST)
    prefix, region = params.get("Prefix", ""), params.get("BucketRegion")
    if region is not None and not known(region):
        # Wording ours.
        raise invalid_argument("The bucket-region is not a valid AWS Region", "bucket-region", region[:64])
    after = from_token(params["ContinuationToken"]) if "ContinuationToken" in params else None
    found = await _own(call, prefix, region, after, limit + 1)
    # "If the request contains at least one valid parameter, it is included in the response" (API_Bucket.html).
    placed = bool(params.query)
    value: dict[str, Any] = {"Buckets": [_listed(bucket, placed) for bucket in found[:limit]], "Owner": asking.shown}
    if len(found) > limit:
        value["ContinuationToken"] = to_token(found[limit - 1]["name"])
    if prefix:
        value["Prefix"] = prefix
    return value


async def _own(call: Call, prefix: str, region: str | None, after: str | None, limit: int) -> list[Record]:
    """At most ``limit`` of the caller's buckets, by name."""
    found: list[Record] = []
    batch = min(limit, _PAGE)
    while len(found) < limit:
        page = await call.state.page(BUCKET, order="key", prefix=prefix, after=after, limit=batch)
        found += [each for each in page if is_owner(call, each) and region in (None, place(each))]
        if len(page) < batch:
            break
        after = page[-1]["name"]
    return found[:limit]


def _listed(bucket: Record, placed: bool) -> dict[str, Any]:
    value = {"Name": bucket["name"], "CreationDate": bucket["created"]}
    return {**value, "BucketRegion": place(bucket)} if placed else value
