"""The compiled form of a contract: facts in four small text files that a diff shows line by line.

Knows nothing of where the facts came from; ``contracts/library/README.md`` describes the files.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from contracts import resources
from contracts.contract import Operation, ResourceShape

Schema = dict[str, Any]


class CompileError(Exception):
    """The source holds something that the compiler does not understand; it says where."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the facts came from, for ``source.toml``.

    ``origin`` is a package name or the public address of the provider's own document, never a registry;
    ``sha256`` covers the source exactly as it was read.
    """

    kind: str
    origin: str
    version: str
    licence: str
    sha256: str
    date: datetime.date
    command: str

    def toml(self) -> bytes:
        """The file's text."""
        fields: Mapping[str, str] = {
            "kind": self.kind,
            "origin": self.origin,
            "version": self.version,
            "licence": self.licence,
            "sha256": self.sha256,
            "command": self.command,
        }
        lines = [f"{name} = {orjson.dumps(value).decode()}" for name, value in fields.items()]
        lines.insert(5, f"date = {self.date.isoformat()}")
        return ("\n".join(lines) + "\n").encode()


@dataclass(slots=True)
class CompiledDocument:
    """A normalised contract.

    ``operations`` are complete facts (README, "operations.jsonl"); ``schemas`` refer to each other as
    ``#/$defs/<name>``. ``closed`` tells that query parameters which are not listed are refused, ``objects`` that
    every schema is an object whose member ``object`` names its type.
    """

    name: str
    version: str
    operations: list[dict[str, Any]]
    schemas: dict[str, Schema]
    closed: bool = True
    objects: bool = False
    #: Whether an object may stand in a member of its answer.
    wrapped: bool = False

    def files(self) -> dict[str, bytes]:
        """File name -> content, the same bytes for the same facts."""
        operations = sorted(self.operations, key=lambda operation: str(operation["id"]))
        _refuse_twins(operations)
        names = sorted(self.schemas)
        index: dict[str, Any] = {
            "closed": self.closed,
            "name": self.name,
            "objects": self.objects,
            "operations": [_head(operation) for operation in operations],
            "schemas": names,
            "version": self.version,
        }
        return {
            "contract.json": _spread(index),
            "operations.jsonl": _lines(_details(operation) for operation in operations),
            "resources.jsonl": _lines(resources.told(shape) for shape in self._resources(operations)),
            "schemas.jsonl": _lines({"name": name, "schema": self.schemas[name]} for name in names),
        }

    def kept(self) -> list[str]:
        """The names of the resources, as ``files`` has them."""
        return [shape.name for shape in self._resources(self.operations)]

    def _resources(self, operations: list[dict[str, Any]]) -> list[ResourceShape]:
        """The resources that the operations' shape gives away, by name."""
        heads = {operation["id"]: Operation(**_head(operation)) for operation in operations}
        responses = {operation["id"]: operation.get("responses", {}) for operation in operations}

        def answer(operation: Operation) -> Any:
            return resources.success_schema(responses[operation.id], operation.success_status)

        found = resources.recognise(heads.values(), answer, self.schemas, wrapped=self.wrapped)
        return [found[name] for name in sorted(found)]


@dataclass(frozen=True, slots=True)
class CompiledLibrary:
    """What a compilation writes into ``contracts/library/<name>/``: ``files`` maps a file's name to its content."""

    name: str
    files: Mapping[str, bytes]

    def write(self, folder: Path) -> None:
        """Write the files below ``folder``, which is made when it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


#: The members of an operation that matching and listing need; they are loaded at once, the rest on first use.
HEAD = (
    "id", "method", "path", "resource", "action", "encoding", "success_status", "streams_request", "streams_response",
)  # fmt: skip


def _head(operation: Mapping[str, Any]) -> dict[str, Any]:
    return {name: operation[name] for name in HEAD if operation.get(name) not in (None, False)}


def _details(operation: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": operation["id"], **{name: value for name, value in operation.items() if name not in HEAD}}


def _refuse_twins(operations: Iterable[Mapping[str, Any]]) -> None:
    ids: set[str] = set()
    for operation in operations:
        if operation["id"] in ids:
            raise CompileError(f"two operations are called {operation['id']}")
        ids.add(operation["id"])


def _lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(record, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for record in records)


def _spread(index: Mapping[str, Any]) -> bytes:
    """JSON with one line for each member, and for each element of a member that is a list."""
    members = []
    for name in sorted(index):
        value = index[name]
        if isinstance(value, list):
            elements = ",\n".join(orjson.dumps(item, option=orjson.OPT_SORT_KEYS).decode() for item in value)
            members.append(f'"{name}": [\n{elements}\n]')
        else:
            members.append(f'"{name}": {orjson.dumps(value).decode()}')
    return ("{\n" + ",\n".join(members) + "\n}\n").encode()


def digest(files: Iterable[tuple[str, bytes]]) -> str:
    """One SHA-256 over several files: each name and each content, with their lengths, in order of name."""
    total = hashlib.sha256()
    for name, content in sorted(files):
        total.update(f"{len(name)}:{name}:{len(content)}:".encode())
        total.update(content)
    return total.hexdigest()
