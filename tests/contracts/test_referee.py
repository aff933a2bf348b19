"""The referee: openapi-core judges the same requests and answers as we do, and every difference has its reason here.

Our verdicts come from the compiled contract. The referee reads the small document as it was written; of SendGrid the
library holds no document, so its document is built back from the compiled facts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import ImmutableMultiDict

from contracts import generate, library
from contracts.contract import Operation, Params, Violation
from contracts.exchange import Headers, Request, Response
from contracts.openapi import OpenApiContract
from tests.contracts import small

HOST = "https://api.example.com"


@dataclass(slots=True)
class Case:
    """One exchange, before anybody judged it."""

    operation: Operation
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    answer: Any = None

    def sent(self) -> bytes:
        """The body's bytes."""
        if self.operation.encoding == "form":
            body = self.body if isinstance(self.body, dict) else {}
            return urlencode({name: value for name, value in body.items() if value is not None}, doseq=True).encode()
        return b"" if self.body is None else orjson.dumps(self.body)


@dataclass(frozen=True, slots=True)
class Exemption:
    """A difference that is right: why ours is kept, and which cases it covers."""

    reason: str
    covers: Callable[[Case, list[Violation], list[str]], bool]


EXCEPTIONS = (
    Exemption(
        "A query parameter that the operation does not list is refused by ours (`closed`) and ignored by the referee: "
        "the parameter was misspelt, and the caller wants to know. A deepObject parameter without brackets is another "
        "case of it: the referee looks for `filter[...]` only.",
        lambda case, ours, theirs: not theirs and all(map(_is_surplus, ours)),
    ),
    Exemption(
        "The referee reads `1`, `on` and `yes` as booleans too (distutils' strtobool): on the wire they are `true` and "
        "`false`.",
        lambda case, ours, theirs: not theirs and all(_is_boolean(one) or _is_surplus(one) for one in ours),
    ),
    Exemption(
        "The referee refuses an empty text in a query unless the document says `allowEmptyValue`, which OpenAPI means "
        "to remove: the schema decides, and an empty text is a text.",
        lambda case, ours, theirs: not ours and all("cannot be empty" in error for error in theirs),
    ),
    Exemption(
        "The referee judges the default of a parameter that was not sent; SendGrid's document has dates with an empty "
        "one.",
        lambda case, ours, theirs: (
            not ours
            and not any(name in ("start_date", "end_date") for name, _ in case.query)
            and all("'' is not a 'date'" in error for error in theirs)
        ),
    ),
    Exemption(
        "The referee checks `uri` only where a package is installed that it cannot bring itself (its licence is GPL).",
        lambda case, ours, theirs: not theirs and all((one.rule, one.expected) == ("format", "uri") for one in ours),
    ),
)

#: Operations that the referee cannot judge.
UNJUDGED = {
    "myThing": "openapi-core 0.23 fails with AttributeError on a query parameter whose content is JSON",
}


def _is_boolean(violation: Violation) -> bool:
    return (violation.rule, violation.expected) == ("type", "boolean")


def _is_surplus(violation: Violation) -> bool:
    return violation.place == "query" and (
        violation.rule == "unknown" or (violation.pointer == ("filter",) and violation.rule == "type")
    )


def verdicts(contract: OpenApiContract, referee: OpenAPI, case: Case) -> tuple[list[Violation], list[str]]:
    """What ours and the referee's say about the request."""
    headers = {**case.headers, **({"content-type": _media(case)} if case.sent() else {})}
    request = Request(
        method=case.operation.method,
        path=case.path,
        query=urlencode(case.query, quote_via=quote),
        headers=Headers((name.lower(), value) for name, value in headers.items()),
        body=case.sent(),
    )
    ours = list(small.refused(contract, request))
    return ours, _errors(referee.iter_request_errors, _theirs(case))


