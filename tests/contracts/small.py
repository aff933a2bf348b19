"""The small OpenAPI document of our own, compiled, and requests to it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from contracts import openapi
from contracts.compile.openapi import compile_document, parse
from contracts.contract import ContractViolation, Params, Violation
from contracts.exchange import Headers, Request
from contracts.openapi import OpenApiContract

FORM = ("content-type", "application/x-www-form-urlencoded")
JSON = ("content-type", "application/json")


@cache
def document() -> dict[str, Any]:
    """The document as it was written."""
    return parse((Path(__file__).parent / "small.openapi.yaml").read_bytes())


@cache
def contract() -> OpenApiContract:
    """The contract that it compiles to."""
    return openapi.from_files(compile_document("small", document()).files())


def request(method: str, path: str, *, query: str = "", body: bytes = b"", headers: Any = ()) -> Request:
    """A request as the gateway hands it to a contract."""
    return Request(method=method, path=path, query=query, body=body, headers=Headers(headers))


def read(of: OpenApiContract, sent: Request) -> Params:
    """The parameters of a request that must match."""
    match = of.match(sent)
    assert match is not None
    return of.read(match, sent)


def refused(of: OpenApiContract, sent: Request) -> tuple[Violation, ...]:
    """The violations of a request that must match, empty when it is accepted."""
    try:
        read(of, sent)
    except ContractViolation as violation:
        return violation.violations
    return ()
