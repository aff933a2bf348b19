"""Block Public Access: four settings of a bucket, all of them on until somebody says otherwise (since April 2023).

They stand in the bucket's record as ``block``, since every call that is not the owner's depends on them.
Source: docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
"""

from __future__ import annotations

from typing import Any, Literal

from mocks.base import Call, Record, Reply
from mocks.s3.checksums import check_body
from mocks.s3.errors import invalid_request, no_configuration
from mocks.s3.records import BUCKET, bucket_of

Setting = Literal["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
_SETTINGS: tuple[Setting, ...] = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_ALL = dict.fromkeys(_SETTINGS, True)


def blocks(bucket: Record, setting: Setting) -> bool:
    """Whether a setting is on."""
    return bool((bucket.get("block", _ALL) or {}).get(setting))


async def get_public_access_block(call: Call) -> Any:
    """GET /bucket?publicAccessBlock."""
    bucket = await bucket_of(call)
    held = bucket.get("block", _ALL)
    if held is None:
        message = "The public access block configuration was not found"
        raise no_configuration("NoSuchPublicAccessBlockConfiguration", message, bucket["name"])
    return {"PublicAccessBlockConfiguration": held}


async def put_public_access_block(call: Call) -> Any:
    """PUT /bucket?publicAccessBlock: a setting that is not given is off.

    Raises InvalidRequest where none is given (github.com/awslabs/aws-sdk-rust/issues/819: S3 refuses it;
    code and wording ours)."""
    bucket = await bucket_of(call)
    check_body(call)
    given = call.params["PublicAccessBlockConfiguration"]
    if not given:
        raise invalid_request("Must specify at least one configuration.")
    bucket["block"] = {name: bool(given.get(name)) for name in _SETTINGS}
    await call.state.put(BUCKET, bucket["name"], bucket)
    return Reply()


async def delete_public_access_block(call: Call) -> Any:
    """DELETE /bucket?publicAccessBlock: 204 whether or not there is one."""
    bucket = await bucket_of(call)
    bucket["block"] = None
    await call.state.put(BUCKET, bucket["name"], bucket)
    return Reply(status=204)
