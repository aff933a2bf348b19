"""A night with something of everything, for tests of its reports."""

from __future__ import annotations

from typing import Any

from broker.reports.night import Entry, Night, Part, Row, ServiceScore
from contracts.drift import Finding

ACCEPTED = "agreed with the maker"
HISTORY: list[dict[str, Any]] = [
    {"begun_at": f"2026-0{month}-{day}T03:00:00+00:00", "verdict": verdict, "counts": {"breaking": count, "safe": 1}}
    for month, day, verdict, count in ((3, "01", "failed", 3), (2, "28", "drift", 1), (2, "27", "clean", 0))
]


def row(place: str, **changes: Any) -> Row:
    values: dict[str, Any] = {
        "service": "tiny",
        "operation": "things.create",
        "rule": "type-changed",
        "place": place,
        "severity": "breaking",
        "message": f"{place} is a number in the real answer",
        "before": "string",
        "after": 7,
    }
    of_row = {name: changes.pop(name) for name in list(changes) if name not in values}
    night = {"source": "probes", "account": "one", "since": "2026-03-01T03:00:00+00:00", **of_row}
    return Row(finding=Finding(**{**values, **changes}), **night)


def whole() -> Night:
    """Failed, with two new differences, one known, one accepted, one over."""
    rows = [
        row("response.200.body.a", fresh=True, callers=2),
        row("response.200.body.b", severity="risky", since="2026-02-20T03:00:00+00:00", callers=0),
        row("response.200.body.c", reason=ACCEPTED, until="2027-01-01"),
    ]
    newest = row("things.list", source="contract", account="", operation=None, severity="safe", fresh=True)
    return Night(
        id="ngt_1",
        due_at="2026-03-01T03:00:00+00:00",
        begun_at="2026-03-01T03:00:02+00:00",
        ended_at="2026-03-01T03:20:00+00:00",
        parts=[
            Part(service="tiny", source="contract", status="done", rows=[newest], more=3),
            Part(
                service="tiny", source="probes", account="one", status="done", passed=9, failed=3, skipped=1, rows=rows
            ),
            Part(service="tiny", source="probes", account="two", status="failed", words=["the account is locked"]),
            Part(service="tiny", source="observed", status="done"),
        ],
        expired=[Entry(key="0123456789abcdef", reason="until the spring", until="2026-02-28")],
        unknown=[Entry(key="fedcba9876543210", reason="long gone", until="2027-01-01")],
        over=[row("response.200.body.old")],
        fidelity=[
            ServiceScore(service="tiny", contract="1", mean=71, of=4, points={"things.create": 60, "things.list": 82})
        ],
    )
