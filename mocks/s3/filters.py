"""Which objects a rule of a bucket's configuration is for: a prefix, tags, sizes, or several of them under ``And``.

Lifecycle, replication, analytics, metrics and tiering share the form. Sources, below
docs.aws.amazon.com/AmazonS3/latest: API/API_LifecycleRuleFilter.html (exactly one member),
userguide/intro-lifecycle-rules.html (tag keys differ, the lower size is below the upper one).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.base import Record
from mocks.s3.bucket_tagging import tag_fault
from mocks.s3.errors import invalid_request, malformed_xml

_LONGEST_PREFIX = 1024

#: The members of a filter that are conditions, as they stand in a filter and under ``And``.
_ALONE = ("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "AccessPointArn")


def check_filter(given: Mapping[str, Any]) -> None:
    """Raises MalformedXML, InvalidRequest or InvalidTag."""
    if len(given) > 1:
        raise malformed_xml()
    several = given.get("And")
    if several is not None and len(several.get("Tags", ())) + sum(name in several for name in _ALONE) < 2:
        raise malformed_xml()
    conditions = several if several is not None else given
    check_prefix(conditions.get("Prefix", ""))
    _check_tags(tags_of(given))
    _check_sizes(conditions.get("ObjectSizeGreaterThan"), conditions.get("ObjectSizeLessThan"))


def check_prefix(prefix: str) -> None:
    """Raises InvalidRequest."""
    if len(prefix) > _LONGEST_PREFIX:
        raise invalid_request(f"The maximum size of a prefix is {_LONGEST_PREFIX}.")


def _check_tags(tags: Sequence[Mapping[str, str]]) -> None:
    for tag in tags:
        fault = tag_fault(tag["Key"], tag["Value"])
        if fault is not None:
            raise fault
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise invalid_request("Duplicate Tag Keys are not allowed.")


def _check_sizes(least: int | None, most: int | None) -> None:
    # The sentences are ours.
    for name, size, lowest in (("ObjectSizeGreaterThan", least, 0), ("ObjectSizeLessThan", most, 1)):
        if size is not None and size < lowest:
            raise invalid_request(f"'{name}' must be at least {lowest}")
    if least is not None and most is not None and most <= least:
        raise invalid_request("'ObjectSizeLessThan' must be larger than 'ObjectSizeGreaterThan'")


def tags_of(given: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """The tags that an object must have."""
    several = given.get("And")
    if several is not None:
        tags: Sequence[Mapping[str, str]] = several.get("Tags", ())
        return tags
    return (given["Tag"],) if "Tag" in given else ()


def sizes_of(given: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The sizes between which an object must be, both excluded."""
    conditions = given.get("And", given)
    return conditions.get("ObjectSizeGreaterThan"), conditions.get("ObjectSizeLessThan")


def prefix_of(given: Mapping[str, Any]) -> str:
    """What an object's key must begin with."""
    prefix: str = given.get("And", given).get("Prefix", "")
    return prefix


def fits(given: Mapping[str, Any], record: Record) -> bool:
    """Whether an object, or a version of one, is among those that the filter is for."""
    if not record["key"].startswith(prefix_of(given)):
        return False
    least, most = sizes_of(given)
    size = record.get("size", 0)
    if (least is not None and size <= least) or (most is not None and size >= most):
        return False
    tags = tags_of(given)
    return not tags or all([tag["Key"], tag["Value"]] in record.get("tags", ()) for tag in tags)
