"""What the findings of a night mean: beside those of the night before, and by the file of accepted drift. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from broker import accepted
from broker.reports.night import Entry, Night, Part, Row

#: What probes do not compare any more stays known, until no night has seen it for so long.
_KNOWN = timedelta(days=30)


def judged(
    night: Night,
    before: Night | None,
    entries: Sequence[accepted.Acceptance],
    callers: Mapping[str, int],
    now: datetime,
) -> Night:
    """The night at its end: what is new, what may stay, what is over. ``callers`` are environments by operation."""
    found = [replace(part, rows=[replace(row, seen=night.begun_at) for row in part.rows]) for part in night.parts]
    old = () if before is None else before.parts
    carried, over = _carried(found, old, now)
    known = {row.key: row for part in old for row in part.rows}
    sides = accepted.sort([row.finding for part in carried for row in part.rows], entries, now.date())

    def judge(row: Row) -> Row:
        operation, acceptance = row.finding.operation, sides.accepted.get(row.key)
        return replace(
            row,
            fresh=row.key not in known,
            since=known[row.key].since if row.key in known else night.begun_at,
            callers=None if operation is None else callers.get(operation, 0),
            reason="" if acceptance is None else acceptance.reason,
            until="" if acceptance is None else acceptance.until.isoformat(),
        )

    return replace(
        night,
        ended_at=now.isoformat(),
        parts=[replace(part, rows=[judge(row) for row in part.rows]) for part in carried],
        expired=[_entry(each) for each in sides.expired],
        unknown=[_entry(each) for each in sides.unknown],
        over=over,
    )


def _carried(parts: Sequence[Part], before: Iterable[Part], now: datetime) -> tuple[Sequence[Part], Sequence[Row]]:
    """The parts, with what was known before and was not looked at now; and what was, and is over.

    By service and source, since another night may have asked another account of a pool."""
    carried, over = list(parts), []
    for service, source in dict.fromkeys((part.service, part.source) for part in parts):
        here = [place for place, part in enumerate(parts) if (part.service, part.source) == (service, source)]
        found = {row.key for place in here for row in parts[place].rows}
        failed = next((place for place in here if parts[place].status == "failed"), None)
        compared = {operation for place in here for operation in parts[place].compared}
        missing = {
            row.key: row
            for part in before
            if (part.service, part.source) == (service, source)
            for row in part.rows
            if row.key not in found
        }
        stays = []
        for row in missing.values():
            unseen = source == "probes" and row.finding.operation is not None and row.finding.operation not in compared
            if failed is not None or (unseen and now - datetime.fromisoformat(row.seen) < _KNOWN):
                stays.append(row)
            else:
                over.append(row)
        place = here[0] if failed is None else failed
        carried[place] = replace(parts[place], rows=[*parts[place].rows, *stays])
    return carried, over


def _entry(acceptance: accepted.Acceptance) -> Entry:
    return Entry(key=acceptance.key, reason=acceptance.reason, until=acceptance.until.isoformat())
