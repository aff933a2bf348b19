"""The configurations of a bucket's notifications: what each asks for, and what S3 refuses of them.

Sources, below docs.aws.amazon.com/AmazonS3/latest: API/API_PutBucketNotificationConfiguration.html,
API/ErrorResponses.html ("S3 event notification error codes"), userguide/notification-how-to-filtering.html. Where those
quote no sentence, it is ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from mocks.base import ServiceError
from mocks.s3.errors import invalid_argument, malformed_xml

Kind = Literal["topic", "queue", "function"]

#: member -> (kind, the member that holds the ARN, its element, the ARN's service and what a resource looks like)
KINDS: Mapping[str, tuple[Kind, str, str, str]] = {
    "TopicConfigurations": ("topic", "TopicArn", "Topic", r"sns:{}:\d{{12}}:[\w-]{{1,256}}(\.fifo)?"),
    "QueueConfigurations": ("queue", "QueueArn", "Queue", r"sqs:{}:\d{{12}}:[\w-]{{1,80}}(\.fifo)?"),
    "LambdaFunctionConfigurations": (
        "function",
        "LambdaFunctionArn",
        "CloudFunction",
        r"lambda:{}:\d{{12}}:function:[\w-]{{1,140}}(:[\w$-]{{1,128}})?",
    ),
}
_PARTITION, _REGION = r"arn:aws[a-z-]*:", r"([a-z]{2}(?:-[a-z]+)+-\d)"
_ARNS = {member: re.compile(_PARTITION + kind[3].format(_REGION), re.ASCII) for member, kind in KINDS.items()}

#: userguide/notification-how-to-event-types-and-destinations.html and quotas of a bucket: 100 configurations.
_MOST, _LONGEST_ID, _LONGEST_VALUE = 100, 255, 1024


@dataclass(frozen=True, slots=True)
class Rule:
    """One configuration of a bucket's: ``events`` with ``s3:``, which go to ``arn``."""

    kind: Kind
    id: str
    arn: str
    events: Sequence[str]
    prefix: str
    suffix: str
    filtered: bool


def rules_of(stored: Mapping[str, Any]) -> Iterator[Rule]:
    """The configurations of all kinds, in their order."""
    for member, (kind, arn, _, _) in KINDS.items():
        for each in stored.get(member) or ():
            found = {rule["Name"].lower(): rule.get("Value", "") for rule in _filter_rules(each)}
            prefix, suffix = found.get("prefix", ""), found.get("suffix", "")
            yield Rule(kind, each["Id"], each[arn], each["Events"], prefix, suffix, bool(found))


def checked(member: str, given: Mapping[str, Any], region: str, new_id: Callable[[], str]) -> dict[str, Any]:
    """One configuration of a bucket in ``region``, with an id. Raises InvalidArgument or MalformedXML."""
    _, arn, element, _ = KINDS[member]
    if not given["Events"]:
        raise malformed_xml()
    found = _ARNS[member].fullmatch(given[arn])
    if found is None:
        raise invalid_argument("The ARN is not well formed", element, given[arn][:256])
    if found[1] != region:
        message = "The notification destination service region is not valid for the bucket location constraint"
        raise invalid_argument(message, element, given[arn])
    if given[arn].endswith(".fifo"):
        raise _unfit(given[arn], "FIFO destinations are not supported")
    _check_filter(_filter_rules(given))
    id_ = given.get("Id") or new_id()
    if len(id_) > _LONGEST_ID:
        raise invalid_argument(f"The ID of a notification is longer than {_LONGEST_ID} characters", "Id", id_[:256])
    return {**given, "Id": id_}


def _filter_rules(given: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return ((given.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()


def _check_filter(rules: Sequence[Mapping[str, Any]]) -> None:
    for name in ("prefix", "suffix"):
        if sum(rule.get("Name", "").lower() == name for rule in rules) > 1:
            message = f"Cannot specify more than one {name} rule in a filter."
            raise invalid_argument(message, "FilterRule.Name", name)
    for rule in rules:
        if "Name" not in rule:
            raise malformed_xml()
        # In capitals or not: S3's own answers have "Prefix" (aws/aws-sdk issue 389).
        if rule["Name"].lower() not in ("prefix", "suffix"):
            message = "filter rule name must be either prefix or suffix"
            raise invalid_argument(message, "FilterRule.Name", rule["Name"][:256])
        if len(rule.get("Value", "").encode()) > _LONGEST_VALUE:
            message = f"Size of filter rule value cannot exceed {_LONGEST_VALUE} bytes in UTF-8 representation"
            raise invalid_argument(message, "FilterRule.Value", rule["Value"][:256])


def _unfit(arn: str, why: str) -> ServiceError:
    message = "Unable to validate the following destination configurations"
    details = {"ArgumentName1": arn, "ArgumentValue1": why}
    return ServiceError(400, "InvalidArgument", message, details=details)


def check_together(rules: Sequence[Rule]) -> None:
    """No event of a key goes to two places."""
    if len(rules) > _MOST:
        raise invalid_argument(f"A bucket has {_MOST} notification configurations at the most", "Count", len(rules))
    if len({rule.id for rule in rules}) < len(rules):
        raise invalid_argument("The IDs of notification configurations must be unique within a bucket", "Id")
    for one, other in combinations(rules, 2):
        shared = [(a, b) for a in one.events for b in other.events if _overlap(a, b)]
        if not shared or not _meet(one, other):
            continue
        # Both sentences: answers of S3 quoted in minio issue 2472 and aws-solutions/aws-waf-security-automations 49.
        if one.filtered or other.filtered:
            raise invalid_argument(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes "
                "are overlapping for the same event type."
            )
        raise invalid_argument(
            "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
            "Event",
            ", ".join(shared[0]),
        )


def _overlap(one: str, other: str) -> bool:
    """Whether some event is of both types."""
    return one == other or hears(one, other) or hears(other, one)


def hears(pattern: str, event: str) -> bool:
    """Whether ``s3:ObjectCreated:*`` or a type without a star is that of the event."""
    return pattern == event or (pattern.endswith("*") and event.startswith(pattern[:-1]))


def _meet(one: Rule, other: Rule) -> bool:
    """Whether a key can be one of both filters: begin with both prefixes and end with both suffixes."""
    begins = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
    return begins and (one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix))
