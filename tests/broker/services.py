"""Two small mock services for tests of the broker: it must work with any, and know none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.contract import Contract, ContractViolation, Match, Operation
from contracts.exchange import Request, Response
from mocks.base import (
    Accounts,
    BindingView,
    Call,
    CredentialSpec,
    MockService,
    Presented,
    Refusal,
    Result,
    ServiceError,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"

THINGS = (
    Operation("things.create", "POST", "/v1/things", "thing", "create", "form"),
    Operation("things.retrieve", "GET", "/v1/things/{id}", "thing", "retrieve"),
    Operation("things.list", "GET", "/v1/things", "thing", "list"),
    Operation("things.delete", "DELETE", "/v1/things/{id}", "thing", "delete"),
)


class TableContract:
    """As much of a Contract as the control side asks for."""

    def __init__(self, name: str, operations: tuple[Operation, ...]) -> None:
        self.name = name
        self.version = "2026-01-01"
        self._operations = {operation.id: operation for operation in operations}

    def operations(self) -> Mapping[str, Operation]:
        return self._operations

    def match(self, request: Request) -> Match | None:
        for operation in self._operations.values():
            wanted, sent = operation.path.split("/"), request.path.split("/")
            if operation.method == request.method and len(wanted) == len(sent):
                pairs = list(zip(wanted, sent, strict=True))
                if all(w == s or w.startswith("{") for w, s in pairs):
                    return Match(operation, {w[1:-1]: s for w, s in pairs if w.startswith("{")})
        return None

    def methods(self, path: str) -> frozenset[str]:
        found = (self.match(Request(method=method, path=path)) for method in ("GET", "POST", "DELETE"))
        return frozenset(match.operation.method for match in found if match)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the control side has no business with {name}")


async def nothing(call: Call) -> Result:
    return {}


def bearer(request: Request) -> Presented | None:
    value = request.headers.get("authorization", "") or ""
    return Presented(value.removeprefix("Bearer ")) if value else None


def plain_error(error: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
    return Response(getattr(error, "status", 400), [("content-type", "text/plain")], str(error).encode())


def secret_key(text: Callable[[int, str], str]) -> tuple[str, str | None]:
    return "al_test_" + text(24, LETTERS), None


def key_pair(text: Callable[[int, str], str]) -> tuple[str, str | None]:
    return text(20, LETTERS).upper(), text(40, LETTERS + "+/")


def signing_secret(text: Callable[[int, str], str]) -> tuple[str, str | None]:
    return "alsec_" + text(32, LETTERS), None


def alpha_variables(view: BindingView) -> Mapping[str, str]:
    return {
        "ALPHA_URL": view.base_url,
        "ALPHA_KEY": view.credentials["secret_key"][0],
        "ALPHA_WEBHOOK_SECRET": view.credentials["webhook_secret"][0],
    }


def beta_variables(view: BindingView) -> Mapping[str, str]:
    key, secret = view.credentials["access_key"]
    return {"BETA_ENDPOINT": view.base_url, "BETA_KEY_ID": key, "BETA_SECRET": secret or ""}


def alpha() -> MockService:
    contract: Contract = TableContract("alpha", THINGS)  # type: ignore[assignment]  # the part that is asked for
    return MockService(
        name="alpha",
        contract=lambda: contract,
        operations={"things.create": nothing},
        fallback=nothing,
        credential=bearer,
        credentials=(
            CredentialSpec("secret_key", secret_key),
            CredentialSpec("webhook_secret", signing_secret, presented=False),
        ),
        variables=alpha_variables,
        render_error=plain_error,
        webhook_credential="webhook_secret",
        limits="only things",
    )


PAIR = CredentialSpec("access_key", key_pair)


def beta_account(realm: str, name: str) -> Mapping[str, str]:
    """Its id is its name where that has digits only."""
    return {"account": name if name.isdecimal() else f"{len(name):04d}", "home": f"{realm}/{name}"}


def beta() -> MockService:
    contract: Contract = TableContract("beta", THINGS[:1])  # type: ignore[assignment]  # the part that is asked for
    return MockService(
        name="beta",
        contract=lambda: contract,
        operations={},
        fallback=nothing,
        credential=bearer,
        credentials=(PAIR,),
        accounts=Accounts(PAIR, beta_account, lambda pair: {"BETA_KEY_ID": pair[0], "BETA_SECRET": pair[1] or ""}),
        variables=beta_variables,
        render_error=plain_error,
    )


def both() -> dict[str, MockService]:
    return {service.name: service for service in (alpha(), beta())}
