"""JSON Schemas of what is known of drift and of fidelity, and their values."""

from __future__ import annotations

from typing import Any

from broker.control.forms import moment
from broker.control.shapes import ANYTHING, COUNT, MOMENT, TEXT, Schema, many, maybe, record, ref
from broker.fidelity import Fidelities, Score
from broker.reports import text
from broker.storage.drift import Observed
from contracts.drift import SEVERITIES

_POINTS: Schema = {"type": "integer", "minimum": 0, "maximum": 100}
_PART: Schema = {"type": "number", "minimum": 0, "maximum": 100}

#: One difference, as broker.reports.text.described gives it.
DRIFT: dict[str, Schema] = {
    "key": {**TEXT, "description": "The same whenever the same difference is found again."},
    "service": TEXT,
    "operation": maybe(TEXT),
    "operations": many(TEXT),
    "rule": TEXT,
    "place": TEXT,
    "severity": {"type": "string", "enum": list(SEVERITIES)},
    "message": TEXT,
    "before": {"description": "The contract's or the mock's side, in a short fact."},
    "after": {"description": "The other side."},
}

_SCORE: dict[str, Schema] = {
    "operation": TEXT,
    "score": {**maybe(_POINTS), "description": "null: nothing was measured."},
    "contract": {**maybe(_PART), "description": "Points of the mock's answers that were held against the contract."},
    "probes": {**maybe(_PART), "description": "Points of the newest comparison by probes."},
    "passive": {**maybe(_PART), "description": "Points of real answers in passing."},
    "measured_at": {**maybe(MOMENT), "description": "The newest evidence."},
    "evidence": record(
        {
            "checked": COUNT,
            "broken": COUNT,
            "passed": COUNT,
            "failed": COUNT,
            "answers": COUNT,
            "observed": COUNT,
        },
        about="The mock's answers and those that broke the contract, comparisons by probes, real answers and the kinds "
        "of difference that they showed.",
    ),
}

COMPONENTS: dict[str, Schema] = {
    "Observed": record(
        {**DRIFT, "count": COUNT, "first_at": MOMENT, "last_at": MOMENT, "example": ANYTHING},
        about="A difference between real answers and their contract, seen in passing.",
    ),
    "ObservedList": record({"items": many(ref("Observed"))}),
    "Forgotten": record({"forgotten": COUNT}),
    "Fidelity": record(
        {
            "service": TEXT,
            "contract": TEXT,
            "mean": {**maybe(_POINTS), "description": "Of the operations that have a score."},
            "measured": COUNT,
            "operations": COUNT,
            "measured_at": maybe(MOMENT),
            "against": many(TEXT),
            "items": {
                **many(record(_SCORE)),
                "description": "By operation; in a list of services only those measured.",
            },
        },
        about="How true a service's mock is.",
    ),
    "FidelityList": record({"items": many(ref("Fidelity"))}),
}


def observed(one: Observed) -> dict[str, Any]:
    """An Observed."""
    return {
        **text.described(one.finding),
        "count": one.count,
        "first_at": moment(one.first_at),
        "last_at": moment(one.last_at),
        "example": dict(one.example),
    }


def fidelity(found: Fidelities, *, all_: bool = True) -> dict[str, Any]:
    """A Fidelity; without ``all_`` what has no score is only counted."""
    return {
        "service": found.service,
        "contract": found.contract,
        "mean": found.mean,
        "measured": found.measured,
        "operations": len(found.operations),
        "measured_at": None if found.measured_at is None else moment(found.measured_at),
        "against": list(found.against),
        "items": [_score(name, each) for name, each in found.operations.items() if all_ or each.points is not None],
    }


def _score(name: str, found: Score) -> dict[str, Any]:
    evidence = found.evidence
    return {
        "operation": name,
        "score": found.points,
        "contract": _rounded(found.contract),
        "probes": _rounded(found.probes),
        "passive": _rounded(found.passive),
        "measured_at": None if found.measured_at is None else moment(found.measured_at),
        "evidence": {
            "checked": evidence.checked,
            "broken": evidence.broken,
            "passed": evidence.passed,
            "failed": evidence.failed,
            "answers": evidence.answers,
            "observed": len(evidence.observed),
        },
    }


def _rounded(points: float | None) -> float | None:
    return None if points is None else round(points, 1)
