"""Whether something is as it was wanted, and if it is not, what came nearest and why that is not it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broker.storage.base import EnvironmentStore
from broker.verification.asking import Kind, Wanted
from broker.verification.conditions import Difference
from broker.verification.searching import Tally, Thing, tallied, things
from broker.verification.views import doubts

#: Near misses that are told, and things that are looked at for them, the newest.
_MISSES, _CANDIDATES = 3, 500
#: Differences of a near miss, and ids of what was found, that are told.
_DIFFERENCES, _IDS = 10, 100


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Something that does not match, with the share of what was asked for that it has."""

    thing: Thing
    kind: Kind
    score: float
    differences: Sequence[Difference]


async def verdict(store: EnvironmentStore, wanted: Wanted) -> dict[str, Any]:
    """The answer to a verification, in the control API's shape."""
    tally = await tallied(store, wanted)
    return told(tally, await misses(store, tally))


async def misses(store: EnvironmentStore, tally: Tally) -> Sequence[NearMiss]:
    """What comes nearest to a match, where too few things match."""
    wanted = tally.wanted
    if tally.count >= wanted.count.least:
        return ()
    found: list[NearMiss] = []
    looked = 0
    async for thing in things(store, wanted.kind, scope=wanted.scope, since=wanted.since):
        if (wanted.since is not None and thing.at < wanted.since) or (
            wanted.scope is not None and thing.plain("scope") != wanted.scope
        ):
            continue
        differences = wanted.match.differences(thing.document)
        if differences:
            found.append(NearMiss(thing, wanted.kind, wanted.match.score(differences), differences))
            found.sort(key=lambda miss: -miss.score)
            del found[_MISSES:]
        looked += 1
        if looked >= _CANDIDATES:
            break
    return found


def told(tally: Tally, near: Sequence[NearMiss] = ()) -> dict[str, Any]:
    """A tally in the control API's shape, and in words."""
    wanted = tally.wanted
    found: dict[str, Any] = {
        "ok": tally.ok,
        "kind": wanted.kind,
        "count": tally.count,
        "wanted": wanted.count.said,
        "found": [thing.id for thing in tally.found[:_IDS]],
        "near_misses": [_miss(miss) for miss in near],
    }
    return {**found, "message": message(found, tally)}


def _miss(miss: NearMiss) -> dict[str, Any]:
    return {
        "id": miss.thing.id,
        "summary": summary(miss.kind, miss.thing.document),
        "score": miss.score,
        "differences": [_difference(miss, one) for one in miss.differences[:_DIFFERENCES]],
    }


def _difference(miss: NearMiss, one: Difference) -> dict[str, Any]:
    found = {"place": one.place, "expected": one.expected, "actual": one.actual, "message": one.message}
    doubt = doubts(miss.thing.document, one.place, one.actual) if miss.kind == "exchanges" else None
    return found if doubt is None else {**found, "message": f"{one.message} ({doubt})"}


def summary(kind: Kind, document: Mapping[str, Any]) -> str:
    """A thing in one line."""
    one = document
    if kind == "exchanges":
        return f"{one['method']} {one['path'][:200]} {one['status']} ({one['service']}, {one['operation']})"
    if kind == "mails":
        return f"mail to {', '.join(one['recipients'][:5])}: {str(one.get('subject'))[:100]}"
    if kind == "events":
        return f"{one['type']} ({one['service']})"
    return f"{one['type']} to {one['target'][:200]}: {one['status']} after {one['attempts']} attempts"


def message(found: Mapping[str, Any], tally: Tally) -> str:
    """The verdict for people."""
    kind = str(found["kind"])
    lines = [f"expected {tally.wanted.count.words} of the {kind} to match, found {found['count']}"]
    if found["ok"]:
        return lines[0]
    if tally.too_many:
        lines += [f"  {thing.id}  {summary(tally.wanted.kind, thing.document)}" for thing in tally.found[:5]]
    elif not found["near_misses"]:
        lines.append(f"  there are no other {kind} to compare with")
    for miss in found["near_misses"]:
        lines.append(f"  near miss {miss['id']} ({miss['score']:.0%})  {miss['summary']}")
        lines += [f"    {difference['message']}" for difference in miss["differences"]]
    return "\n".join(lines)
