"""What lifecycle rules mean for an object, a version or an upload: when it ends, and when it moves to which class.

Pure. Sources, below docs.aws.amazon.com/AmazonS3/latest/userguide: intro-lifecycle-rules.html ("rounding the resulting
time to the next day midnight UTC"; a date in the past counts, and goes on to), lifecycle-configuration-examples.html
(which of several rules wins), lifecycle-transition-general-considerations.html (which class follows which; objects
below 128 KB stay where they are unless a rule has sizes of its own).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mocks.base import Record
from mocks.s3.filters import fits, prefix_of, sizes_of, tags_of
from mocks.s3.lifecycle_rules import RANK, Rule, filter_of

#: The name of the configuration.
LIFECYCLE = "lifecycle"

#: Instead of a moment that no calendar has.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_MOST_DAYS = 2_000_000

_SMALL = 128 * 1024
_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
#: Where an object is due for several: the colder, but tiering before the other classes that are no archives.
_PREFERRED = {**RANK, "INTELLIGENT_TIERING": 3.5}


@dataclass(frozen=True, slots=True)
class Ending:
    """When something ends, and by which rule's id."""

    at: datetime
    rule: str


def active(found: Mapping[str, Any]) -> list[Rule]:
    """The rules of a configuration that are not switched off."""
    return [rule for rule in found["Rules"] if rule["Status"] == "Enabled"]


def midnight(moment: datetime, days: int) -> datetime:
    """The midnight UTC that follows ``days`` days after a moment."""
    if days > _MOST_DAYS:
        return NEVER
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1)


def moment_of(text: str) -> datetime:
    """A stored time."""
    return datetime.fromisoformat(text)


def _at(action: Mapping[str, Any], since: datetime, days: str = "Days") -> datetime:
    return moment_of(action["Date"]) if "Date" in action else midnight(since, action[days])


def _earliest(endings: Iterator[Ending]) -> Ending | None:
    return min(endings, key=lambda ending: ending.at, default=None)


def expiration(rules: Sequence[Rule], record: Record) -> Ending | None:
    """When a current object expires. Where rules overlap, the shorter one is honoured."""
    since = moment_of(record["modified"])
    return _earliest(
        Ending(_at(rule["Expiration"], since), rule["ID"])
        for rule in rules
        if _expires(rule) and fits(filter_of(rule), record)
    )


def _expires(rule: Rule) -> bool:
    return "Expiration" in rule and "ExpiredObjectDeleteMarker" not in rule["Expiration"]


def marker_end(rules: Sequence[Rule], marker: Record) -> Ending | None:
    """When a delete marker that is alone is taken away: as old as expiring objects, or at once where a rule says so."""
    since = moment_of(marker["modified"])
    return _earliest(
        Ending(_at(rule["Expiration"] if _expires(rule) else {"Days": 0}, since), rule["ID"])
        for rule in rules
        if (_expires(rule) or rule.get("Expiration", {}).get("ExpiredObjectDeleteMarker"))
        and _fits_by_key(rule, marker["key"])
    )


def _fits_by_key(rule: Rule, key: str) -> bool:
    """Whether a rule is for what has a key, but neither tags nor a size."""
    given = filter_of(rule)
    return key.startswith(prefix_of(given)) and not tags_of(given) and sizes_of(given) == (None, None)


def abortion(rules: Sequence[Rule], key: str, initiated: str) -> Ending | None:
    """When an unfinished upload is aborted."""
    since = moment_of(initiated)
    return _earliest(
        Ending(midnight(since, rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]), rule["ID"])
        for rule in rules
        if "AbortIncompleteMultipartUpload" in rule and _fits_by_key(rule, key)
    )


def noncurrent_end(rules: Sequence[Rule], record: Record, since: datetime, newer: int) -> Ending | None:
    """When a version ends that was succeeded at ``since``, with ``newer`` noncurrent versions after it."""
    return _earliest(
        Ending(midnight(since, action["NoncurrentDays"]), rule["ID"])
        for rule in rules
        for action in [rule.get("NoncurrentVersionExpiration")]
        if action is not None and newer >= action.get("NewerNoncurrentVersions", 0) and _fits_version(rule, record)
    )


def _fits_version(rule: Rule, record: Record) -> bool:
    return _fits_by_key(rule, record["key"]) if record.get("marker") else fits(filter_of(rule), record)


def moves(rules: Sequence[Rule], record: Record, smallest: str) -> list[tuple[datetime, str]]:
    """When a current object may move, and to which class."""
    since = moment_of(record["modified"])
    return [
        (_at(action, since), action["StorageClass"])
        for rule in rules
        for action in rule.get("Transitions", ())
        if _may_move(rule, record, action["StorageClass"], smallest)
    ]


def noncurrent_moves(
    rules: Sequence[Rule], record: Record, smallest: str, since: datetime, newer: int
) -> list[tuple[datetime, str]]:
    """The same of a version that was succeeded at ``since``, with ``newer`` noncurrent versions after it."""
    return [
        (midnight(since, action["NoncurrentDays"]), action["StorageClass"])
        for rule in rules
        for action in rule.get("NoncurrentVersionTransitions", ())
        if newer >= action.get("NewerNoncurrentVersions", 0)
        and _may_move(rule, record, action["StorageClass"], smallest)
    ]


def _may_move(rule: Rule, record: Record, to: str, smallest: str) -> bool:
    given = filter_of(rule)
    if RANK[to] <= RANK.get(record["class"], 0) or not fits(given, record):
        return False
    if record["size"] >= _SMALL or sizes_of(given) != (None, None):
        return True
    return smallest == "varies_by_storage_class" and to in _ARCHIVES


def chosen(classes: Sequence[str]) -> str:
    """The class that an object moves to when it is due for several."""
    return max(classes, key=lambda name: _PREFERRED[name])


def soonest(rules: Sequence[Rule], now: datetime, *, versioned: bool) -> datetime:
    """The first midnight at which something may be due that is written, tagged or deleted after ``now``: the next one
    where more than the age of what is written decides."""
    if versioned or any(tags_of(filter_of(rule)) for rule in rules):
        return midnight(now, 0)
    return min((_soonest(action, now) for rule in rules for action in _actions(rule)), default=NEVER)


def _actions(rule: Rule) -> Iterator[Mapping[str, Any]]:
    yield from rule.get("Transitions", ())
    yield from rule.get("NoncurrentVersionTransitions", ())
    for name in ("Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            yield rule[name]


def _soonest(action: Mapping[str, Any], now: datetime) -> datetime:
    if "Date" in action:
        return max(moment_of(action["Date"]), midnight(now, 0))
    return midnight(now, action.get("Days", action.get("DaysAfterInitiation", 0)))
