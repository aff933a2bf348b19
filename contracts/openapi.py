"""A contract from compiled OpenAPI-like facts: every provider whose wire is paths, queries, forms and JSON.

Operations are prepared when they are first called; until then a contract is its index and its routes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from contracts import facts as compiled
from contracts.contract import ContractViolation, Match, Operation, Params, Place, ResourceShape, Violation
from contracts.exchange import UNSET, Request, Response
from contracts.reading import OperationReader
from contracts.routes import Routes
from contracts.validation import Schema, Validators

if TYPE_CHECKING:
    import jsonschema_rs

    from contracts.beyond import Beyond

_JSON = "application/json"
_BODY: Place = "body"
#: How many answers an operation remembers as true, by the hash of their bytes: what is read again and again.
_REMEMBERED = 64


class OpenApiContract:
    """The Contract of an API that was compiled to OpenAPI-like facts."""

    def __init__(self, facts: compiled.Facts) -> None:
        self._facts = facts
        self._routes = Routes(facts.operations.values())
        self._validators = Validators(facts.schemas, facts.objects)
        self._readers: dict[Operation, OperationReader] = {}
        self._answers: dict[tuple[Operation, int], _Answer | None] = {}
        self._resources: Mapping[str, ResourceShape] | None = None
        self._media: dict[tuple[Operation, int], str] = {}
        self._beyond: Beyond | None = None

    @property
    def name(self) -> str:
        return self._facts.name

    @property
    def version(self) -> str:
        return self._facts.version

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """The schemas that operations refer to as ``#/$defs/<name>``, read on first use."""
        return self._facts.schemas

    def operations(self) -> Mapping[str, Operation]:
        return self._facts.operations

    def details(self, operation: Operation) -> Mapping[str, Any]:
        """The operation's parameters, body and responses as compiled (library/README.md, "operations.jsonl")."""
        found: Mapping[str, Any] = self._facts.details[operation.id]
        return found

    def response_schema(self, operation: Operation, status: int | None = None) -> Schema | None:
        """The schema of an answer, by default of the success answer; None when it has no body or no such status."""
        found = self._response(operation, operation.success_status if status is None else status)
        return found.get("schema") if found else None

    def match(self, request: Request) -> Match | None:
        return self._routes.match(request.method, request.path)

    def methods(self, path: str) -> frozenset[str]:
        return self._routes.methods(path)

    def read(self, match: Match, request: Request) -> Params:
        reader = self._readers.get(match.operation)
        if reader is None:
            reader = self._readers[match.operation] = OperationReader(
                match.operation, self.details(match.operation), self._validators, closed=self._facts.closed
            )
        params, violations = reader.read(match, request)
        if violations:
            raise ContractViolation(match.operation, violations, params)
        return params

    def write(self, operation: Operation, value: Any, status: int | None = None) -> Response:
        """``None`` makes an answer without a body, ``bytes`` one that is not JSON."""
        status = operation.success_status if status is None else status
        media = self._media.get((operation, status))
        if media is None:
            found = self._response(operation, status) or {}
            media = self._media[(operation, status)] = found.get("content_type", "")
        if value is None and not media.startswith("text/"):
            return Response(status, [("content-length", "0")] if status != 204 else [], value=None)
        if isinstance(value, bytes):
            return Response(status, [("content-type", media or "application/octet-stream")], value)
        if media.startswith("text/"):
            text = value if isinstance(value, str) else ""
            return Response(status, [("content-type", media)], text.encode())
        # A type of its own that is JSON (application/vnd.api+json) is the answer's.
        media = media if media.endswith("+json") else _JSON
        return Response(status, [("content-type", media)], orjson.dumps(value), value=value)

    def check(self, operation: Operation, response: Response) -> Sequence[Violation]:
        key = (operation, response.status)
        if key not in self._answers:
            self._answers[key] = self._answer(operation, response.status)
        answer = self._answers[key]
        if answer is None:
            message = f"{operation.id} does not answer with this status"
            return [Violation(_BODY, (), "status", message, self._statuses(operation), response.status)]
        return answer.check(response)

    def observe(self, operation: Operation, response: Response, broken: Sequence[Violation]) -> Sequence[Violation]:
        schema = self.response_schema(operation, response.status)
        if not schema:
            return broken
        if self._beyond is None:
            from contracts.beyond import Beyond  # only what is seen in passing needs it

            self._beyond = Beyond(self._facts.schemas)
        general = self._beyond.general
        told = [replace(each, pointer=general(schema, each.pointer)) if each.pointer else each for each in broken]
        if response.value is UNSET or any(each.rule == "content_type" for each in broken):
            return told
        return [*told, *self._beyond.look(schema, response.value)]

    def resources(self) -> Mapping[str, ResourceShape]:
        if self._resources is None:
            from contracts import resources  # only the generic engine asks

            lines = map(orjson.loads, self._facts.resources().splitlines())
            shapes = (resources.read(line, self._facts.operations) for line in lines)
            self._resources = {shape.name: shape for shape in shapes}
        return self._resources

    def example(self, operation: Operation, params: Params, seed: int = 0, now: datetime | None = None) -> Any:
        from contracts import generate  # only the generic engine asks

        schema = self.response_schema(operation)
        if schema is None:
            return None
        given = generate.given(params)
        declared = self.declared(operation, operation.success_status)
        if declared:
            # What the document shows, with what is known in its place.
            shown = next(iter(declared.values()))
            if isinstance(shown, Mapping) and isinstance(given, Mapping):
                given = {**shown, **given}
            elif not isinstance(given, list):
                given = generate.Either((shown, given))
        return generate.example(schema, self.schemas, seed=seed, given=given, now=now)

    def described(self, operation: Operation, status: int) -> Mapping[str, Any] | None:
        """An answer as compiled (library/README.md, "operations.jsonl"); None where the contract has none."""
        return self._response(operation, status)

    def declared(self, operation: Operation, status: int) -> Mapping[str, Any]:
        """The examples that the document declares for an answer, by name; the one without a name is called ``""``."""
        found: Mapping[str, Any] = (self._response(operation, status) or {}).get("examples", {})
        return found

    def _response(self, operation: Operation, status: int) -> Mapping[str, Any] | None:
        """The facts about one status: its own, those of its range (``4XX``), or the default."""
        responses = self.details(operation)["responses"]
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in responses:
                found: Mapping[str, Any] = responses[name]
                return found
        return None

    def _statuses(self, operation: Operation) -> tuple[str, ...]:
        return tuple(self.details(operation)["responses"])

    def _answer(self, operation: Operation, status: int) -> _Answer | None:
        found = self._response(operation, status)
        if found is None:
            return None
        seen_again = operation.method in ("GET", "HEAD")
        return _Answer(found.get("content_type"), found.get("schema"), self._validators, seen_again=seen_again)


