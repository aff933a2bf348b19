"""A night is written as JSON and read again, and counts each difference once."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from broker.reports.night import (
    ADVICE,
    SOURCES,
    Entry,
    Night,
    Part,
    Row,
    ServiceScore,
    counts,
    described,
    figures,
    read,
)
from contracts.drift import Finding


def row(place: str = "a", **changes: Any) -> Row:
    severity = changes.pop("severity", "breaking")
    operation = changes.pop("operation", "things.create")
    finding = Finding(
        service="tiny",
        operation=operation,
        rule="type-changed",
        place=place,
        severity=severity,
        message=f"{place} is a number",
        before=["string"],
    )
    return Row(**{"finding": finding, "source": "probes", "account": "one", **changes})


def night(*rows: Row, **changes: Any) -> Night:
    part = Part(service="tiny", source="probes", account="one", status="done", rows=rows)
    return Night(**{"id": "ngt_1", "begun_at": "2026-03-01T03:00:00+00:00", "parts": [part], **changes})


def test_it_is_read_as_it_was_written() -> None:
    made = night(
        row(),
        ended_at="2026-03-01T03:10:00+00:00",
        expired=[Entry(key="0" * 16, reason="known", until="2026-02-01")],
        over=[row("b")],
        fidelity=[ServiceScore(service="tiny", contract="1", mean=80, of=3, points={"things.create": 80})],
    )
    written = orjson.dumps(made)
    again = read(orjson.loads(written))
    assert orjson.dumps(again) == written
    assert (again.rows[0].key, again.over, again.fidelity[0].points) == (row().key, made.over, {"things.create": 80})


def test_rows_are_grouped_by_what_is_said_of_them() -> None:
    made = night(row("a", fresh=True), row("b"), row("c", reason="agreed", until="2027-01-01"), row("d", fresh=True))
    assert [[each.finding.place for each in group] for group in (made.fresh, made.known, made.accepted)] == [
        ["a", "d"],
        ["b"],
        ["c"],
    ]
    assert counts(made.counted) == {"breaking": 3, "risky": 0, "safe": 0}
    assert (figures(made.counted), figures([])) == ("3 breaking", "none")


def test_the_gravest_and_the_most_called_come_first() -> None:
    made = night(row("a", severity="safe"), row("b"), row("c", callers=2), row("d", severity="risky", callers=9))
    assert [each.finding.place for each in made.rows] == ["c", "b", "d", "a"]


def test_a_difference_at_two_accounts_is_one() -> None:
    parts = [
        Part(service="tiny", source="probes", account=name, status="done", rows=[row(account=name)])
        for name in ("one", "two", "one")
    ]
    [only] = night(parts=parts).rows
    assert only.account == "one, two"


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "clean"),
        ({"errors": ["nothing was compared"]}, "failed"),
        ({"parts": [Part(service="tiny", source="observed", status="failed", words=["no"], rows=[row()])]}, "failed"),
        ({"parts": [Part(service="tiny", source="observed", status="done", rows=[row(severity="safe")])]}, "drift"),
        ({"parts": [Part(service="tiny", source="observed", status="done", rows=[row(reason="ok")])]}, "clean"),
    ],
)
def test_the_verdict(changes: dict[str, Any], verdict: str) -> None:
    assert night(**changes).verdict == verdict


def test_failures_name_their_part() -> None:
    failed = Part(service="tiny", source="probes", account="one", status="failed", words=["refused", "twice"])
    assert night(parts=[failed], errors=["unreadable"]).failures == ["unreadable", "tiny probes at one: refused; twice"]


def test_a_row_as_json_has_the_findings_members_and_its_key() -> None:
    shown = described(row(callers=1))
    assert (shown["key"], shown["place"], shown["callers"]) == (row().key, "a", 1)
    assert "finding" not in shown


def test_there_is_advice_for_every_source() -> None:
    assert set(ADVICE) == set(SOURCES)
