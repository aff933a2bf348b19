"""The chain of changes from the current version back to the one that a request names.

https://docs.stripe.com/upgrades (2026-11). Handlers make today's objects; each change puts back what its day took away.
A change leaves alone what it has done already, so the chain can run again over an answer that grew by expansion.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions import (
    before_2019_10_17,
    before_2019_12_03,
    before_2020_08_27,
    before_2022_08_01,
    before_2022_11_15,
    before_2025_03_31,
    before_2025_09_30,
)

#: What a change does with one object. The object is not changed in place.
Change = Callable[[StripeCall, Object], Awaitable[Object]]

#: (day, object -> change), newest first.
CHAIN: Sequence[tuple[str, Mapping[str, Change]]] = tuple(
    (module.BEFORE, module.CHANGES)
    for module in (
        before_2025_09_30,
        before_2025_03_31,
        before_2022_11_15,
        before_2022_08_01,
        before_2020_08_27,
        before_2019_12_03,
        before_2019_10_17,
    )
)

NEWEST = CHAIN[0][0]


async def rendered(call: StripeCall, value: Any) -> Any:
    """``value`` (an object, a list, an error's details) in the version of the call."""
    if call.version >= NEWEST:
        return value
    changes = [kinds for day, kinds in CHAIN if call.version < day]
    return await _rendered(call, value, changes)


async def _rendered(call: StripeCall, value: Any, changes: Sequence[Mapping[str, Change]]) -> Any:
    if isinstance(value, list):
        return [await _rendered(call, item, changes) for item in value]
    if not isinstance(value, dict):
        return value
    result: Object = value
    kind = value.get("object")
    if isinstance(kind, str):
        for kinds in changes:
            if kind in kinds:
                result = await kinds[kind](call, result)
    return {name: await _rendered(call, inner, changes) for name, inner in result.items()}
