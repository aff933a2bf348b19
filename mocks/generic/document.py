"""A whole mock from any OpenAPI document: its keys, its errors, its examples, what it keeps and what it sends."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contracts.contract import ContractViolation, Operation
from contracts.exchange import Request, Response
from contracts.openapi import OpenApiContract
from mocks.base import BindingView, Call, CredentialSpec, Handler, MockService, Presented, Refusal, Result, ServiceError
from mocks.generic import announce, faults, links, media, prefer, security, seeds
from mocks.generic.addressing import held
from mocks.generic.engine import answering
from mocks.generic.habits import Habits
from mocks.generic.roles import Role, path_values, roles

KEY: Final = "api_key"
_HABITS: Final = Habits(
    aliases=True,
    limits=links.LIMITS,
    afters=links.AFTER,
    offsets=links.OFFSETS,
    next_address=links.next_address,
    envelope=links.envelope,
)
WEBHOOK_SECRET: Final = "webhook_secret"  # noqa: S105 - the name of a credential


def service(name: str, contract: OpenApiContract, extras: Mapping[str, Any]) -> MockService:
    """The mock called ``name`` of a document that ``contracts.compile.unseen`` compiled; ``extras`` as there."""
    schemes: security.Schemes = extras.get("schemes", {})
    base = str(extras.get("base", ""))
    prefix = name.upper().replace("-", "_")
    wall = _Wall(contract, schemes, extras.get("webhooks", ()))

    def make(text: Callable[[int, str], str]) -> tuple[str, str | None]:
        return f"{name}{security.SIGN}" + text(security.KEY_LENGTH, string.ascii_letters + string.digits), None

    def variables(binding: BindingView) -> Mapping[str, str]:
        # An environment whose policy gained the service a moment ago gets its key with the next bundle.
        found = {f"{prefix}_BASE_URL": binding.base_url + base}
        if KEY in binding.credentials:
            found |= security.variables(prefix, schemes, binding.credentials[KEY][0])
        if extras.get("webhooks") and WEBHOOK_SECRET in binding.credentials:
            found[f"{prefix}_WEBHOOK_SECRET"] = binding.credentials[WEBHOOK_SECRET][0]
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
        fallback=answering(_HABITS),
        credential=credential,
        anonymous=anonymous,
        credentials=(CredentialSpec(KEY, make), CredentialSpec(WEBHOOK_SECRET, announce.secret, presented=False)),
        variables=variables,
        render_error=render_error,
        around=wall.around,
        sign_event=announce.signed,
        webhook_credential=WEBHOOK_SECRET,
        targets=announce.targets,
        limits="Made from its OpenAPI document: what that does not say is not known.",
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What the document says about one operation, as calls need it."""

    alternatives: Sequence[Sequence[str]]
    #: There is one scheme, and it is what the operation wants.
    alone: bool
    described: Mapping[str, Any]
    read_only: frozenset[str]
    callbacks: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, contract: OpenApiContract, operation: Operation, schemes: security.Schemes) -> _Said:
        """As compiled (library/README.md)."""
        details = contract.details(operation)
        return cls(
            alternatives=details["security"],
            alone=len(schemes) == 1 and [*schemes] in details["security"],
            described=contract.described(operation, operation.success_status) or {},
            read_only=frozenset((details["body"] or {}).get("read_only", ())),
            callbacks=details["callbacks"],
        )


class _Wall:
    """What a document says about every call, around the engine's answer."""

    def __init__(
        self, contract: OpenApiContract, schemes: security.Schemes, webhooks: list[Mapping[str, Any]] | tuple[()]
    ) -> None:
        self._contract = contract
        self._schemes = schemes
        self._webhooks = webhooks
        self._said: dict[Operation, _Said] = {}
        self._follows: dict[Operation, tuple[Role, list[Mapping[str, Any]]]] | None = None

    async def around(self, call: Call, handler: Handler) -> Result:
        contract, operation = self._contract, call.operation
        said = self._said.get(operation)
        if said is None:
            said = self._said[operation] = _Said.of(contract, operation, self._schemes)
        # With one scheme, a caller who is known has kept it.
        if said.alternatives and not (said.alone and call.credential) and not self._lets_in(call, said):
            raise ServiceError(401, "unauthorized", f"{operation.id} wants another credential than the call carries.")
        headers, described = call.request.headers, said.described
        wanted = prefer.preferred(call.request) if "prefer" in headers else None
        if wanted is not None:
            return prefer.answer(contract, operation, wanted)
        accept = headers.get("accept")
        if accept is not None and accept != "*/*" and not media.accepted(accept, described):
            raise ServiceError(406, "not_acceptable", f"{operation.id} answers with {described['content_type']}.")
        if seeds.OPTION in call.options:
            await seeds.plant(call, contract)
        if said.read_only and isinstance(call.params.body, Mapping):
            # https://spec.openapis.org/oas/v3.0.3#fixed-fields-20: read-only members are the server's to set.
            call.params.body = {name: value for name, value in call.params.body.items() if name not in said.read_only}
        result = await self._answered(call, handler) if self._webhooks else await handler(call)
        if said.callbacks:
            await announce.call_back(call, said.callbacks, contract, result)
        if result is not None or "content_type" not in described:
            return result
        example = next(iter(contract.declared(operation, operation.success_status).values()), None)
        if media.is_json(described):
            return {} if example is None else example
        return media.opaque(described, example)

    def _lets_in(self, call: Call, said: _Said) -> bool:
        return security.allowed(call.request, said.alternatives, self._schemes)

    async def _answered(self, call: Call, handler: Handler) -> Result:
        """The answer, and the webhooks that follow it."""
        follows = self._following().get(call.operation)
        if follows is None:
            return await handler(call)
        role, webhooks = follows
        shape = role.shape
        parents = path_values(call.operation, call.params)
        before = await call.state.get(shape.name, "/".join(parents)) if role.deed == "delete" else None
        result = await handler(call)
        key = "/".join(parents)
        made = held(result, shape.id_field)
        if role.deed == "create" and isinstance(made, Mapping) and shape.id_field in made:
            key = "/".join([*parents, str(made[shape.id_field])])
        record = before or await call.state.get(shape.name, key)
        for webhook in webhooks if record is not None else ():
            announce.send(call, webhook, self._contract, shape, record or {})
        return result

    def _following(self) -> Mapping[Operation, tuple[Role, list[Mapping[str, Any]]]]:
        """The webhooks that each operation is followed by."""
        if self._follows is None:
            self._follows = {}
            found = roles(self._contract)
            shapes = sorted({role.shape.name for role in found.values()})
            meant = [(webhook, announce.deed_of(webhook["name"], shapes)) for webhook in self._webhooks]
            for operation, role in found.items():
                heard = [webhook for webhook, deed in meant if deed == (role.shape.name, role.deed)]
                if heard:
                    self._follows[operation] = (role, heard)
        return self._follows
