"""Contract from botocore's service model (rest-xml): S3 today.

This file matches requests and puts the reader, the writer and the check of ``contracts.aws_*`` behind the
Contract protocol. The model comes from ``contracts/library/<service>/model.json``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from contracts import xml
from contracts.aws_check import Checker, Test
from contracts.aws_example import example
from contracts.aws_model import Model
from contracts.aws_read import Reader, query_pairs, received
from contracts.aws_write import Emit, Writer
from contracts.contract import (
    Action,
    ContractViolation,
    Encoding,
    Match,
    Operation,
    Params,
    ResourceShape,
    Violation,
)
from contracts.exchange import UNSET, Request, Response

#: A request's path is one of three shapes: the service itself, a bucket, an object.
_SERVICE, _BUCKET, _OBJECT = "/", "/{Bucket}", "/{Bucket}/{Key+}"


def load(folder: Path) -> AwsContract:
    """The contract that ``broker contracts compile`` wrote into ``folder``."""
    return AwsContract(orjson.loads((folder / "model.json").read_bytes()))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An operation among those that share method and path shape, and what a request must carry to be it."""

    operation: Operation
    literals: Mapping[str, str]
    query: frozenset[str]
    headers: frozenset[str]
    deprecated: bool

    def fits(self, names: Mapping[str, str], request: Request) -> bool:
        """Whether the request carries all that tells this operation from its neighbours."""
        return (
            all(not value or names.get(name) == value for name, value in self.literals.items())
            and all(name in names for name in self.query)
            and all(name in request.headers for name in self.headers)
        )

    def named_otherwise(self, names: Mapping[str, str]) -> bool:
        """Whether a parameter that must have a certain value has another one."""
        return any(value and names.get(name, value) != value for name, value in self.literals.items())

    @property
    def weight(self) -> tuple[int, bool]:
        """More telling candidates are tried first; a deprecated twin never."""
        return -len(self.query) - len(self.headers) - sum(map(bool, self.literals.values())), self.deprecated


@dataclass(slots=True)
class Table:
    """The operations of one method and path shape: by sub-resource (``?acl``), and without one."""

    subresources: dict[str, list[Candidate]]
    plain: list[Candidate]


