"""A bucket's policy: put, get, delete, and whether it is public. It is kept as it was sent.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html ("not using an identity that belongs to the
bucket owner's account": 405), API_GetBucketPolicy.html, API_DeleteBucketPolicy.html, API_GetBucketPolicyStatus.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.access.blocking import blocks
from mocks.s3.access.documents import Policy, malformed, parsed
from mocks.s3.access.grants import OF_AWS
from mocks.s3.access.publicity import public
from mocks.s3.access.refusals import denied
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.errors import method_not_allowed, no_configuration
from mocks.s3.principals import accounts, is_owner, known
from mocks.s3.records import bucket_of

POLICY = "policy"


async def policy_of(call: Call, bucket: Record) -> Policy | None:
    """The bucket's policy, None when it has none."""
    text = await configuration(call.state, bucket, POLICY)
    return None if text is None else parsed(text, bucket["name"])


async def get_bucket_policy(call: Call) -> Any:
    """GET /bucket?policy."""
    bucket = await _own(call)
    text = await configuration(call.state, bucket, POLICY)
    if text is None:
        raise _none(bucket)
    return Reply({"Policy": text}, headers=[("content-type", "application/json")])


async def put_bucket_policy(call: Call) -> Any:
    """PUT /bucket?policy."""
    bucket = await _own(call)
    check_body(call)
    text = call.params["Policy"]
    policy = parsed(text, bucket["name"])
    _check_known(call, policy)
    if blocks(bucket, "BlockPublicPolicy") and public(policy):
        because = "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
        raise denied(call, bucket, "PutBucketPolicy", None, because)
    await configure(call, bucket, POLICY, text)
    return Reply(status=204)


def _check_known(call: Call, policy: Policy) -> None:
    """Principals must exist: canonical ids are somebody's, and the environment's accounts have no users and roles. Of
    accounts outside nothing is known."""
    ours = {each.id for each in accounts(call)}
    for statement in policy.statements:
        who = statement.principals
        strangers = any(known(call, canonical) is None for canonical in who.canonical - OF_AWS)
        if strangers or any(arn.split(":")[4] in ours for arn in who.arns):
            raise malformed("Invalid principal in policy")


async def delete_bucket_policy(call: Call) -> Any:
    """DELETE /bucket?policy: 204 whether or not there is one."""
    bucket = await _own(call)
    await configure(call, bucket, POLICY, None)
    return Reply(status=204)


async def get_bucket_policy_status(call: Call) -> Any:
    """GET /bucket?policyStatus."""
    bucket = await bucket_of(call)
    policy = await policy_of(call, bucket)
    if policy is None:
        raise _none(bucket)
    return {"PolicyStatus": {"IsPublic": public(policy)}}


async def _own(call: Call) -> Record:
    """The bucket, whose policy is its owner's alone, whatever the policy says."""
    bucket = await bucket_of(call)
    if not is_owner(call, bucket):
        raise method_not_allowed(call.request.method, "BUCKETPOLICY", "GET, PUT, DELETE")
    return bucket


def _none(bucket: Record) -> ServiceError:
    return no_configuration("NoSuchBucketPolicy", "The bucket policy does not exist", bucket["name"])
