"""Regions: an environment has one endpoint, which takes every region that a request was signed for; or, where its
policy says ``options: {regions: strict}``, refuses another than the bucket's as AWS does, which SDKs follow or report.

Source: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (AuthorizationHeaderMalformed); the sentences are
S3's as quoted in minio/s3verify issue 128 and HHS/Head-Start-TTADP issue 370.
"""

from __future__ import annotations

from mocks.base import Call, Record, ServiceError
from mocks.s3.authorization import is_unsigned, is_version_2, region_of
from mocks.s3.errors import invalid_request
from mocks.s3.records import BUCKET

HOME = "us-east-1"
#: Where Signature Version 2 still counts: the regions of before 2014 (API/RESTAuthentication.html).
_OLDER = frozenset(
    {
        HOME,
        "us-west-1",
        "us-west-2",
        "eu-west-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "sa-east-1",
    }
)
#: Calls that are about no bucket that is there, and what a browser asks before it calls, which nobody signs.
_EXEMPT = frozenset({"CreateBucket", "ListBuckets", "OptionsBucket", "OptionsObject"})


def place(bucket: Record) -> str:
    """The bucket's region; EU is an older name of one (API_CreateBucketConfiguration.html)."""
    region: str = bucket["region"]
    return "eu-west-1" if region == "EU" else region


async def check_region(call: Call) -> None:
    """Raises where the policy is strict and the request was signed for another region than the bucket's."""
    if call.options.get("regions") != "strict" or call.operation.id in _EXEMPT or is_unsigned(call.request):
        return
    bucket = await call.state.get(BUCKET, call.params.get("Bucket", ""))
    if bucket is None:
        return
    expected = place(bucket)
    if is_version_2(call.request):
        if expected not in _OLDER:
            message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
            raise invalid_request(message)
        return
    signed = region_of(call.request)
    if signed != expected:
        raise _wrong(signed, expected, in_query=not call.request.headers.get("authorization"))


def _wrong(signed: str, expected: str, *, in_query: bool) -> ServiceError:
    code, lead = ("AuthorizationHeaderMalformed", "The authorization header is malformed")
    if in_query:
        code, lead = ("AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter")
    message = f"{lead}; the region '{signed}' is wrong; expecting '{expected}'"
    headers = [("x-amz-bucket-region", expected)]
    return ServiceError(400, code, message, details={"Region": expected}, headers=headers)


async def tell_region(call: Call, refused: ServiceError) -> ServiceError:
    """A refused HeadBucket tells where the bucket is, all the same (API_HeadBucket.html)."""
    bucket = await call.state.get(BUCKET, call.params.get("Bucket", ""))
    if bucket is not None:
        headers = (*refused.headers, ("x-amz-bucket-region", place(bucket)))
        return ServiceError(refused.status, refused.code, refused.message, details=refused.details, headers=headers)
    return refused