def _theirs(case: Case) -> MockRequest:
    return MockRequest(
        HOST,
        case.operation.method.lower(),
        case.path,
        args=_args(case.query),
        headers=dict(case.headers),
        data=case.sent() or None,
        content_type=_media(case),
    )


def _media(case: Case) -> str:
    return "application/x-www-form-urlencoded" if case.operation.encoding == "form" else "application/json"


def _args(query: list[tuple[str, str]]) -> Any:
    return ImmutableMultiDict(parse_qsl(urlencode(query, quote_via=quote), keep_blank_values=True))


def _errors(judged: Callable[..., Iterable[Exception]], *arguments: Any) -> list[str]:
    """The referee's errors in words. It fails itself on a discriminator that holds an array or an object, which its
    mapping cannot look up: that is a refusal too."""
    try:
        return [f"{type(error).__name__}: {error.__cause__ or error}" for error in judged(*arguments)]
    except TypeError as error:
        if "unhashable" not in str(error):
            raise
        return [f"failed: {error}"]


def judge(ours: list[Violation], theirs: list[str], case: Case) -> None:
    """Fail when the verdicts differ without a written reason."""
    if bool(ours) == bool(theirs) or any(exemption.covers(case, ours, theirs) for exemption in EXCEPTIONS):
        return
    pytest.fail(f"{case}\nours: {[(v.where, v.rule, v.message) for v in ours]}\nreferee: {theirs}")


def mutations(value: Any) -> Iterator[Callable[[], Any]]:
    """Ways to break a JSON value, each answering a broken copy."""
    for path in _places(value):
        for replacement in (None, "", "x" * 40, -1, 7, 2.5, True, [], {}, ["red", "red", "red"], "9999-99-99"):
            yield lambda path=path, replacement=replacement: _changed(value, path, replacement)
        if path:
            yield lambda path=path: _without(value, path)
        if isinstance(_at(value, path), dict):
            yield lambda path=path: _changed(value, (*path, "surplus"), 1)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from _places(value[step], (*path, step))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _changed(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    broken = copy.deepcopy(value)
    _at(broken, path[:-1])[path[-1]] = replacement
    return broken


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    broken = copy.deepcopy(value)
    del _at(broken, path[:-1])[path[-1]]
    return broken


@cache
def small_referee() -> OpenAPI:
    return OpenAPI.from_dict(dict(small.document()))


@cache
def sendgrid() -> OpenApiContract:
    contract = library.load("sendgrid")
    assert isinstance(contract, OpenApiContract)
    return contract


@cache
def sendgrid_referee() -> OpenAPI:
    """SendGrid's document, built back from the compiled contract as OpenAPI 3.1, whose schemas are JSON Schema."""
    contract = sendgrid()
    paths: dict[str, Any] = {}
    for operation in contract.operations().values():
        details = contract.details(operation)
        described: dict[str, Any] = {"operationId": operation.id, "parameters": details["parameters"], "responses": {}}
        if details["body"] is not None:
            media = {details["body"]["content_type"]: {"schema": details["body"]["schema"]}}
            described["requestBody"] = {"required": details["body"]["required"], "content": media}
        for status, answer in details["responses"].items():
            described["responses"][status] = {"description": ""}
            if "content_type" in answer:
                content = {answer["content_type"]: {"schema": answer.get("schema", True)}}
                described["responses"][status]["content"] = content
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    document = {
        "openapi": "3.1.0",
        "info": {"title": "rebuilt", "version": "1"},
        "servers": [{"url": HOST}],
        "paths": paths,
        "components": {"schemas": dict(contract.schemas)},
    }
    rebuilt = orjson.loads(orjson.dumps(document).replace(b'"#/$defs/', b'"#/components/schemas/'))
    return OpenAPI.from_dict(rebuilt, config=Config(spec_validator_cls=None))


def _example(contract: OpenApiContract, operation: Operation, seed: int) -> Any:
    """A body that the operation takes, made by the generator from its schema."""
    body = contract.details(operation)["body"]
    if body is None:
        return None
    return generate.example(body["schema"], contract.schemas, seed=seed)


_STRINGS = st.sampled_from(["1", "0", "-5", "100000", "abc", "", "true", "1.5", "red", "2026-01-01", "a b", "a,b", "é"])


@st.composite
def cases(draw: st.DrawFn, contract: OpenApiContract, operations: Mapping[str, Operation]) -> Case:
    """A request to one of the operations: true, or with some of its parts broken."""
    operation = operations[draw(st.sampled_from(sorted(operations)))]
    case = Case(operation, operation.path)
    seed = draw(st.integers(0, 3))
    for parameter in contract.details(operation)["parameters"]:
        name = parameter["name"]
        if parameter["in"] == "path":
            case.path = case.path.replace(
                "{" + name + "}", quote(draw(_STRINGS.filter(lambda text: text.strip())), safe="")
            )
        elif (parameter["required"] and draw(st.integers(0, 9))) or draw(st.integers(0, 4)) == 0:
            true = generate.example(parameter["schema"], contract.schemas, seed=seed)
            value = draw(_STRINGS) if not isinstance(true, str | int) or draw(st.booleans()) else str(true)
            if parameter["in"] == "query":
                case.query.append((name, value))
            elif value.isascii():
                case.headers[name] = value
    if draw(st.integers(0, 9)) == 0:
        case.query.append(("surplus", "1"))
    body = _example(contract, operation, seed)
    if body is not None and draw(st.booleans()):
        ways = list(mutations(body))
        body = ways[draw(st.integers(0, len(ways) - 1))]()
    case.body = body
    return case


_SETTINGS = settings(
    derandomize=True, deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow], database=None
)


