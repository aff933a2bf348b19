"""Two contracts of a big API compared as a whole: the installed one, and a copy of it that was changed in many places.

Reading both is part of the time, as it is for who asks ``broker contracts diff``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

import orjson

from bench.results import Result
from bench.windows import Failed
from contracts import library
from contracts.diff import Diff, diff

if TYPE_CHECKING:
    from bench.measure import Bench

#: Every so many places are changed.
_EVERY = 25
#: Seconds that the comparison of a whole big API may take.
_PROMISE = 10.0


def diffing(bench: Bench) -> Iterator[Result]:
    """See the module."""
    for name in ("stripe", "s3"):
        files = {path.name: path.read_bytes() for path in sorted(library.folder(name).iterdir()) if path.is_file()}
        yield _measured(name, files, changed(files), bench.size.rounds)


def _measured(name: str, before: Mapping[str, bytes], after: Mapping[str, bytes], rounds: int) -> Result:
    read, compared = [], []
    found: Diff | None = None
    for _ in range(rounds):
        begun = time.perf_counter()
        contracts = [library.open_files(files) for files in (before, after)]
        ready = time.perf_counter()
        found = diff(*contracts)
        compared.append(time.perf_counter() - ready)
        read.append(ready - begun)
    if found is None or not found.findings:
        raise Failed(f"{name}: the changes were not found")
    operations = len(contracts[0].operations())
    return Result(
        name=f"{name}: the whole API compared",
        unit="s",
        ours=median(one + other for one, other in zip(read, compared, strict=True)),
        target=_PROMISE,
        want="at most",
        note=f"{operations} operations, {len(found.findings):,} findings; {median(read):.2f} s of it to read them",
        details={"read": median(read), "compared": median(compared), **found.counts()},
    )


# -- the changed copy ------------------------------------------------------------------------------------


def changed(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files of a contract with members, values and types of schemas changed here and there."""
    count = _Counter()
    found = dict(files)
    for name in ("schemas.jsonl", "operations.jsonl"):
        if name in files:
            lines = [orjson.loads(line) for line in files[name].splitlines()]
            found[name] = b"".join(orjson.dumps(_schema(line, count)) + b"\n" for line in lines)
    if "model.json" in files:
        model = orjson.loads(files["model.json"])
        model["shapes"] = {name: _shape(shape, count) for name, shape in model["shapes"].items()}
        found["model.json"] = orjson.dumps(model)
    return found


class _Counter:
    """Counts places; its turn comes at every ``_EVERY``th of a kind."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def turn(self, kind: str) -> bool:
        self._seen[kind] = self._seen.get(kind, 0) + 1
        return self._seen[kind] % _EVERY == 0


def _schema(value: Any, count: _Counter) -> Any:
    if isinstance(value, list):
        return [_schema(each, count) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _schema(each, count) for name, each in value.items()}
    properties = found.get("properties")
    if isinstance(properties, dict) and properties and count.turn("members"):
        gone, *_ = properties
        found["properties"] = {name: each for name, each in properties.items() if name != gone} | {"added": {}}
        if "required" in found:
            found["required"] = [name for name in found["required"] if name != gone]
    if isinstance(found.get("enum"), list) and count.turn("values"):
        found["enum"] = [*found["enum"][1:], "added"]
    elif found.get("type") == "string" and "enum" not in found and count.turn("types"):
        found["type"] = "integer"
    return found


def _shape(shape: dict[str, Any], count: _Counter) -> dict[str, Any]:
    if isinstance(shape.get("enum"), list) and count.turn("values"):
        return {**shape, "enum": [*shape["enum"][1:], "added"]}
    members = shape.get("members")
    if not isinstance(members, dict) or not members or not count.turn("members"):
        return shape
    gone, *_ = members
    required = [name for name in shape.get("required", ()) if name != gone]
    return {**shape, "members": {name: each for name, each in members.items() if name != gone}, "required": required}
