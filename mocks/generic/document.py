"""A whole mock from any OpenAPI document: its keys, its errors, its examples, and what it keeps."""

from __future__ import annotations

import string
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from contracts.contract import ContractViolation
from contracts.exchange import Request, Response
from contracts.openapi import OpenApiContract
from mocks.base import BindingView, Call, CredentialSpec, Handler, MockService, Presented, Refusal, Result, ServiceError
from mocks.generic import faults, media, prefer, security, seeds
from mocks.generic.engine import answering
from mocks.generic.habits import Habits

KEY = "api_key"


def service(name: str, contract: OpenApiContract, extras: Mapping[str, Any]) -> MockService:
    """The mock called ``name`` of a document that ``contracts.compile.unseen`` compiled; ``extras`` as there."""
    schemes: security.Schemes = extras.get("schemes", {})
    base = str(extras.get("base", ""))
    prefix = name.upper().replace("-", "_")

    def make(text: Callable[[int, str], str]) -> tuple[str, str | None]:
        return f"{name}{security.SIGN}" + text(security.KEY_LENGTH, string.ascii_letters + string.digits), None

    def variables(binding: BindingView) -> Mapping[str, str]:
        # An environment whose policy gained the service a moment ago gets its key with the next bundle.
        found = {f"{prefix}_BASE_URL": binding.base_url + base}
        if KEY in binding.credentials:
            found |= security.variables(prefix, schemes, binding.credentials[KEY][0])
        return found

    def credential(request: Request) -> Presented | None:
        return security.presented(request, name, schemes)

    def anonymous(request: Request) -> bool:
        match = contract.match(request)
        if match is None:
            return not schemes
        return security.allowed(request, contract.details(match.operation)["security"], schemes)

    def render_error(error: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
        return faults.render(contract, error, request)

    return MockService(
        name=name,
        contract=lambda: contract,
        operations={},
        fallback=answering(Habits()),
        credential=credential,
        anonymous=anonymous,
        credentials=(CredentialSpec(KEY, make),),
        variables=variables,
        render_error=render_error,
        around=_wall(contract, schemes),
        limits="Made from its OpenAPI document: what that does not say is not known.",
    )


def _wall(contract: OpenApiContract, schemes: security.Schemes) -> Callable[[Call, Handler], Awaitable[Result]]:
    """What a document says about every call, around the engine's answer."""

    async def around(call: Call, handler: Handler) -> Result:
        operation = call.operation
        details = contract.details(operation)
        if details["security"] and not security.allowed(call.request, details["security"], schemes):
            raise ServiceError(401, "unauthorized", f"{operation.id} wants another credential than the call carries.")
        wanted = prefer.preferred(call.request)
        if wanted is not None:
            return prefer.answer(contract, operation, wanted)
        described = contract.described(operation, operation.success_status) or {}
        accept = call.request.headers.get("accept")
        if not media.accepted(accept, described):
            raise ServiceError(406, "not_acceptable", f"{operation.id} answers with {described['content_type']}.")
        if seeds.OPTION in call.options:
            await seeds.plant(call, contract)
        body = details["body"]
        if body and body["read_only"] and isinstance(call.params.body, Mapping):
            # https://spec.openapis.org/oas/v3.0.3#fixed-fields-20: read-only members are the server's to set.
            call.params.body = {
                name: value for name, value in call.params.body.items() if name not in body["read_only"]
            }
        result = await handler(call)
        if result is not None or "content_type" not in described:
            return result
        example = next(iter(contract.declared(operation, operation.success_status).values()), None)
        if media.is_json(described):
            return {} if example is None else example
        return media.opaque(described, example)

    return around
