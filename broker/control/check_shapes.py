"""JSON Schemas of checks of drift, and their values."""

from __future__ import annotations

from typing import Any, get_args

from broker.control.fidelity_shapes import DRIFT
from broker.control.forms import moment
from broker.control.shapes import COUNT, MOMENT, NAME_PARAMETER, TEXT, Schema, many, mapping, maybe, record, ref
from broker.reports import text
from broker.storage.drift import Run, RunStatus, Tally
from contracts.drift import SEVERITIES, worst

_SEVERITY: Schema = {"type": "string", "enum": list(SEVERITIES)}
_SUMMARY: dict[str, Schema] = {
    "id": TEXT,
    "service": TEXT,
    "account": TEXT,
    "endpoint": {**TEXT, "description": "The address that was asked."},
    "contract": {**TEXT, "description": "The contract's version at that time."},
    "probes": {**TEXT, "description": "Which scenarios, as a pattern."},
    "status": {
        "type": "string",
        "enum": list(get_args(RunStatus)),
        "description": "failed: it could not be run, or not to its end; never a green one.",
    },
    "started_at": MOMENT,
    "ended_at": maybe(MOMENT),
    "scenarios": COUNT,
    "finished": {**COUNT, "description": "Scenarios that are over."},
    "severity": {**maybe(_SEVERITY), "description": "The gravest of its findings; null without any."},
    "counts": mapping(COUNT),
    "calls": record(
        {"passed": COUNT, "failed": COUNT, "skipped": COUNT},
        about="Calls that were compared and differed in nothing but what is safe, those that differed, and those that "
        "could not be compared.",
    ),
    "errors": {**many(TEXT), "description": "Why it failed, in words."},
}
_TALLY = record({"passed": COUNT, "failed": COUNT, "skipped": COUNT})

CHECKING = record(
    {
        "account": NAME_PARAMETER,
        "service": {**TEXT, "minLength": 1, "maxLength": 63, "description": "The account's own unless said."},
        "probes": {
            **TEXT,
            "minLength": 1,
            "maxLength": 200,
            "description": "Only scenarios whose names fit: customers*",
        },
    },
    optional=("service", "probes"),
)

COMPONENTS: dict[str, Schema] = {
    "CheckSummary": record(_SUMMARY, about="A check of one service: its mock against a real account."),
    "Check": record(
        {
            **_SUMMARY,
            "findings": many(record(DRIFT)),
            "operations": mapping(_TALLY),
            "skipped": many(
                record(
                    {"scenario": TEXT, "step": COUNT, "operation": TEXT, "why": TEXT},
                    about="A call that was not compared, and why; step 0 is about the whole scenario.",
                )
            ),
        },
        about="A check with all that it found.",
    ),
    "CheckList": record({"items": many(ref("CheckSummary"))}),
}


def summary(run: Run) -> dict[str, Any]:
    """A CheckSummary."""
    tallies = run.operations.values()
    return {
        "id": run.id,
        "service": run.service,
        "account": run.account,
        "endpoint": run.endpoint,
        "contract": run.contract,
        "probes": run.probes,
        "status": run.status,
        "started_at": moment(run.started_at),
        "ended_at": None if run.ended_at is None else moment(run.ended_at),
        "scenarios": run.scenarios,
        "finished": run.finished,
        "severity": worst(run.findings),
        "counts": text.counts(run.findings),
        "calls": {name: sum(getattr(tally, name) for tally in tallies) for name in ("passed", "failed", "skipped")},
        "errors": list(run.errors),
    }


def check(run: Run) -> dict[str, Any]:
    """A Check."""
    return {
        **summary(run),
        "findings": [text.described(each) for each in run.findings],
        "operations": {name: _tally(tally) for name, tally in run.operations.items()},
        "skipped": [
            {"scenario": each.scenario, "step": each.step, "operation": each.operation, "why": each.why}
            for each in run.skipped
        ],
    }


def _tally(tally: Tally) -> dict[str, int]:
    return {"passed": tally.passed, "failed": tally.failed, "skipped": tally.skipped}