def _judged(contract: OpenApiContract) -> dict[str, Operation]:
    return {name: one for name, one in contract.operations().items() if name not in UNJUDGED}


@_SETTINGS
@given(st.data())
def test_requests_to_the_small_api(data: st.DataObject) -> None:
    case = data.draw(cases(small.contract(), _judged(small.contract())))
    judge(*verdicts(small.contract(), small_referee(), case), case)


@_SETTINGS
@given(st.data())
def test_requests_to_sendgrid(data: st.DataObject) -> None:
    case = data.draw(cases(sendgrid(), sendgrid().operations()))
    judge(*verdicts(sendgrid(), sendgrid_referee(), case), case)


@st.composite
def answers(draw: st.DrawFn, contract: OpenApiContract) -> Case:
    """An operation's success answer, true or broken somewhere."""
    names = [
        name for name, operation in contract.operations().items() if contract.response_schema(operation) is not None
    ]
    operation = contract.operations()[draw(st.sampled_from(sorted(names)))]
    value = contract.example(operation, Params(), draw(st.integers(0, 3)))
    if draw(st.booleans()):
        ways = list(mutations(value))
        value = ways[draw(st.integers(0, len(ways) - 1))]()
    status = draw(st.sampled_from([operation.success_status] * 8 + [299]))
    return Case(operation, operation.path.replace("{", "1").replace("}", ""), status=status, answer=value)


def _judge_answer(contract: OpenApiContract, referee: OpenAPI, case: Case) -> None:
    body = orjson.dumps(case.answer)
    ours = list(contract.check(case.operation, Response(case.status, [("content-type", "application/json")], body)))
    asked = MockRequest(HOST, case.operation.method.lower(), case.path)
    theirs = _errors(referee.iter_response_errors, asked, MockResponse(body, case.status))
    judge(ours, theirs, case)


@_SETTINGS
@given(st.data())
def test_answers_of_the_small_api(data: st.DataObject) -> None:
    _judge_answer(small.contract(), small_referee(), data.draw(answers(small.contract())))


@_SETTINGS
@given(st.data())
def test_answers_of_sendgrid(data: st.DataObject) -> None:
    _judge_answer(sendgrid(), sendgrid_referee(), data.draw(answers(sendgrid())))
