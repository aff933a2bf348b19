"""AccessDenied in S3's words: whoever is of the bucket's account is told why, others are not.

Source: docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html, "Access denied message examples".
"""

from __future__ import annotations

from mocks.base import Call, Record, ServiceError
from mocks.s3.errors import access_denied
from mocks.s3.principals import account_of, caller

EXPLICIT = "with an explicit deny in a resource-based policy"


def implicit(action: str) -> str:
    """Why an action is denied that nothing allows."""
    return f"because no resource-based policy allows the s3:{action} action"


def denied(call: Call, bucket: Record, action: str, key: str | None, because: str) -> ServiceError:
    """The refusal of an action, which is without its ``s3:`` here."""
    asking = caller(call)
    if asking is None or asking.id != account_of(call, bucket):
        return access_denied()
    resource = f"arn:aws:s3:::{bucket['name']}" + (f"/{key}" if key is not None else "")
    return access_denied(
        f'User: {asking.arn} is not authorized to perform: s3:{action} on resource: "{resource}" {because}'
    )
