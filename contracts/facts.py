"""The compiled files of an OpenAPI-like contract, read line by line when a line is first asked for.

A large API has megabytes of facts and a server uses few of them: what is held is the index and where each line begins.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from contracts.contract import Operation


class Lines(Mapping[str, Any]):
    """JSON lines by name. ``names`` says what each line is, in order; ``read`` answers the bytes of ``[start, stop)``;
    ``member`` picks one member of each line. A line that was read is kept, parsed."""

    def __init__(
        self, names: Sequence[str], read: Callable[[int, int], bytes], starts: array[int], member: str | None = None
    ) -> None:
        if len(names) != len(starts) - 1:
            raise ValueError(
                f"{len(names)} names for {len(starts) - 1} lines: the compiled files do not belong together"
            )
        self._places = {name: position for position, name in enumerate(names)}
        self._read = read
        self._starts = starts
        self._member = member
        self._parsed: dict[str, Any] = {}

    @classmethod
    def of_file(cls, names: Sequence[str], path: Path, member: str | None = None) -> Lines:
        """The lines of a file, which stays where it is."""

        def read(start: int, stop: int) -> bytes:
            with path.open("rb") as file:
                file.seek(start)
                return file.read(stop - start)

        return cls(names, read, _starts(path.read_bytes()), member)

    @classmethod
    def of_bytes(cls, names: Sequence[str], content: bytes, member: str | None = None) -> Lines:
        """The lines of bytes in memory."""
        return cls(names, lambda start, stop: content[start:stop], _starts(content), member)

    def __getitem__(self, name: str) -> Any:
        found = self._parsed.get(name)
        if found is None:
            place = self._places[name]
            found = orjson.loads(self._read(self._starts[place], self._starts[place + 1]))
            if self._member is not None:
                found = found[self._member]
            self._parsed[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True, slots=True)
class Facts:
    """A loaded contract: ``details`` of each operation by id (README, "operations.jsonl") and ``schemas`` by name;
    ``closed`` and ``objects`` as in ``contract.json``."""

    name: str
    version: str
    closed: bool
    objects: bool
    operations: Mapping[str, Operation]
    details: Mapping[str, Any]
    schemas: Mapping[str, Any]
    #: The lines of resources.jsonl, read when they are asked for.
    resources: Callable[[], bytes]


def from_folder(folder: Path) -> Facts:
    """The facts that were compiled into ``folder``."""
    index = orjson.loads((folder / "contract.json").read_bytes())
    ids = [operation["id"] for operation in index["operations"]]
    return _facts(
        index,
        Lines.of_file(ids, folder / "operations.jsonl"),
        Lines.of_file(index["schemas"], folder / "schemas.jsonl", "schema"),
        (folder / "resources.jsonl").read_bytes,
    )


def from_files(files: Mapping[str, bytes]) -> Facts:
    """The facts of compiled files that are still in memory."""
    index = orjson.loads(files["contract.json"])
    ids = [operation["id"] for operation in index["operations"]]
    return _facts(
        index,
        Lines.of_bytes(ids, files["operations.jsonl"]),
        Lines.of_bytes(index["schemas"], files["schemas.jsonl"], "schema"),
        lambda: files["resources.jsonl"],
    )


def _facts(index: Mapping[str, Any], details: Lines, schemas: Lines, resources: Callable[[], bytes]) -> Facts:
    operations = {head["id"]: Operation(**head) for head in index["operations"]}
    return Facts(
        index["name"], index["version"], index["closed"], index["objects"], operations, details, schemas, resources
    )


def _starts(content: bytes) -> array[int]:
    starts = array("Q", [0])
    place = content.find(b"\n")
    while place >= 0:
        starts.append(place + 1)
        place = content.find(b"\n", place + 1)
    return starts
