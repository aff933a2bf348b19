"""Expectations: what tests declared up front, and how it stands with it; and what happened that nobody expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from broker.storage.base import EnvironmentStore, Expectation
from broker.verification import asking
from broker.verification.asking import KINDS, Wanted
from broker.verification.searching import Tally, Thing, things
from broker.verification.verdicts import misses, summary, told

#: Expectations of one environment.
MOST = 1000
#: Unexpected exchanges that are told.
_UNEXPECTED = 50

#: ``violated``: it happened too often, and nothing to come can help; ``unmet``: not often enough yet.
Stand = Literal["met", "unmet", "violated"]


def wanted(expectation: Expectation) -> Wanted:
    """What an expectation looks for: in its own scope, since it was declared."""
    found = asking.read(expectation.wanted)
    return Wanted(found.kind, found.match, found.count, expectation.scope or None, expectation.since)


def stand(tally: Tally) -> Stand:
    """How it stands with what was tallied."""
    return "met" if tally.ok else "violated" if tally.too_many else "unmet"


@dataclass(slots=True)
class Survey:
    """All expectations of a scope, tallied together."""

    tallies: list[tuple[Expectation, Tally]]
    #: Exchanges that no expectation covers: the newest, and how many.
    unexpected: list[Thing] = field(default_factory=list)
    surplus: int = 0


async def surveyed(
    store: EnvironmentStore,
    expectations: Sequence[Expectation],
    *,
    scope: str | None,
    since: datetime | None = None,
    strict: bool = False,
) -> Survey:
    """Each kind is looked through once. ``strict``: exchanges of the scope that nothing covers are collected, too;
    those since ``since``, or else since the first expectation."""
    survey = Survey([(one, Tally(wanted(one))) for one in expectations])
    begins = [one.since for one in expectations]
    first = since or (min(begins) if begins else None)
    for kind in KINDS:
        tallies = [tally for _, tally in survey.tallies if tally.wanted.kind == kind]
        looking = strict and kind == "exchanges"
        if not tallies and not looking:
            continue
        starts = [one.since for one, tally in survey.tallies if tally.wanted.kind == kind]
        start = min([*starts, first] if first is not None else starts, default=None)
        async for thing in things(store, kind, scope=scope, since=start):
            covered = [tally.offer(thing) for tally in tallies]
            if not looking or any(covered) or (first is not None and thing.at < first):
                continue
            if scope is None or thing.plain("scope") == scope:
                survey.surplus += 1
                if len(survey.unexpected) < _UNEXPECTED:
                    survey.unexpected.append(thing)
    return survey


def shown(expectation: Expectation, tally: Tally, near: Sequence[Any] = ()) -> dict[str, Any]:
    """An expectation with its stand, in the control API's shape."""
    found = told(tally, near)
    return {
        "id": expectation.id,
        "name": expectation.name,
        "scope": expectation.scope,
        "state": stand(tally),
        "match": dict(tally.wanted.match.said),
        "since": expectation.since.isoformat(),
        **{name: value for name, value in found.items() if name != "ok"},
    }


async def judged(store: EnvironmentStore, survey: Survey, *, strict: bool) -> dict[str, Any]:
    """The survey in the control API's shape: near misses for what is unmet, and all of it in words."""
    expectations = [shown(expectation, tally, await misses(store, tally)) for expectation, tally in survey.tallies]
    failed = [one for one in expectations if one["state"] != "met"]
    lines = [f"{len(expectations) - len(failed)} of {len(expectations)} expectations are met"]
    lines += [f"{one['state']}: {one['name'] or one['id']}: {one['message']}" for one in failed]
    found: dict[str, Any] = {"ok": not failed and not survey.surplus, "expectations": expectations}
    if strict:
        found |= unmatched(survey)
        if survey.surplus:
            lines.append(f"{survey.surplus} exchanges that nothing expects:")
            lines += [f"  {one['id']}  {one['summary']}" for one in found["unmatched"][:10]]
    return {**found, "message": "\n".join(lines)}


def unmatched(survey: Survey) -> dict[str, Any]:
    """What nobody expected."""
    return {
        "unmatched_count": survey.surplus,
        "unmatched": [{"id": thing.id, "summary": summary("exchanges", thing.document)} for thing in survey.unexpected],
    }


def plan(asked: Mapping[str, Any], expectation_id: str, now: datetime) -> Expectation:
    """From a body whose shape was checked; raises InvalidInput for a match that says nothing."""
    found = asking.read(asked)
    return Expectation(
        id=expectation_id,
        scope=asked.get("scope") or "",
        name=asked.get("name") or "",
        wanted=found.said,
        since=found.since or now,
        created_at=now,
    )
