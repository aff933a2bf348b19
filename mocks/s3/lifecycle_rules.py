"""The rules of a lifecycle configuration: what S3 takes, and what it refuses.

Sources, below docs.aws.amazon.com/AmazonS3/latest: API/API_PutBucketLifecycleConfiguration.html,
userguide/intro-lifecycle-rules.html, userguide/lifecycle-transition-general-considerations.html (which class follows
which, and after how many days). Sentences are quoted in issues of hashicorp/terraform-provider-aws and of
terraform-aws-modules (109); where none is, the wording is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from mocks.base import ServiceError
from mocks.s3.errors import invalid_argument, invalid_request, malformed_xml
from mocks.s3.filters import check_filter, check_prefix, prefix_of, sizes_of, tags_of

_MOST_RULES, _LONGEST_ID, _MOST_NEWER = 1000, 255, 100
#: Days that an object must have been stored before these classes, and in them before a colder one.
_SETTLED = {"STANDARD_IA": 30, "ONEZONE_IA": 30}
#: How far down the waterfall of classes each is.
RANK = {
    "STANDARD_IA": 1,
    "INTELLIGENT_TIERING": 2,
    "ONEZONE_IA": 3,
    "GLACIER_IR": 3,
    "GLACIER": 4,
    "DEEP_ARCHIVE": 5,
}
_ACTIONS = (
    "Expiration",
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
)

Rule = Mapping[str, Any]


def check_rules(rules: Sequence[Rule], new_id: Callable[[], str]) -> list[dict[str, Any]]:
    """The rules, each with an id. Raises MalformedXML, InvalidArgument or InvalidRequest."""
    if not rules:
        raise malformed_xml()
    if len(rules) > _MOST_RULES:
        message = f"The number of lifecycle rules must not exceed the allowed limit of {_MOST_RULES} rules"
        raise invalid_request(message)
    for rule in rules:
        _check_rule(rule)
    named = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(set(named)) < len(named):
        raise invalid_argument("Rule ID must be unique. Found same ID for one or more rules")
    return [{**rule, "ID": rule.get("ID") or new_id()} for rule in rules]


def _check_rule(rule: Rule) -> None:
    if len(rule.get("ID", "")) > _LONGEST_ID:
        raise invalid_argument(f"ID length should not exceed allowed limit of {_LONGEST_ID}")
    if ("Filter" in rule) == ("Prefix" in rule):
        raise malformed_xml()
    if "Filter" in rule:
        check_filter(rule["Filter"])
    else:
        check_prefix(rule["Prefix"])
    if not any(name in rule for name in _ACTIONS):
        raise invalid_request("At least one action needs to be specified in a rule")
    _check_expiration(rule)
    _check_transitions(rule)
    _check_noncurrent(rule)
    _check_abort(rule)


def filter_of(rule: Rule) -> Mapping[str, Any]:
    """The rule's filter; the older form has a prefix only."""
    found: Mapping[str, Any] = rule["Filter"] if "Filter" in rule else {"Prefix": rule["Prefix"]}
    return found


def _named(rule: Rule) -> str:
    """The rule's filter as S3's sentences name it."""
    return f"filter '(prefix={prefix_of(filter_of(rule))})'"


def _one_of(action: Mapping[str, Any], *names: str) -> None:
    if sum(name in action for name in names) != 1:
        raise malformed_xml()


def _check_midnight(date: datetime) -> None:
    if (date.hour, date.minute, date.second, date.microsecond) != (0, 0, 0, 0):
        raise invalid_argument("'Date' must be at midnight GMT", "Date", date.isoformat())


def _positive(action: Mapping[str, Any], name: str, of: str) -> None:
    if name not in action:
        raise malformed_xml()
    if action[name] <= 0:
        raise invalid_argument(f"'{name}' for {of} action must be a positive integer", name, action[name])


def _check_expiration(rule: Rule) -> None:
    expiration = rule.get("Expiration")
    if expiration is None:
        return
    _one_of(expiration, "Days", "Date", "ExpiredObjectDeleteMarker")
    if "Days" in expiration:
        _positive(expiration, "Days", "Expiration")
    if "Date" in expiration:
        _check_midnight(expiration["Date"])
    if "ExpiredObjectDeleteMarker" in expiration:
        _refuse_finer(rule, "ExpiredObjectDeleteMarker")


def _refuse_finer(rule: Rule, action: str) -> None:
    """Uploads and delete markers have neither tags nor a size."""
    given = filter_of(rule)
    if tags_of(given):
        raise invalid_request(f"{action} cannot be specified with Tags.")
    if sizes_of(given) != (None, None):
        raise invalid_request(f"{action} cannot be specified with Object Size.")


def _check_abort(rule: Rule) -> None:
    abort = rule.get("AbortIncompleteMultipartUpload")
    if abort is not None:
        _refuse_finer(rule, "AbortIncompleteMultipartUpload")
        _positive(abort, "DaysAfterInitiation", "AbortIncompleteMultipartUpload")


