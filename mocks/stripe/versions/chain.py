"""The chain of changes from the current version back to the one that a request names.

https://docs.stripe.com/upgrades (2026-11). Handlers make today's objects; each change puts back what its day took away.
A change leaves alone what it has done already, so the chain can run again over an answer that grew by expansion. What
was only added since is in every version: additions are not breaking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from mocks.base import Result
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.versions import (
    always,
    before_2014_01_31,
    before_2014_03_28,
    before_2014_06_13,
    before_2014_06_17,
    before_2014_12_17,
    before_2015_02_18,
    before_2015_08_19,
    before_2015_10_01,
    before_2017_04_06,
    before_2017_05_25,
    before_2018_02_05,
    before_2018_05_21,
    before_2018_07_27,
    before_2018_08_23,
    before_2018_10_31,
    before_2018_11_08,
    before_2019_02_11,
    before_2019_02_19,
    before_2019_03_14,
    before_2019_09_09,
    before_2019_10_17,
    before_2019_12_03,
    before_2020_08_27,
    before_2022_08_01,
    before_2022_11_15,
    before_2024_04_10,
    before_2025_03_31,
    before_2025_09_30,
    before_2026_03_25,
    before_2026_09_30,
    totals,
)
from mocks.stripe.versions.parameters import Around, Change, Sent

_MODULES: Sequence[ModuleType] = (
    before_2026_09_30,
    before_2026_03_25,
    before_2025_09_30,
    before_2025_03_31,
    before_2024_04_10,
    before_2022_11_15,
    before_2022_08_01,
    before_2020_08_27,
    before_2019_12_03,
    before_2019_10_17,
    before_2019_09_09,
    before_2019_03_14,
    before_2019_02_19,
    before_2019_02_11,
    before_2018_11_08,
    before_2018_10_31,
    before_2018_08_23,
    before_2018_07_27,
    before_2018_05_21,
    before_2018_02_05,
    before_2017_05_25,
    before_2017_04_06,
    before_2015_10_01,
    before_2015_08_19,
    before_2015_02_18,
    before_2014_12_17,
    before_2014_06_17,
    before_2014_06_13,
    before_2014_03_28,
    before_2014_01_31,
)

#: (day, object -> change), newest first.
CHAIN: Sequence[tuple[str, Mapping[str, Change]]] = tuple((module.BEFORE, module.CHANGES) for module in _MODULES)

#: (day, operation -> change of its parameters), oldest first: requests go the other way.
SENT: Sequence[tuple[str, Mapping[str, Sent]]] = tuple(
    (module.BEFORE, module.SENT) for module in reversed(_MODULES) if hasattr(module, "SENT")
)

#: (day, operation -> what was done around it).
CALLS: Sequence[tuple[str, Mapping[str, Around]]] = tuple(
    (module.BEFORE, module.CALLS) for module in _MODULES if hasattr(module, "CALLS")
)

#: The first version whose answers are today's.
NEWEST = next(day for day, changes in CHAIN if changes)


async def carried_out(call: StripeCall, handler: StripeHandler) -> Result:
    """What the handler answers, with what the call's version did around it."""
    arounds = [kinds[call.operation.id] for day, kinds in CALLS if call.version < day and call.operation.id in kinds]
    if call.operation.id in always.CALLS and call.request.original is not None:
        arounds.append(always.CALLS[call.operation.id])
    if call.version < totals.BEFORE and totals.asked(call.operation, call.request.original or call.request):
        arounds.append(totals.counted)
    for around in arounds:
        handler = _inside(around, handler)
    return await handler(call)


def _inside(around: Around, handler: StripeHandler) -> StripeHandler:
    return lambda call: around(call, handler)


async def rendered(call: StripeCall, value: Any, version: str | None = None) -> Any:
    """``value`` (an object, a list, an error's details) in a version: the call's, unless another is named."""
    version = version or call.version
    return value if version >= NEWEST else await _rendered(call, value, _changes(version[:10]))


@cache
def _changes(day: str) -> Mapping[str, Sequence[Change]]:
    """Object -> what is done to it in a version of that day, in order."""
    found: dict[str, list[Change]] = {}
    for before, kinds in CHAIN:
        if day < before:
            for kind, change in kinds.items():
                found.setdefault(kind, []).append(change)
    return found


def enveloped(event: Object) -> Object:
    """An event in its own version. What it holds was rendered when it happened, and stays so:
    docs.stripe.com/webhooks/versioning. The real provider's own may name none ("nullable" in the contract)."""
    version = event.get("api_version")
    return before_2017_05_25.event(event) if version and version < before_2017_05_25.BEFORE else event


async def _rendered(call: StripeCall, value: Any, changes: Mapping[str, Sequence[Change]]) -> Any:
    if isinstance(value, list):
        return [await _rendered(call, item, changes) for item in value]
    if not isinstance(value, dict):
        return value
    result: Object = value
    kind = value.get("object")
    if kind == "event":
        return enveloped(value)
    if isinstance(kind, str):
        for change in changes.get(kind, ()):
            result = await change(call, result)
    return {name: await _rendered(call, inner, changes) for name, inner in result.items()}
