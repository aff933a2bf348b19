"""What S3 refuses of lifecycle rules, sentence by sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.s3.lifecycle_rules import check_rules

MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
NEXT = datetime(2026, 12, 2, tzinfo=UTC)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
TAG = {"Key": "team", "Value": "blue"}


def rule(**members: Any) -> dict[str, Any]:
    """A rule for all objects with these members; None leaves one out."""
    whole = {"Status": "Enabled", "Filter": {}, **members}
    return {name: value for name, value in whole.items() if value is not None}


def checked(*rules: dict[str, Any]) -> list[dict[str, Any]]:
    return check_rules(rules, lambda: "made")


def moves(*pairs: tuple[Any, str], unit: str = "Days") -> list[dict[str, Any]]:
    return [{unit: when, "StorageClass": to} for when, to in pairs]


ALLOWED: list[dict[str, Any]] = [
    rule(Expiration={"Days": 1}),
    rule(Expiration={"Date": MIDNIGHT}),
    rule(Expiration={"ExpiredObjectDeleteMarker": True}),
    rule(Filter=None, Prefix="", Expiration={"Days": 1}),
    rule(Filter={"Prefix": "logs/"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
    rule(Filter={"Tag": TAG}, Expiration={"Days": 1}),
    rule(Filter={"And": {"Prefix": "", "Tags": [TAG]}}, Expiration={"Days": 1}),
    rule(Filter={"And": {"Tags": [TAG, {"Key": "b", "Value": ""}]}}, Expiration={"Days": 1}),
    rule(Filter={"And": {"ObjectSizeGreaterThan": 0, "ObjectSizeLessThan": 1}}, Expiration={"Days": 1}),
    rule(Transitions=moves((0, "GLACIER"))),
    rule(Transitions=moves((0, "INTELLIGENT_TIERING"), (1, "DEEP_ARCHIVE"))),
    rule(Transitions=moves((30, "STANDARD_IA"), (60, "ONEZONE_IA"), (90, "GLACIER"), (91, "DEEP_ARCHIVE"))),
    rule(Transitions=moves((30, "STANDARD_IA")), Expiration={"Days": 31}),
    rule(Transitions=moves((30, "STANDARD_IA")), Expiration={"ExpiredObjectDeleteMarker": True}),
    rule(Transitions=moves((MIDNIGHT, "GLACIER"), unit="Date"), Expiration={"Date": NEXT}),
    rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 100}),
    rule(
        NoncurrentVersionTransitions=moves((30, "STANDARD_IA"), (60, "GLACIER"), unit="NoncurrentDays"),
        NoncurrentVersionExpiration={"NoncurrentDays": 61},
    ),
    rule(ID="i" * 255, Expiration={"Days": 1}),
]


@pytest.mark.parametrize("given", ALLOWED)
def test_a_rule_that_s3_takes(given: dict[str, Any]) -> None:
    assert checked(given) == [{**given, "ID": given.get("ID", "made")}]


ARGUMENT, REQUEST, XML = "InvalidArgument", "InvalidRequest", "MalformedXML"
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (rule(), REQUEST, "At least one action needs to be specified in a rule"),
    (rule(Filter=None, Expiration={"Days": 1}), XML, ""),
    (rule(Prefix="", Expiration={"Days": 1}), XML, ""),
    (rule(Filter={"Prefix": "", "Tag": TAG}, Expiration={"Days": 1}), XML, ""),
    (rule(Filter={"And": {"Prefix": "a"}}, Expiration={"Days": 1}), XML, ""),
    (rule(Filter={"And": {"Tags": [TAG]}}, Expiration={"Days": 1}), XML, ""),
    (
        rule(Filter={"And": {"Tags": [TAG, TAG]}}, Expiration={"Days": 1}),
        REQUEST,
        "Duplicate Tag Keys are not allowed.",
    ),
    (rule(Filter={"Tag": {"Key": "?", "Value": ""}}, Expiration={"Days": 1}), "InvalidTag", "TagKey"),
    (rule(Filter={"Prefix": "p" * 1025}, Expiration={"Days": 1}), REQUEST, "The maximum size of a prefix is 1024."),
    (rule(Filter={"ObjectSizeGreaterThan": -1}, Expiration={"Days": 1}), REQUEST, "ObjectSizeGreaterThan"),
    (
        rule(Filter={"And": {"ObjectSizeGreaterThan": 5, "ObjectSizeLessThan": 5}}, Expiration={"Days": 1}),
        REQUEST,
        "'ObjectSizeLessThan' must be larger",
    ),
    (rule(ID="i" * 256, Expiration={"Days": 1}), ARGUMENT, "ID length should not exceed allowed limit of 255"),
    (rule(Expiration={}), XML, ""),
    (rule(Expiration={"Days": 1, "Date": MIDNIGHT}), XML, ""),
    (rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True}), XML, ""),
    (rule(Expiration={"Days": 0}), ARGUMENT, "'Days' for Expiration action must be a positive integer"),
    (rule(Expiration={"Date": NOON}), ARGUMENT, "'Date' must be at midnight GMT"),
    (
        rule(Filter={"Tag": TAG}, Expiration={"ExpiredObjectDeleteMarker": True}),
        REQUEST,
        "ExpiredObjectDeleteMarker cannot be specified with Tags.",
    ),
    (
        rule(Filter={"Tag": TAG}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
        REQUEST,
        "AbortIncompleteMultipartUpload cannot be specified with Tags.",
    ),
    (
        rule(Filter={"ObjectSizeLessThan": 5}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
        REQUEST,
        "AbortIncompleteMultipartUpload cannot be specified with Object Size.",
    ),
    (rule(AbortIncompleteMultipartUpload={}), XML, ""),
    (
        rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 0}),
        ARGUMENT,
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
    ),
    (rule(Transitions=[{"Days": 1}]), XML, ""),
    (rule(Transitions=[{"StorageClass": "GLACIER"}]), XML, ""),
    (rule(Transitions=[{"StorageClass": "GLACIER", "Days": 1, "Date": MIDNIGHT}]), XML, ""),
    (rule(Transitions=moves((-1, "GLACIER"))), ARGUMENT, "'Days' in Transition action must be nonnegative"),
    (rule(Transitions=moves((NOON, "GLACIER"), unit="Date")), ARGUMENT, "'Date' must be at midnight GMT"),
    (
        rule(Transitions=moves((29, "STANDARD_IA"))),
        ARGUMENT,
        "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
    ),
    (rule(Transitions=moves((29, "ONEZONE_IA"))), ARGUMENT, "for storageClass 'ONEZONE_IA'"),
    (
        rule(Transitions=moves((1, "GLACIER"), (2, "GLACIER"))),
        REQUEST,
        "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(prefix=)'",
    ),
    (
        rule(Transitions=[*moves((1, "GLACIER")), *moves((NEXT, "DEEP_ARCHIVE"), unit="Date")]),
        REQUEST,
        "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter '(prefix=)'",
    ),
    (
        rule(Transitions=moves((1, "GLACIER")), Expiration={"Date": NEXT}),
        REQUEST,
        "Found mixed 'Date' and 'Days' based Expiration and Transition actions",
    ),
    (
        rule(Filter={"Prefix": "logs/"}, Transitions=moves((9, "GLACIER")), Expiration={"Days": 9}),
        ARGUMENT,
        "'Days' in the Expiration action for filter '(prefix=logs/)' must be greater than 'Days' in the Transition",
    ),
    (
        rule(Transitions=moves((NEXT, "GLACIER"), unit="Date"), Expiration={"Date": NEXT}),
        ARGUMENT,
        "'Date' in the Expiration action for filter '(prefix=)' must be later than 'Date' in the Transition action",
    ),
    (
        rule(Transitions=moves((59, "GLACIER"), (30, "STANDARD_IA"))),
        ARGUMENT,
        "for StorageClass 'GLACIER' for filter '(prefix=)' must be 30 days more than 'Transition' action",
    ),
    (
        rule(Transitions=moves((9, "GLACIER"), (9, "DEEP_ARCHIVE"))),
        ARGUMENT,
        "must be greater than 'Transition' action for StorageClass 'GLACIER'",
    ),
    (
        rule(Transitions=moves((NEXT, "GLACIER"), (MIDNIGHT, "DEEP_ARCHIVE"), unit="Date")),
        ARGUMENT,
        "must be later than 'Transition' action for StorageClass 'GLACIER'",
    ),
    (rule(NoncurrentVersionTransitions=[{"NoncurrentDays": 1}]), XML, ""),
    (rule(NoncurrentVersionTransitions=[{"StorageClass": "GLACIER"}]), XML, ""),
    (
        rule(NoncurrentVersionTransitions=moves((29, "STANDARD_IA"), unit="NoncurrentDays")),
        ARGUMENT,
        "'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or equal to 30",
    ),
    (rule(NoncurrentVersionExpiration={}), XML, ""),
    (
        rule(NoncurrentVersionExpiration={"NoncurrentDays": 0}),
        ARGUMENT,
        "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
    ),
    (
        rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 101}),
        ARGUMENT,
        "NewerNoncurrentVersions",
    ),
    (
        rule(Filter=None, Prefix="", NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}),
        REQUEST,
        "needs a Filter element",
    ),
    (
        rule(
            NoncurrentVersionTransitions=moves((9, "GLACIER"), unit="NoncurrentDays"),
            NoncurrentVersionExpiration={"NoncurrentDays": 9},
        ),
        ARGUMENT,
        "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '(prefix=)' must be greater than",
    ),
]


@pytest.mark.parametrize(("given", "code", "sentence"), REFUSED)
def test_a_rule_that_s3_refuses(given: dict[str, Any], code: str, sentence: str) -> None:
    with pytest.raises(ServiceError) as caught:
        checked(given)
    assert (caught.value.status, caught.value.code) == (400, code)
    assert sentence in caught.value.message


def test_rules_together() -> None:
    with pytest.raises(ServiceError, match="MalformedXML"):
        checked()
    one = rule(ID="same", Expiration={"Days": 1})
    with pytest.raises(ServiceError, match="Rule ID must be unique"):
        checked(one, one)
    unnamed = rule(Expiration={"Days": 1})
    assert len(checked(*[unnamed] * 1000)) == 1000
    with pytest.raises(ServiceError, match="allowed limit of 1000 rules"):
        checked(*[unnamed] * 1001)
