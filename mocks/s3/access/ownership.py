"""Object Ownership: whose the objects of a bucket are, and whether access control lists mean anything in it.

It stands in the bucket's record as ``ownership``; a new bucket's is BucketOwnerEnforced, a deleted one is None.
Source: docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Reply
from mocks.s3.access.given import with_ownership
from mocks.s3.access.grants import grants_of
from mocks.s3.checksums import check_body
from mocks.s3.errors import malformed_xml, no_configuration
from mocks.s3.principals import owner_of
from mocks.s3.records import BUCKET, bucket_of

_DEFAULT = "BucketOwnerEnforced"


async def get_bucket_ownership_controls(call: Call) -> Any:
    """GET /bucket?ownershipControls."""
    bucket = await bucket_of(call)
    held = bucket.get("ownership", _DEFAULT)
    if held is None:
        message = "The bucket ownership controls were not found"
        raise no_configuration("OwnershipControlsNotFoundError", message, bucket["name"])
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": held}]}}


async def put_bucket_ownership_controls(call: Call) -> Any:
    """PUT /bucket?ownershipControls: one rule. What others gain by the bucket's list must be gone before lists are."""
    bucket = await bucket_of(call)
    check_body(call)
    rules = call.params["OwnershipControls"]["Rules"]
    if len(rules) != 1:
        raise malformed_xml()
    wanted = rules[0]["ObjectOwnership"]
    owner = owner_of(call, bucket)
    if wanted == _DEFAULT and any(grantee != owner for _, grantee, _ in grants_of(bucket, owner)):
        raise with_ownership()
    bucket["ownership"] = wanted
    await call.state.put(BUCKET, bucket["name"], bucket)
    return Reply()


async def delete_bucket_ownership_controls(call: Call) -> Any:
    """DELETE /bucket?ownershipControls: objects are their writers' from now on."""
    bucket = await bucket_of(call)
    bucket["ownership"] = None
    await call.state.put(BUCKET, bucket["name"], bucket)
    return Reply(status=204)
