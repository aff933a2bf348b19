"""Shape-true answers of an AWS service model, the same for the same arguments."""

from __future__ import annotations

import hashlib
from typing import Any

from contracts.aws_model import Shape, Side
from contracts.contract import Params

_DEPTH = 6


def example(side: Side | None, params: Params, seed: int) -> dict[str, Any]:
    """A value of ``side``: what the parameters name is repeated, the rest is made up from ``seed``."""
    if side is None:
        return {}
    made: dict[str, Any] = {}
    for member in side.shape.members:
        if member.streaming or member.shape.event_stream:
            continue
        given = params.get(member.name)
        if given is not None and _same_type(member.shape, given):
            made[member.name] = given
        elif member.location == "body" or member.name in side.shape.required:
            made[member.name] = _value(member.shape, member.name, seed, 0)
    return made


def _same_type(shape: Shape, given: Any) -> bool:
    allowed = shape.enum is None or given in shape.enum
    return (shape.type == "string" and isinstance(given, str) and allowed) or (
        shape.type in ("integer", "long") and isinstance(given, int)
    )


def _value(shape: Shape, name: str, seed: int, depth: int) -> Any:
    kind = shape.type
    if kind == "structure":
        members = [m for m in shape.members if m.name in shape.required or depth < _DEPTH]
        return {m.name: _value(m.shape, m.name, seed, depth + 1) for m in members}
    if kind == "list":
        return [_value(shape.element.shape, name, seed, depth + 1)] if shape.element and depth < _DEPTH else []
    if kind == "map":
        return {}
    if kind == "timestamp":
        return f"2026-01-{1 + seed % 28:02d}T00:00:00.000Z"
    if kind == "boolean":
        return False
    if kind in ("integer", "long"):
        return max(shape.minimum or 0, 1)
    digest = hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
    if kind == "blob":
        return digest.encode()
    return (
        min(shape.enum)
        if shape.enum
        else f"{name.lower()}-{digest}"[: shape.maximum or 24].ljust(shape.minimum or 0, "0")
    )
