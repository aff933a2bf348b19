"""Errors in the shape that the document itself gives them, and in a shape of our own where it gives none."""

from __future__ import annotations

from typing import Any, Final

import orjson

from contracts import generate
from contracts.contract import ContractViolation, Operation
from contracts.exchange import Request, Response
from contracts.generate import Either
from contracts.openapi import OpenApiContract
from mocks.base import Refusal, ServiceError

#: Statuses of a request that its contract refuses, the likelier first, where no other rule says more.
_INVALID: Final = (400, 422)


def plain(error: ServiceError | ContractViolation | Refusal, status: int) -> Response:
    """``{"error": {"code", "message", "violations"}}``."""
    code, message, more = told(error)
    value = {"error": {"code": code, "message": message, **more}}
    headers = [("content-type", "application/json")]
    return Response(status, headers, orjson.dumps(value), value=value)


def told(error: ServiceError | ContractViolation | Refusal) -> tuple[str, str, dict[str, Any]]:
    """Code, words and further members of an error."""
    if isinstance(error, ContractViolation):
        violations = [{"where": v.where, "rule": v.rule, "message": v.message} for v in error.violations]
        return "contract_violation", f"{violations[0]['where']} {violations[0]['message']}", {"violations": violations}
    if isinstance(error, Refusal):
        return error.reason, error.message, {}
    return error.code, error.message, dict(error.details)


def render(contract: OpenApiContract, error: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
    """``error`` as the operation's document describes it."""
    operation = error.operation if isinstance(error, ContractViolation) else None
    if operation is None:
        match = contract.match(request)
        operation = match.operation if match else None
    status = _status(contract, operation, error)
    response = plain(error, status)
    if operation is not None:
        response = _declared(contract, operation, error, status) or response
    if isinstance(error, ServiceError):
        response.headers += error.headers
    return response


def _status(
    contract: OpenApiContract, operation: Operation | None, error: ServiceError | ContractViolation | Refusal
) -> int:
    if not isinstance(error, ContractViolation):
        return error.status
    if error.violations[0].rule == "content_type":
        return 415
    known = contract.details(error.operation)["responses"]
    return next((status for status in _INVALID if str(status) in known), _INVALID[0])


def _declared(
    contract: OpenApiContract,
    operation: Operation,
    error: ServiceError | ContractViolation | Refusal,
    status: int,
) -> Response | None:
    """None where the document says nothing about such an answer."""
    found = contract.described(operation, status)
    if not found or "content_type" not in found:
        return None
    code, message, more = told(error)
    if not found["content_type"].endswith("json"):
        return Response(status, [("content-type", found["content_type"])], message.encode())
    schema = found.get("schema")
    if not schema:
        return None
    value = generate.example(schema, contract.schemas, given=_words(code, message, status, more))
    return contract.write(operation, value, status)


def _words(code: str, message: str, status: int, more: dict[str, Any]) -> Any:
    """What errors are made of, under the names that documents have for it, in every form."""
    inner = {"code": Either((code, status)), "message": message, "type": code, "status": Either((status, str(status)))}
    one = {
        **inner,
        "msg": message,
        "loc": [],
        "detail": message,
        "title": code,
        "field": code,
        "reason": message,
        "error": message,
    }
    listed = Either(([Either((one, message))], {"message": message}, message))
    members = {
        **inner,
        "error": Either((message, inner)),
        "errors": listed,
        "error_code": Either((code, status)),
        "error_description": message,
        "error_message": message,
        "errorMessage": message,
        "msg": message,
        "detail": Either((message, listed.forms[0])),
        "details": Either((message, listed.forms[0], more)),
        "description": message,
        "title": code.replace("_", " ").capitalize(),
        "reason": message,
        "statusCode": Either((status, str(status))),
        "status_code": Either((status, str(status))),
        "success": False,
        "ok": False,
    }
    return Either((members, listed.forms[0], message))
