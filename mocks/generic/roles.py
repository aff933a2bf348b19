"""Which part each operation of a contract plays for a resource."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from contracts.contract import Contract, Operation, Params, ResourceShape

_PARAMETER: Final = re.compile(r"\{([^}]+)\}")

#: ``act`` is anything else that is done below one object (``POST /things/{id}/cancel``).
Deed = Literal["create", "retrieve", "update", "delete", "list", "act"]
_DEEDS: Final[tuple[Literal["create", "retrieve", "update", "delete", "list"], ...]] = (
    "create",
    "retrieve",
    "update",
    "delete",
    "list",
)


@dataclass(frozen=True, slots=True)
class Role:
    """What an operation does to which resource. ``parent`` is the resource that the first part of a
    nested path addresses, when it is kept too."""

    shape: ResourceShape
    deed: Deed
    parent: ResourceShape | None = None


def roles(contract: Contract) -> Mapping[Operation, Role]:
    """The operations of ``contract`` that work on something kept; the others are answered from the contract
    alone. A resource is kept when it can be made, or when it is always there and can be changed."""
    kept = [shape for shape in contract.resources().values() if _kept(shape)]
    by_path = {_blank(path): shape for shape in kept if (path := item_path(shape))}
    by_name = {shape.name: shape for shape in kept}
    found: dict[Operation, Role] = {}
    for shape in kept:
        for deed in _DEEDS:
            if deed in shape.operations:
                operation = shape.operations[deed]
                found[operation] = Role(shape, deed, _parent(operation, by_path))
    for operation in contract.operations().values():
        if operation not in found and (role := _further(operation, by_path, by_name)):
            found[operation] = role
    return found


def _kept(shape: ResourceShape) -> bool:
    if shape.id_parameter is None and "list" not in shape.operations:
        return "retrieve" in shape.operations and "update" in shape.operations
    return "create" in shape.operations


def item_path(shape: ResourceShape) -> str | None:
    """Where one object of ``shape`` stands; None when objects cannot be addressed."""
    if shape.id_parameter is None:
        return None
    for action in ("retrieve", "update", "delete"):
        if action in shape.operations:
            return shape.operations[action].path
    return None


def _blank(path: str) -> str:
    return _PARAMETER.sub("{}", path)


def _parent(operation: Operation, by_path: Mapping[str, ResourceShape]) -> ResourceShape | None:
    """The nearest kept object above the operation's own place."""
    path = _blank(operation.path).rpartition("/")[0]
    while path:
        if path in by_path and "{}" in path:
            return by_path[path]
        path = path.rpartition("/")[0]
    return None


def _further(
    operation: Operation, by_path: Mapping[str, ResourceShape], by_name: Mapping[str, ResourceShape]
) -> Role | None:
    """The role of an operation that no resource names: a second way to update, a list below a parent, an act."""
    path = _blank(operation.path)
    if path in by_path:
        return Role(by_path[path], "update") if operation.method in ("PUT", "PATCH", "POST") else None
    parent = _parent(operation, by_path)
    named = by_name.get(operation.resource or "")
    if named is not None and operation.action == "list" and not named.parents:
        return Role(named, "list", parent)
    return Role(parent, "act") if parent is not None else None


def path_values(operation: Operation, params: Params) -> Sequence[str]:
    """The path parameters of a call in the order of the path: parents first, the object's own id last."""
    return [str(params.path[name]) for name in _PARAMETER.findall(operation.path)]
