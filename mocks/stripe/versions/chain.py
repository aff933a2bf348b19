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

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions import (
    before_2019_02_11,
    before_2019_03_14,
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
)
from mocks.stripe.versions.parameters import Change, Sent

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
    before_2019_03_14,
    before_2019_02_11,
)

#: (day, object -> change), newest first.
CHAIN: Sequence[tuple[str, Mapping[str, Change]]] = tuple((module.BEFORE, module.CHANGES) for module in _MODULES)

#: (day, operation -> change of its parameters), oldest first: requests go the other way.
SENT: Sequence[tuple[str, Mapping[str, Sent]]] = tuple(
    (module.BEFORE, module.SENT) for module in reversed(_MODULES) if hasattr(module, "SENT")
)

#: The first version whose answers are today's.
NEWEST = next(day for day, changes in CHAIN if changes)


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


async def _rendered(call: StripeCall, value: Any, changes: Mapping[str, Sequence[Change]]) -> Any:
    if isinstance(value, list):
        return [await _rendered(call, item, changes) for item in value]
    if not isinstance(value, dict):
        return value
    result: Object = value
    kind = value.get("object")
    if kind == "event":
        # What an event holds was rendered when it happened, and stays so: docs.stripe.com/webhooks/versioning.
        return value
    if isinstance(kind, str):
        for change in changes.get(kind, ()):
            result = await change(call, result)
    return {name: await _rendered(call, inner, changes) for name, inner in result.items()}