class AwsContract:
    """See contracts.contract.Contract. Nothing is resolved before its operation is first used."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.name: str = document["name"]
        self.version: str = document["version"]
        self._model = Model(document)
        self._operations: dict[str, Operation] = {}
        self._tables: dict[tuple[str, str], Table] = {}
        self._literal_paths: dict[tuple[str, str], Operation] = {}
        self._methods: dict[str, set[str]] = {}
        #: By path shape: what tells its operations apart in a query (``acl``, ``uploadId``), and its methods.
        self._subresources: dict[str, dict[str, set[str]]] = {}
        self._readers: dict[str, Reader] = {}
        self._writers: dict[str, Writer] = {}
        self._compiled: dict[tuple[str, str], Emit] = {}
        self._checkers: dict[str, Checker] = {}
        self._tests: dict[str, Test] = {}
        for raw in document["operations"].values():
            self._enter(raw)
        for (method, shape), table in self._tables.items():
            self._tell_apart(method, self._subresources.setdefault(shape, {}), table)
            for group in (table.plain, *table.subresources.values()):
                group.sort(key=lambda candidate: candidate.weight)

    def operations(self) -> Mapping[str, Operation]:
        """Every operation by id."""
        return self._operations

    def match(self, request: Request) -> Match | None:
        """By method, path shape and sub-resource: one dict lookup for each query parameter that was sent."""
        literal = self._literal_paths.get((request.method, request.path))
        if literal is not None:
            return Match(literal, {})
        shape, path = _split(request.path)
        table = self._tables.get((request.method, shape))
        if table is None:
            return None
        names = dict(query_pairs(request.query)) if request.query else {}
        if names and not self._fit(shape, request.method, names):
            return None
        group = next((table.subresources[name] for name in names if name in table.subresources), None)
        for candidate in group or table.plain:
            if candidate.fits(names, request):
                return Match(candidate.operation, path)
        if not group:
            return None
        # A sub-resource that lacks its required parameter is still that operation; reading it says what is missing.
        # With another value than the one that tells it, it is as good as not there (list-type=1, as S3 takes it).
        others = table.plain if group[-1].named_otherwise(names) else ()
        found = next((each for each in others if each.fits(names, request)), group[-1])
        return Match(found.operation, path)

    def _fit(self, shape: str, method: str, names: Mapping[str, str]) -> bool:
        """Whether the method has the sub-resource that the query names: one of them, or none. A preflight asks about
        any, and a PUT is told an upload's by its part."""
        known = self._subresources[shape]
        named = [name for name in names if name in known]
        if not named or method == "OPTIONS":
            return True
        taken = any(named[0] in candidate.query for candidate in self._tables[method, shape].plain)
        return len(named) == 1 and (method in known[named[0]] or taken)

    def subresources(self, request: Request) -> Mapping[str, frozenset[str]]:
        """The sub-resources that the query names, each with the methods that have it."""
        known = self._subresources.get(_split(request.path)[0], {})
        return {name: frozenset(known[name]) for name, _ in query_pairs(request.query) if name in known}

    def methods(self, path: str) -> frozenset[str]:
        """The methods of the path's shape."""
        return frozenset(self._methods.get(_split(path)[0], ()))

    def read(self, match: Match, request: Request) -> Params:
        """Decode, coerce, validate. Raises ContractViolation."""
        operation = match.operation
        reader = self._readers.get(operation.id)
        if reader is None:
            reader = self._readers[operation.id] = Reader(self._model.input(operation.id))
        params, broken = reader.read(match.path, request)
        if broken:
            raise ContractViolation(operation, broken, params)
        return params

    def write(self, operation: Operation, value: Any, status: int | None = None) -> Response:
        """Output members by name -> headers and XML. None is the empty answer."""
        writer = self._writers.get(operation.id)
        if writer is None:
            side = self._model.output(operation.id)
            writer = self._writers[operation.id] = Writer(side, self._model.namespace, self._compiled)
        return writer.write(value if value is not None else {}, status or operation.success_status)

    def check(self, operation: Operation, response: Response) -> Sequence[Violation]:
        """Status, and the value or else the XML body against the output's shape; an error must be S3's <Error>."""
        if response.status >= 300:
            return _check_error(operation, response)
        broken: list[Violation] = []
        # A range is answered with 206, a restore that begins with 202; some answer 204 where the model says nothing.
        if response.status != operation.success_status and response.status not in (200, 202, 204, 206):
            broken.append(Violation("header", (), "status", "is not promised", operation.success_status))
        side = self._model.output(operation.id)
        if side is not None:
            value = received(side, response, broken) if response.value is UNSET else response.value
            checker = self._checkers.get(operation.id)
            if checker is None:
                checker = self._checkers[operation.id] = Checker(side, self._tests)
            broken += checker.check(value)
        return broken

    def observe(self, operation: Operation, response: Response, broken: Sequence[Violation]) -> Sequence[Violation]:
        """Of errors, a code that is not among those that the model names for the operation. What else is new in an
        answer the check finds."""
        named = [each["shape"] for each in self._model.operations[operation.id].get("errors", ())]
        code = _code(response) if response.status >= 300 and named else None
        if code is None or code in named:
            return broken
        return [*broken, Violation("body", ("Code",), "enum", "is not one of the named codes", tuple(named), code)]

    def resources(self) -> Mapping[str, ResourceShape]:
        """None: paths with keys and sub-resources tell nothing that a generic engine could use."""
        return {}

    def example(self, operation: Operation, params: Params, seed: int = 0, now: datetime | None = None) -> Any:
        """A shape-true answer that repeats what the parameters named."""
        return example(self._model.output(operation.id), params, seed)

    def spelled(self, operation: Operation, member: str) -> str:
        """How a member of the input is called in query or headers; a member of neither has its own name."""
        side = self._model.input(operation.id)
        places = () if side is None else (*side.query.values(), *side.headers.values())
        return next((each.wire for each in places if each.name == member), member)

    def wire_names(self, operation: Operation) -> tuple[frozenset[str], frozenset[str]]:
        """What the operation reads beside path and body, as it stands on the wire: its query parameters, sub-resource
        included, and its header fields in lower case (one that ends with ``-`` is the beginning of any)."""
        query = {
            name
            for name, _ in query_pairs(self._model.operations[operation.id]["http"]["requestUri"].partition("?")[2])
        }
        side = self._model.input(operation.id)
        if side is None:
            return frozenset(query), frozenset()
        return frozenset(query | set(side.query)), frozenset({*side.headers, *(m.wire.lower() for m in side.prefixed)})

    def _enter(self, raw: Mapping[str, Any]) -> None:
        method, (path, _, query) = raw["http"]["method"], raw["http"]["requestUri"].partition("?")
        operation = self._operation(raw, method, path)
        self._operations[operation.id] = operation
        if path not in (_SERVICE, _BUCKET, _OBJECT):
            self._literal_paths[method, path] = operation
            return
        self._methods.setdefault(path, set()).add(method)
        candidate = self._candidate(raw, operation, dict(query_pairs(query)))
        table = self._tables.setdefault((method, path), Table({}, []))
        if not candidate.literals:
            table.plain.append(candidate)
        for name in candidate.literals:
            table.subresources.setdefault(name, []).append(candidate)

    def _tell_apart(self, method: str, known: dict[str, set[str]], table: Table) -> None:
        """Enter the names that tell this method's operations apart. One with a value tells versions of an operation
        apart and is no sub-resource (list-type)."""
        plain = [next(iter(candidate.query)) for candidate in table.plain if len(candidate.query) == 1]
        bare = [name for name, group in table.subresources.items() if not all(each.literals[name] for each in group)]
        for name in (*plain, *bare):
            known.setdefault(name, set()).add(method)

    def _candidate(self, raw: Mapping[str, Any], operation: Operation, literals: Mapping[str, str]) -> Candidate:
        side = self._model.input(operation.id)
        required = side.required if side is not None else ()
        return Candidate(
            operation=operation,
            literals=literals,
            query=frozenset(m.wire for m in required if m.location == "querystring"),
            headers=frozenset(m.wire.lower() for m in required if m.location == "header"),
            deprecated=raw.get("deprecated", False),
        )

    def _operation(self, raw: Mapping[str, Any], method: str, path: str) -> Operation:
        name = raw["name"]
        given, answered = self._model.input(name), self._model.output(name)
        taken = given.payload if given is not None else None
        encoding: Encoding = "none"
        if given is not None and (taken is not None or given.body):
            encoding = "xml" if taken is None or taken.shape.type == "structure" else "bytes"
        return Operation(
            id=name,
            method=method,
            path=path.replace("+}", "}"),
            resource={_SERVICE: None, _BUCKET: "bucket"}.get(path, "object"),
            action=_action(name),
            encoding=encoding,
            success_status=raw["http"].get("responseCode", 200),
            streams_request=bool(taken is not None and taken.streaming),
            streams_response=bool(answered is not None and answered.payload is not None and answered.payload.streaming),
        )


