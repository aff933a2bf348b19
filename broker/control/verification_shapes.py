"""JSON Schemas of verifications and expectations."""

from __future__ import annotations

from broker.control.shapes import ANYTHING, COUNT, ID_PARAMETER, MOMENT, SCOPE, TEXT, Schema, many, record
from broker.control.shapes import ref as ref
from broker.verification.asking import KINDS, MOST

_TIMES: Schema = {"type": "integer", "minimum": 0, "maximum": MOST}
_KIND: Schema = {"type": "string", "enum": list(KINDS)}
_SINCE: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 40,
    "description": "Only what is not older, by the server's clock: 2026-11-27T18:00:00Z. Of an expectation: now.",
}
_ASKED: dict[str, Schema] = {
    "kind": _KIND,
    "match": {
        "type": "object",
        "description": "Places and what is expected there; /_broker/match.schema.json has the language. "
        "Without one everything matches.",
    },
    "count": {
        "description": "How often: a number is exactly that often; at least once unless said.",
        "anyOf": [
            _TIMES,
            {
                "type": "object",
                "properties": dict.fromkeys(("exactly", "at_least", "at_most"), _TIMES),
                "additionalProperties": False,
                "minProperties": 1,
            },
        ],
    },
    "scope": {**SCOPE, "description": "Only what is of this scope: see Broker-Scope."},
    "since": _SINCE,
}
_FREE = ("match", "count", "scope", "since")

#: Seconds that a request may wait.
LONGEST = 60

VERIFYING = record(_ASKED, optional=_FREE)
WAITING = record(
    {
        **_ASKED,
        "timeout": {"type": "number", "minimum": 0, "maximum": LONGEST, "description": "Seconds, 10 unless said."},
    },
    optional=(*_FREE, "timeout"),
)
EXPECTING = record(
    {**_ASKED, "name": {**TEXT, "maxLength": 200, "description": "What people call it."}}, optional=(*_FREE, "name")
)
JUDGING = record(
    {
        "scope": _ASKED["scope"],
        "since": {**_SINCE, "description": "For strict: exchanges since then, or else since the first expectation."},
        "strict": {"type": "boolean", "description": "An exchange that no expectation covers is a failure, too."},
    },
    optional=("scope", "since", "strict"),
)

_DIFFERENCE = record({"place": TEXT, "expected": {}, "actual": {}, "message": TEXT})
_MISS = record(
    {
        "id": TEXT,
        "summary": TEXT,
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "differences": many(_DIFFERENCE),
    },
    about="What came near, with the share of what was asked for that it has.",
)
_FOUND: dict[str, Schema] = {
    "kind": _KIND,
    "count": COUNT,
    "wanted": ANYTHING,
    "found": many(TEXT),
    "near_misses": many(_MISS),
    "message": TEXT,
}
_UNMATCHED: dict[str, Schema] = {
    "unmatched_count": COUNT,
    "unmatched": many(record({"id": TEXT, "summary": TEXT})),
}

COMPONENTS: dict[str, Schema] = {
    "Verification": record(
        {"ok": {"type": "boolean"}, **_FOUND},
        about="Whether it is so; `found` are ids of what matches, the newest hundred; `message` is all of it in words.",
    ),
    "Expectation": record(
        {
            "id": TEXT,
            "name": TEXT,
            "scope": TEXT,
            "state": {"type": "string", "enum": ["met", "unmet", "violated"]},
            "match": ANYTHING,
            "since": MOMENT,
            **_FOUND,
        }
    ),
    "ExpectationList": record({"items": many(ref("Expectation"))}),
    "Judgement": record(
        {"ok": {"type": "boolean"}, "expectations": many(ref("Expectation")), **_UNMATCHED, "message": TEXT},
        optional=("unmatched_count", "unmatched"),
    ),
    "Unmatched": record(_UNMATCHED, about="Exchanges that no expectation covers, the newest 50."),
}

SINCE_PARAMETER: Schema = {**ID_PARAMETER, "maxLength": 40}