class _Answer:
    """How one status of one operation is checked. A page's elements are checked one by one, with the validator that
    single objects have: no second one is compiled for the list of them."""

    def __init__(
        self, content_type: str | None, schema: Schema | None, validators: Validators, *, seen_again: bool
    ) -> None:
        self._content_type = content_type
        self._seen_again = seen_again
        self._validators = validators
        self._whole: jsonschema_rs.Draft202012Validator | None = None
        self._element: jsonschema_rs.Draft202012Validator | None = None
        #: Bodies that were found true lately: the verdict on the same bytes is the same.
        #: Their hashes stand for them (64 bits, keyed anew in every process), so that no answer is held.
        self._true: dict[int, None] = {}
        if isinstance(schema, Mapping) and schema:
            data = schema.get("properties", {}).get("data", {})
            if "$ref" in data.get("items", {}) and data.get("type") == "array":
                self._element = validators.compile(data["items"])
                schema = {**schema, "properties": {**schema["properties"], "data": {"type": "array"}}}
            self._whole = validators.compile(schema)

    def check(self, response: Response) -> list[Violation]:
        """What the answer breaks. A streamed body cannot be looked at."""
        if self._content_type is None or response.stream is not None:
            return []
        sent = response.header("content-type")
        if (sent is None or not sent.startswith(self._content_type)) and not same_media(sent, self._content_type):
            return [Violation(_BODY, (), "content_type", f"must be {self._content_type}", self._content_type, sent)]
        if self._whole is None:
            return []
        mark = hash(response.body) if self._seen_again and response.body else None
        if mark in self._true:
            return []
        found = self._look(self._whole, response)
        if not found and mark is not None:
            if len(self._true) >= _REMEMBERED:
                del self._true[next(iter(self._true))]
            self._true[mark] = None
        return found

    def _look(self, whole: jsonschema_rs.Draft202012Validator, response: Response) -> list[Violation]:
        value = response.value
        if value is UNSET:
            try:
                # Whoever looks at the answer next need not parse it again.
                value = response.value = orjson.loads(response.body)
            except orjson.JSONDecodeError:
                return [Violation(_BODY, (), "malformed", "is not JSON")]
        if self._element is not None and isinstance(value, Mapping) and isinstance(value.get("data"), list):
            return self._check_page(whole, self._element, value)
        return self._violations(whole, value, ())

    def _check_page(
        self,
        whole: jsonschema_rs.Draft202012Validator,
        element: jsonschema_rs.Draft202012Validator,
        value: Mapping[str, Any],
    ) -> list[Violation]:
        found = self._violations(whole, {**value, "data": []}, ())
        for position, item in enumerate(value["data"]):
            if not element.is_valid(item):
                found += self._violations(element, item, ("data", position))
        return found

    def _violations(
        self, validator: jsonschema_rs.Draft202012Validator, value: Any, pointer: tuple[str | int, ...]
    ) -> list[Violation]:
        return [] if validator.is_valid(value) else self._validators.violations(validator, value, _BODY, pointer)


def same_media(sent: str | None, expected: str) -> bool:
    """Whether a Content-Type header means the expected media type: parameters and case do not matter, and a
    ``+json`` type is JSON."""
    if sent is None:
        return False
    media = sent.partition(";")[0].strip().lower()
    return media == expected or (expected == _JSON and media.endswith("+json"))


def load(folder: Path) -> OpenApiContract:
    """The contract that was compiled into ``folder``."""
    return OpenApiContract(compiled.from_folder(folder))


def from_files(files: Mapping[str, bytes]) -> OpenApiContract:
    """The contract of compiled files that are still in memory."""
    return OpenApiContract(compiled.from_files(files))
