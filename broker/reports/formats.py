"""A report of a night in every format that there is, by its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from broker.reports import comment, html, machines
from broker.reports.night import Report, counts, described


def value(report: Report) -> dict[str, Any]:
    """The whole report as a JSON value. Without what was known before, when only news are asked for."""
    night = report.night
    groups = {"new": night.fresh, "known": night.known, "accepted": night.accepted, "over": night.over}
    if report.since_last:
        groups = {"new": night.fresh, "known": (), "accepted": (), "over": ()}
    parts = [asdict(part) for part in night.parts]
    for part, found in zip(parts, night.parts, strict=True):
        part["counts"] = counts(found.rows)
        del part["rows"], part["compared"]
    return {
        "night": night.id,
        "due_at": night.due_at or None,
        "begun_at": night.begun_at,
        "ended_at": night.ended_at or None,
        "verdict": report.verdict,
        "since_last": report.since_last,
        "failures": list(report.failures),
        "counts": {name: counts(rows) for name, rows in groups.items()},
        **{name: [described(row) for row in rows] for name, rows in groups.items()},
        "expired": [asdict(each) for each in night.expired],
        "unknown": [] if report.since_last else [asdict(each) for each in night.unknown],
        "parts": parts,
        "fidelity": [asdict(each) for each in night.fidelity],
    }


def _json(report: Report, fail_on: str, version: str) -> str:
    return json.dumps(value(report), indent=2, ensure_ascii=False, default=list) + "\n"


def _html(report: Report, fail_on: str, version: str) -> str:
    return html.page(report)


def _markdown(report: Report, fail_on: str, version: str) -> str:
    return comment.markdown(report)


def _accepted(report: Report) -> Mapping[str, str]:
    return {row.key: f"accepted until {row.until}: {row.reason}" for row in report.night.accepted}


def _junit(report: Report, fail_on: str, version: str) -> str:
    rows = [*report.rows, *(() if report.since_last else report.night.accepted)]
    found, accepted = [row.finding for row in rows], _accepted(report)
    failing = machines.failing(fail_on)
    return machines.junit(report.title, found, failing, errors=report.failures, accepted=accepted)


def _sarif(report: Report, fail_on: str, version: str) -> str:
    rows = [*report.rows, *(() if report.since_last else report.night.accepted)]
    fresh = {row.key for row in rows if row.fresh}
    found, accepted = [row.finding for row in rows], _accepted(report)
    return machines.sarif(report.title, found, version, errors=report.failures, accepted=accepted, fresh=fresh)


#: Media type and renderer of each format: the report, what fails a build, this software's version.
FORMATS: Mapping[str, tuple[str, Callable[[Report, str, str], str]]] = {
    "json": ("application/json", _json),
    "html": ("text/html", _html),
    "markdown": ("text/markdown", _markdown),
    "junit": ("application/xml", _junit),
    "sarif": ("application/sarif+json", _sarif),
}