def _check_transitions(rule: Rule) -> None:
    transitions = rule.get("Transitions", ())
    for transition in transitions:
        if "StorageClass" not in transition:
            raise malformed_xml()
        _one_of(transition, "Days", "Date")
        if "Date" in transition:
            _check_midnight(transition["Date"])
        else:
            _check_days(transition, "Days", "Transition")
    _check_units(rule)
    _check_order(rule, transitions, "Days", "Transition")
    expiration = rule.get("Expiration", {})
    for transition in transitions:
        for unit, later in (("Days", "greater"), ("Date", "later")):
            if unit in transition and unit in expiration and expiration[unit] <= transition[unit]:
                raise invalid_argument(
                    f"'{unit}' in the Expiration action for {_named(rule)} must be {later} than '{unit}' "
                    "in the Transition action"
                )


def _check_days(transition: Mapping[str, Any], unit: str, action: str) -> None:
    days, to = transition[unit], transition["StorageClass"]
    if days < 0:
        raise invalid_argument(f"'{unit}' in {action} action must be nonnegative", unit, days)
    if days < _SETTLED.get(to, 0):
        least = _SETTLED[to]
        message = f"'{unit}' in {action} action must be greater than or equal to {least} for storageClass '{to}'"
        raise invalid_argument(message, unit, days)


def _check_units(rule: Rule) -> None:
    """Days or dates, not both in a rule."""
    units = {unit for transition in rule.get("Transitions", ()) for unit in ("Days", "Date") if unit in transition}
    if len(units) > 1:
        raise _mixed("Transition", rule)
    if units and not units.issuperset({"Days", "Date"} & set(rule.get("Expiration", {}))):
        raise _mixed("Expiration and Transition", rule)


def _mixed(actions: str, rule: Rule) -> ServiceError:
    return invalid_request(
        f"Found mixed 'Date' and 'Days' based {actions} actions in lifecycle rule for {_named(rule)}"
    )


def _check_order(rule: Rule, transitions: Sequence[Mapping[str, Any]], unit: str, action: str) -> None:
    """A class once only, and a colder one later, by the days that an object must stay in the warmer."""
    classes = [transition["StorageClass"] for transition in transitions]
    if len(set(classes)) < len(classes):
        message = f"'StorageClass' must be different for '{action}' actions in same 'Rule' with {_named(rule)}"
        raise invalid_request(message)
    for warm, cold in combinations(sorted(transitions, key=lambda each: RANK[each["StorageClass"]]), 2):
        if RANK[warm["StorageClass"]] == RANK[cold["StorageClass"]]:
            continue
        if unit in warm and unit in cold:
            _check_distance(rule, warm, cold, unit, action)
        elif "Date" in warm and "Date" in cold and cold["Date"] <= warm["Date"]:
            raise _too_early(rule, warm, cold, "Date", action, "later than")


def _check_distance(rule: Rule, warm: Mapping[str, Any], cold: Mapping[str, Any], unit: str, action: str) -> None:
    least = _SETTLED.get(warm["StorageClass"], 0)
    if least and cold[unit] < warm[unit] + least:
        raise _too_early(rule, warm, cold, unit, action, f"{least} days more than")
    if cold[unit] <= warm[unit]:
        raise _too_early(rule, warm, cold, unit, action, "greater than")


def _too_early(
    rule: Rule, warm: Mapping[str, Any], cold: Mapping[str, Any], unit: str, action: str, must: str
) -> ServiceError:
    return invalid_argument(
        f"'{unit}' in the '{action}' action for StorageClass '{cold['StorageClass']}' for {_named(rule)} "
        f"must be {must} '{action}' action for StorageClass '{warm['StorageClass']}'"
    )


def _check_noncurrent(rule: Rule) -> None:
    transitions = rule.get("NoncurrentVersionTransitions", ())
    for transition in transitions:
        if "StorageClass" not in transition or "NoncurrentDays" not in transition:
            raise malformed_xml()
        _check_newer(rule, transition, "NoncurrentVersionTransition")
        _check_days(transition, "NoncurrentDays", "NoncurrentVersionTransition")
    _check_order(rule, transitions, "NoncurrentDays", "NoncurrentVersionTransition")
    expiration = rule.get("NoncurrentVersionExpiration")
    if expiration is None:
        return
    _positive(expiration, "NoncurrentDays", "NoncurrentVersionExpiration")
    _check_newer(rule, expiration, "NoncurrentVersionExpiration")
    if any(expiration["NoncurrentDays"] <= transition["NoncurrentDays"] for transition in transitions):
        raise invalid_argument(
            f"'NoncurrentDays' in the NoncurrentVersionExpiration action for {_named(rule)} must be greater than "
            "'NoncurrentDays' in the NoncurrentVersionTransition action"
        )


def _check_newer(rule: Rule, action: Mapping[str, Any], name: str) -> None:
    newer = action.get("NewerNoncurrentVersions")
    if newer is None:
        return
    if "Filter" not in rule:
        # "If you do not specify a Filter element, Amazon S3 will generate an InvalidRequest error"
        # (userguide/intro-lifecycle-rules.html).
        raise invalid_request(f"'NewerNoncurrentVersions' for {name} action needs a Filter element")
    if not 0 < newer <= _MOST_NEWER:
        message = f"'NewerNoncurrentVersions' for {name} action must be a positive integer and at most {_MOST_NEWER}"
        raise invalid_argument(message, "NewerNoncurrentVersions", newer)
