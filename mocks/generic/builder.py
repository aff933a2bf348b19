"""A whole mock from a contract alone: bearer keys, one error shape, an empty table of handlers."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from contracts.contract import Contract, ContractViolation
from contracts.exchange import Request, Response
from mocks.base import BindingView, CredentialSpec, Handler, MockService, Presented, Refusal, ServiceError
from mocks.generic.engine import answering
from mocks.generic.habits import Habits

_KEY = "api_key"
_KEY_LENGTH = 32


def service(
    name: str,
    contract: Callable[[], Contract],
    *,
    habits: Habits | None = None,
    operations: Mapping[str, Handler] | None = None,
) -> MockService:
    """A stateful mock of ``contract``, called ``name``. Its keys look like ``<name>_<32 characters>`` and are
    sent as a bearer token or in ``X-Api-Key``; errors are ``{"error": {"code", "message", "violations"}}``."""
    prefix = f"{name}_"
    variable = name.upper().replace("-", "_")

    def credential(request: Request) -> Presented | None:
        key = _bearer(request) or request.headers.get("x-api-key")
        return (
            None
            if not key
            else Presented(key, familiar=key.startswith(prefix), mask=lambda key: f"{prefix}****{key[-4:]}")
        )

    def variables(binding: BindingView) -> Mapping[str, str]:
        key, _ = binding.credentials[_KEY]
        return {f"{variable}_API_BASE": binding.base_url, f"{variable}_API_KEY": key}

    def make(text: Callable[[int, str], str]) -> tuple[str, str | None]:
        return prefix + text(_KEY_LENGTH, string.ascii_letters + string.digits), None

    return MockService(
        name=name,
        contract=contract,
        operations=operations or {},
        fallback=answering(habits or Habits()),
        credential=credential,
        credentials=(CredentialSpec(_KEY, make),),
        variables=variables,
        render_error=render_error,
        limits="Generated from the contract: resources are kept, rules that the contract does not tell are not known.",
    )


def _bearer(request: Request) -> str | None:
    scheme, _, key = (request.headers.get("authorization") or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def render_error(error: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
    """``{"error": {"code", "message", "violations"}}`` with the status that the error has."""
    body: dict[str, Any]
    if isinstance(error, ContractViolation):
        status = 400
        violations = [{"where": v.where, "rule": v.rule, "message": v.message} for v in error.violations]
        body = {"code": "contract_violation", "message": violations[0]["message"], "violations": violations}
    elif isinstance(error, Refusal):
        status = error.status
        body = {"code": error.reason, "message": error.message}
    else:
        status = error.status
        body = {"code": error.code, "message": error.message, **error.details}
    headers = [("content-type", "application/json")]
    if isinstance(error, ServiceError):
        headers += error.headers
    value = {"error": body}
    return Response(status, headers, orjson.dumps(value), value=value)