_ACTIONS: Mapping[str, Action] = {
    "Create": "create",
    "Put": "update",
    "Get": "retrieve",
    "Head": "retrieve",
    "Delete": "delete",
    "List": "list",
    "Update": "update",
}


def _action(name: str) -> Action:
    return next((action for verb, action in _ACTIONS.items() if name.startswith(verb)), "other")


def _split(path: str) -> tuple[str, dict[str, str]]:
    """The path's shape and its parameters. Everything after the bucket's slash is the key, slashes and dots too."""
    bucket, _, key = path.removeprefix("/").partition("/")
    if key:
        return _OBJECT, {"Bucket": _unquoted(bucket), "Key": _unquoted(key)}
    return (_BUCKET, {"Bucket": _unquoted(bucket)}) if bucket else (_SERVICE, {})


def _unquoted(text: str) -> str:
    # Bytes that are no UTF-8 become lone surrogates, which reading refuses.
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape") if "%" in text else text


#: Bytes of an error that is looked into once more.
_LONGEST_ERROR = 64 * 1024
_FORBIDDEN = re.compile(rb"&#x(?:[0-8bcef]|1[0-9a-f]);")


def _code(response: Response) -> str | None:
    """An error's code."""
    if not 0 < len(response.body) <= _LONGEST_ERROR:
        return None
    try:
        return xml.parse(_FORBIDDEN.sub(b"?", response.body)).findtext("{*}Code")
    except xml.MalformedXML:
        return None


def _check_error(operation: Operation, response: Response) -> Sequence[Violation]:
    if operation.method == "HEAD" or response.status == 304 or not response.body:
        return ()
    try:
        # S3 repeats a key's control characters as references, which XML 1.0 forbids.
        root = xml.parse(_FORBIDDEN.sub(b"?", response.body))
    except xml.MalformedXML:
        return (Violation("body", (), "malformed", "is not well-formed XML", "xml"),)
    if xml.local_name(root) != "Error" or root.find("{*}Code") is None:
        return (Violation("body", (), "required", "an error must be <Error> with <Code>", "Error"),)
    return ()
