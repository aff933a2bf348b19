"""Tags of a bucket.

Sources, below docs.aws.amazon.com/AmazonS3/latest: API/API_PutBucketTagging.html, userguide/CostAllocTagging.html (at
most 50, keys of 1 to 128 characters, values of 0 to 256). With attribute-based access control a bucket's tags are kept
by S3 Control's TagResource alone (API/API_PutBucketAbac.html). Which letters a tag may have:
docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/allocation-tag-restrictions.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.errors import invalid_request, missing_digest, no_configuration
from mocks.s3.records import bucket_of

TAGGING = "tagging"

_MOST, _KEY, _VALUE = 50, 128, 256
_PUNCTUATION = frozenset("+-=._:/@")


async def get_bucket_tagging(call: Call) -> Any:
    """GET /bucket?tagging."""
    bucket = await bucket_of(call)
    tags = await configuration(call.state, bucket, TAGGING)
    if not tags:
        raise no_configuration("NoSuchTagSet", "The TagSet does not exist", bucket["name"])
    return {"TagSet": tags}


async def put_bucket_tagging(call: Call) -> Any:
    """PUT /bucket?tagging: the whole set at once."""
    bucket = await bucket_of(call)
    if not check_body(call):
        raise missing_digest()
    _demand_tags_of_the_bucket_alone(bucket)
    await keep_tags(call, bucket, call.params["Tagging"]["TagSet"])
    return Reply(status=204)


async def keep_tags(call: Call, bucket: Record, tags: Sequence[Mapping[str, str]]) -> None:
    """Store a tag set; an empty one is none. Raises InvalidTag or BadRequest."""
    if len(tags) > _MOST:
        raise ServiceError(400, "BadRequest", f"Bucket tag count cannot be greater than {_MOST}")
    check_tags(tags)
    await configure(call, bucket, TAGGING, [dict(tag) for tag in tags] or None)


async def delete_bucket_tagging(call: Call) -> Any:
    """DELETE /bucket?tagging."""
    bucket = await bucket_of(call)
    _demand_tags_of_the_bucket_alone(bucket)
    await configure(call, bucket, TAGGING, None)
    return Reply()


def _demand_tags_of_the_bucket_alone(bucket: Record) -> None:
    if bucket.get("abac") == "Enabled":
        # Wording ours.
        raise invalid_request(
            "Attribute-based access control is enabled for this bucket: tag it with TagResource and UntagResource."
        )


def check_tags(tags: Sequence[Mapping[str, str]]) -> None:
    """Raises InvalidTag."""
    seen: set[str] = set()
    for tag in tags:
        key = tag["Key"]
        fault = tag_fault(key, tag["Value"])
        if fault is not None:
            raise fault
        if key.lower().startswith("aws:"):
            raise _invalid("System tags cannot be added/updated by requester", TagKey=key)
        if key in seen:
            raise _invalid("Cannot provide multiple Tags with the same key", TagKey=key)
        seen.add(key)


def tag_fault(key: str, value: str) -> ServiceError | None:
    """What is wrong with a tag, if anything is."""
    if not 0 < len(key) <= _KEY or not _is_legal(key):
        return _invalid("The TagKey you have provided is invalid", TagKey=key)
    if len(value) > _VALUE or not _is_legal(value):
        return _invalid("The TagValue you have provided is invalid", TagKey=key, TagValue=value)
    return None


def _is_legal(text: str) -> bool:
    return all(letter.isalnum() or letter.isspace() or letter in _PUNCTUATION for letter in text)


def _invalid(message: str, **details: str) -> ServiceError:
    return ServiceError(400, "InvalidTag", message, details={name: text[:256] for name, text in details.items()})
