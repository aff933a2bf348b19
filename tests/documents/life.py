"""The life of one object of a mock that is made from a document: made, seen by list and retrieve, changed, deleted.

Requests come from the contract alone (tests/mocks/requests.py), so every document is walked in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from contracts import documents, openapi
from contracts.compile.unseen import Unseen, compile_unseen
from contracts.contract import Operation, ResourceShape
from contracts.exchange import Response
from contracts.openapi import OpenApiContract
from mocks.base import MockService
from mocks.generic import document
from mocks.generic.addressing import held
from mocks.generic.roles import Deed, roles
from tests.harness import Harness
from tests.mocks.requests import request_of

#: Encodings that a request is made in.
_ENCODINGS = ("none", "json", "form")


def compiled(path: Path) -> Unseen:
    """What becomes of a document."""
    return compile_unseen("crm", documents.read(path.read_bytes()))


def mocked(unseen: Unseen, *, open_to_all: bool = True) -> tuple[OpenApiContract, MockService]:
    """The mock of a document, which asks for no key where it is ``open_to_all``."""
    files = unseen.files()
    contract = openapi.from_files(files)
    extras = orjson.loads(files["extras.json"])
    if open_to_all:
        for operation in contract.operations().values():
            details: Any = contract.details(operation)
            details["security"] = []
    return contract, document.service("crm", contract, extras)


@dataclass
class Lives:
    """What came of the resources of one document."""

    #: Each resource with the deeds that were seen to work.
    lived: dict[str, list[str]] = field(default_factory=dict)
    #: What went wrong: the resource, the deed, and how.
    wrong: list[str] = field(default_factory=list)


class Walk:
    """Lives through the resources of one mock."""

    def __init__(self, contract: OpenApiContract, shop: Harness) -> None:
        self._contract = contract
        self._shop = shop
        self._roles = roles(contract)
        self._made: dict[str, tuple[str, ...]] = {}
        self.lives = Lives()

    async def all(self, most: int = 1_000) -> Lives:
        """Every resource that can be made, those that stand alone first."""
        shapes = [shape for shape in self._contract.resources().values() if "create" in shape.operations]
        for shape in sorted(shapes, key=lambda shape: (len(shape.parents), shape.name))[:most]:
            if all(shape.operations[deed].encoding in _ENCODINGS for deed in shape.operations):
                await self._live(shape)
        return self.lives

    async def _live(self, shape: ResourceShape) -> None:
        made = await self._make(shape)
        if made is None:
            return
        key, shown = made
        done = self.lives.lived.setdefault(shape.name, ["create"])
        for deed in ("retrieve", "update", "retrieve", "list"):
            if deed in shape.operations and await self._sees(shape, deed, key, shown):
                done.append(deed)
        if "delete" in shape.operations and shape.id_parameter is not None:
            answer = await self._call(shape, "delete", key)
            if answer is None:
                return
            done.append("delete")
            if "retrieve" in shape.operations:
                gone = await self._shop.call(**self._request(shape, "retrieve", key))
                if gone.status != 404:
                    self.lives.wrong.append(f"{shape.name}: retrieve after delete answers {gone.status}")
            again = await self._make(shape)
            if again is not None:
                self._made[shape.name] = again[0]

    async def _make(self, shape: ResourceShape) -> tuple[tuple[str, ...], str] | None:
        parents = self._parents(shape)
        answer = await self._call(shape, "create", parents)
        if answer is None:
            return None
        value = held(orjson.loads(answer.body), shape.id_field)
        if not isinstance(value, dict) or shape.id_field not in value:
            return None
        shown = str(value[shape.id_field])
        key = (*parents, shown)
        self._made[shape.name] = key
        return key, shown

    def _parents(self, shape: ResourceShape) -> tuple[str, ...]:
        """What stands in the path of the collection: the ids of a kept parent, and any others."""
        role = self._roles.get(shape.operations["create"])
        found: Sequence[str] = () if role is None or role.parent is None else self._made.get(role.parent.name, ())
        request = request_of(self._contract, shape.operations["create"], tuple(found))
        return _values(shape.operations["create"], request["path"])

    async def _sees(self, shape: ResourceShape, deed: Deed, key: tuple[str, ...], shown: str) -> bool:
        answer = await self._call(shape, deed, key[:-1] if deed == "list" else key)
        if answer is None:
            return False
        text = orjson.dumps(orjson.loads(answer.body)) if answer.body else b""
        if deed != "update" and orjson.dumps(shown).strip(b'"') not in text:
            self.lives.wrong.append(f"{shape.name}: {deed} ({shape.operations[deed].id}) does not show {shown}")
            return False
        return True

    async def _call(self, shape: ResourceShape, deed: Deed, ids: tuple[str, ...]) -> Response | None:
        """A successful answer, else None, and what was wrong is told."""
        try:
            answer = await self._shop.call(**self._request(shape, deed, ids))
        except Exception as broken:  # every fault of the mock is one line of the report
            self.lives.wrong.append(f"{shape.name}: {deed}: {type(broken).__name__}: {str(broken)[:300]}")
            return None
        if answer.status < 300:
            return answer
        operation = shape.operations[deed]
        self.lives.wrong.append(f"{shape.name}: {deed} ({operation.id}): {answer.status} {answer.body[:200]!r}")
        return None

    def _request(self, shape: ResourceShape, deed: Deed, ids: tuple[str, ...]) -> dict[str, Any]:
        return request_of(self._contract, shape.operations[deed], ids)


def _values(operation: Operation, path: str) -> tuple[str, ...]:
    pairs = zip(operation.path.split("/"), path.split("/"), strict=True)
    return tuple(unquote(made) for part, made in pairs if part.startswith("{"))
