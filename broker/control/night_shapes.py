"""JSON Schemas of what the control API says about nights and their reports."""

from __future__ import annotations

from typing import get_args

from broker.control.shapes import COUNT, MOMENT, TEXT, Schema, many, mapping, maybe, record, ref
from broker.reports.night import SOURCES, PartStatus, Verdict
from contracts.drift import SEVERITIES

_COUNTS: Schema = record(dict.fromkeys(SEVERITIES, COUNT))
_VERDICT: Schema = {"type": "string", "enum": list(get_args(Verdict))}
_SOURCE: Schema = {"type": "string", "enum": list(SOURCES)}
_STATUS: Schema = {"type": "string", "enum": list(get_args(PartStatus))}
_PART: dict[str, Schema] = {
    "service": TEXT,
    "source": {**_SOURCE, "description": "How it is found out."},
    "account": {**TEXT, "description": "Empty for a document."},
    "status": _STATUS,
    "words": {**many(TEXT), "description": "Why it could not be found out."},
}
_ROW = record(
    {
        "key": TEXT,
        "service": TEXT,
        "operation": {**maybe(TEXT), "description": "null: about more than one."},
        "rule": TEXT,
        "place": TEXT,
        "severity": {"type": "string", "enum": list(SEVERITIES)},
        "message": TEXT,
        "before": {},
        "after": {},
        "source": _SOURCE,
        "account": TEXT,
        "fresh": {"type": "boolean", "description": "The night before did not know it."},
        "since": {**TEXT, "description": "When the first night began that knew it."},
        "seen": {**TEXT, "description": "When the last night began that saw it."},
        "callers": {**maybe({"type": "integer"}), "description": "Open environments that call the operation."},
        "reason": {**TEXT, "description": "Why it may stay; empty where nobody has accepted it."},
        "until": {**TEXT, "description": "The last day on which it may."},
    },
    about="One difference.",
)
_ENTRY = record({"key": TEXT, "reason": TEXT, "until": TEXT}, about="An entry of the file of accepted drift.")

COMPONENTS: dict[str, Schema] = {
    "NightState": record(
        {
            "id": TEXT,
            "due_at": {**maybe(MOMENT), "description": "null: begun by hand."},
            "begun_at": MOMENT,
            "parts": many(record(_PART)),
        },
        about="A night that is at work, part by part.",
    ),
    "NightList": record(
        {
            "current": maybe(ref("NightState")),
            "late": {**maybe(TEXT), "description": "Why the last night says nothing any more, if that is so."},
            "items": many(
                record(
                    {
                        "id": TEXT,
                        "due_at": maybe(MOMENT),
                        "begun_at": MOMENT,
                        "ended_at": MOMENT,
                        "verdict": _VERDICT,
                        "fresh": _COUNTS,
                        "counts": _COUNTS,
                        "accepted": COUNT,
                        "failures": COUNT,
                    }
                )
            ),
        },
        about="Nights that are over, the newest first.",
    ),
    "DriftReport": record(
        {
            "night": TEXT,
            "due_at": maybe(MOMENT),
            "begun_at": MOMENT,
            "ended_at": maybe(MOMENT),
            "verdict": {**_VERDICT, "description": "failed: something could not be found out. Never a green then."},
            "since_last": {"type": "boolean"},
            "failures": many(TEXT),
            "counts": record(dict.fromkeys(("new", "known", "accepted", "over"), _COUNTS)),
            **{name: many(_ROW) for name in ("new", "known", "accepted", "over")},
            "expired": {**many(_ENTRY), "description": "Acceptances that are over, while their drift is still there."},
            "unknown": {**many(_ENTRY), "description": "Acceptances of which nothing was found."},
            "parts": many(
                record(
                    {
                        **_PART,
                        "attempts": COUNT,
                        "run": {**TEXT, "description": "The run of probes."},
                        "passed": COUNT,
                        "failed": COUNT,
                        "skipped": COUNT,
                        "more": {**COUNT, "description": "Differences that had no room."},
                        "ended_at": TEXT,
                        "counts": _COUNTS,
                    }
                )
            ),
            "fidelity": many(
                record(
                    {
                        "service": TEXT,
                        "contract": TEXT,
                        "mean": maybe(COUNT),
                        "of": COUNT,
                        "points": mapping(COUNT),
                        "against": many(TEXT),
                    }
                )
            ),
        },
        about="What the last night found out.",
    ),
}
