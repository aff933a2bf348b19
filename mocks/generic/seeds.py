"""Objects that exist from the start: what the policy lists under ``options.seed_data``, by resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from contracts import generate
from contracts.contract import ResourceShape
from contracts.openapi import OpenApiContract
from contracts.resources import singular
from mocks.base import Call, ServiceError
from mocks.generic.roles import roles

OPTION: Final = "seed_data"
_KIND: Final = "generic.seeded"
_MOST: Final = 1_000


def fault(contract: OpenApiContract, seeds: Any) -> str | None:
    """What is wrong with seeds, in words; None when nothing is."""
    try:
        list(_objects(contract, seeds))
    except ServiceError as wrong:
        return wrong.message
    return None


async def plant(call: Call, contract: OpenApiContract) -> None:
    """Put the seeds into an environment that has not had them yet."""
    if await call.state.get(_KIND, "done") is not None:
        return
    await call.state.put(_KIND, "done", {"done": True})
    for number, (shape, parents, sent) in enumerate(_objects(contract, call.options[OPTION])):
        operation = shape.operations.get("retrieve") or shape.operations.get("create")
        schema = None if operation is None else contract.response_schema(operation)
        made = dict(sent) if schema is None else generate.example(schema, contract.schemas, given=sent, now=call.now)
        record = {**sent, **(made if isinstance(made, Mapping) else {})}
        record.setdefault(shape.id_field, f"seed-{number + 1}")
        key = "/".join([*parents, str(record[shape.id_field])])
        await call.state.put(shape.name, key, record, dict(zip(shape.parents, parents, strict=True)) or None)


def _objects(contract: OpenApiContract, seeds: Any) -> Iterator[tuple[ResourceShape, list[str], Mapping[str, Any]]]:
    """Every object with its resource and its parents' ids. Raises ServiceError."""
    if not isinstance(seeds, Mapping):
        raise _wrong("must name lists of objects by resource")
    kept = {role.shape.name: role.shape for role in roles(contract).values()}
    count = 0
    for name, objects in seeds.items():
        shape = _shape(kept, str(name))
        if not isinstance(objects, list) or not all(isinstance(one, Mapping) for one in objects):
            raise _wrong(f"{name} must be a list of objects")
        for one in objects:
            count += 1
            if count > _MOST:
                raise _wrong(f"has more than {_MOST} objects")
            if missing := [parent for parent in shape.parents if parent not in one]:
                raise _wrong(f"{name}: an object must say which {', '.join(missing)} it belongs to")
            yield shape, [str(one[parent]) for parent in shape.parents], one


def _shape(kept: Mapping[str, ResourceShape], name: str) -> ResourceShape:
    wanted = singular(name)
    found = kept.get(name) or kept.get(wanted)
    alike = [shape for known, shape in kept.items() if known.rpartition(".")[2] in (name, wanted)]
    if found is None and len(alike) != 1:
        raise _wrong(f"{name} is none of the resources that are kept: {', '.join(sorted(kept)) or 'none'}")
    return found or alike[0]


def _wrong(words: str) -> ServiceError:
    return ServiceError(400, "invalid_seeds", f"options.{OPTION} {words}")
