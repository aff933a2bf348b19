"""What is new, what may stay, what is over; and what was not looked at is neither."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from broker.accepted import Acceptance
from broker.judging import judged
from broker.reports.night import Night, Part, Row
from tests.broker.nightly import finding

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


def row(place: str, **changes: Any) -> Row:
    return Row(finding=finding(place, **changes), source="probes", account="one")


def night(*rows: Row, at: datetime = NOW, **changes: Any) -> Night:
    values = {"service": "tiny", "source": "probes", "account": "one", "status": "done", "compared": ["things.create"]}
    part: Any = Part(**{**values, "rows": rows, **changes})
    return Night(id=f"ngt_{at:%d}", begun_at=at.isoformat(), parts=[part])


def places(rows: Any) -> list[str]:
    return [each.finding.place for each in rows]


def judge(made: Night, before: Night | None = None, *entries: Acceptance, **callers: int) -> Night:
    return judged(made, before, entries, {name.replace("_", "."): count for name, count in callers.items()}, NOW)


def earlier(*rows: Row, days: int = 1) -> Night:
    return judge(night(*rows, at=NOW - timedelta(days=days)))


def test_the_first_night_knows_nothing() -> None:
    made = judge(night(row("a")))
    assert (places(made.fresh), made.known, made.over, made.ended_at) == (["a"], [], [], NOW.isoformat())
    assert made.rows[0].since == made.rows[0].seen == made.begun_at


def test_new_known_and_over() -> None:
    before = earlier(row("a"), row("b"))
    made = judge(night(row("b"), row("c")), before)
    assert (places(made.fresh), places(made.known), places(made.over)) == (["c"], ["b"], ["a"])
    assert made.known[0].since == before.begun_at
    assert made.known[0].seen == made.begun_at


def test_another_account_of_the_pool_knows_the_same() -> None:
    made = judge(night(row("a"), account="two"), earlier(row("a")))
    assert (places(made.known), made.fresh, made.over) == (["a"], [], [])


def test_what_a_failed_part_knew_stays_known() -> None:
    before = earlier(row("a"), row("b"), days=50)
    made = judge(night(row("b"), status="failed", words=["no answer"]), before)
    assert (places(made.known), made.fresh, made.over) == (["a", "b"], [], [])
    assert {each.finding.place: each.seen for each in made.known} == {"a": before.begun_at, "b": made.begun_at}


def test_what_probes_did_not_compare_is_not_over_before_long() -> None:
    before = earlier(row("a"), row("x", operation=None))
    made = judge(night(compared=["things.list"]), before)
    assert (places(made.known), places(made.over)) == (["a"], ["x"])
    assert places(judge(night(compared=["things.list"]), earlier(row("a"), days=31)).over) == ["a"]


def test_the_file_of_accepted_drift() -> None:
    keys = {place: row(place).key for place in "abc"}
    entries = [
        Acceptance(keys["a"], "agreed", date(2026, 3, 1)),
        Acceptance(keys["b"], "for a while", date(2026, 2, 28)),
        Acceptance("0" * 16, "long gone", date(2027, 1, 1)),
    ]
    made = judge(night(row("a"), row("b"), row("c")), earlier(row("a"), row("b"), row("c")), *entries)
    assert (places(made.accepted), places(made.known)) == (["a"], ["b", "c"])
    assert (made.accepted[0].reason, made.accepted[0].until) == ("agreed", "2026-03-01")
    assert [(each.key, each.until) for each in made.expired] == [(keys["b"], "2026-02-28")]
    assert [each.reason for each in made.unknown] == ["long gone"]
    assert made.verdict == "drift"


def test_who_calls_it() -> None:
    made = judge(night(row("a"), row("b", operation="things.list"), row("c", operation=None)), things_create=2)
    assert {each.finding.place: each.callers for each in made.rows} == {"a": 2, "b": 0, "c": None}
