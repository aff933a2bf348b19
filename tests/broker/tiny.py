"""A small service with handlers, streams and a signature, and the gateway in front of it, without a socket."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from broker.backends.base import Backend
from broker.backends.mock import MockBackend
from broker.directory import Directory
from broker.environments import Environments
from broker.fidelity import Fidelity
from broker.gateway import Gateway
from broker.grants import Grants
from broker.incidents import Incidents
from broker.policy import Policy
from broker.recorder import Recorder
from broker.redact import Redactor
from broker.resolve import Resolver
from broker.settings import Settings
from broker.storage.base import Delivery, Environment, Event, Exchange, Incident, Mode
from broker.storage.sqlite import SqliteStorage
from broker.tasks import Keeper
from broker.vault import Vault
from contracts.contract import ContractViolation, Match, Operation, Params, Violation
from contracts.exchange import Headers, Request, Response
from mocks.base import (
    Call,
    CredentialSpec,
    Grant,
    Handler,
    MadeKeys,
    Mail,
    Missing,
    MockService,
    Presented,
    Refusal,
    Reply,
    Result,
    ServiceError,
    State,
    Target,
)
from tests.broker.services import TableContract
from tests.clocks import HeldClock
from tests.harness import planned

HOST = "127.0.0.1:4600"

OPERATIONS = (
    Operation("things.create", "POST", "/v1/things", "thing", "create", "json"),
    Operation("things.list", "GET", "/v1/things", "thing", "list"),
    Operation("things.retrieve", "GET", "/v1/things/{id}", "thing", "retrieve"),
    Operation("things.delete", "DELETE", "/v1/things/{id}", "thing", "delete", success_status=204),
    Operation("things.decline", "POST", "/v1/decline", "thing", encoding="json"),
    Operation("things.mail", "POST", "/v1/mail", encoding="json"),
    Operation("things.wait", "POST", "/v1/wait", encoding="json"),
    Operation("things.break", "GET", "/v1/break"),
    Operation("things.fail", "GET", "/v1/fail"),
    Operation("files.put", "PUT", "/v1/files/{name}", encoding="bytes", streams_request=True),
    Operation("files.get", "GET", "/v1/files/{name}", streams_response=True),
    Operation("files.head", "HEAD", "/v1/files/{name}"),
    Operation("other.made_up", "GET", "/v1/other"),
    Operation("notes.create", "POST", "/v1/notes", encoding="json"),
)


class TinyContract(TableContract):
    """JSON in, JSON out. A body that is an object with ``name`` is right; an answer with ``broken`` is wrong."""

    def methods(self, path: str) -> frozenset[str]:
        return frozenset(
            each for each in ("GET", "POST", "PUT", "DELETE", "HEAD") if self.match(Request(method=each, path=path))
        )

    def read(self, match: Match, request: Request) -> Params:
        if match.operation.encoding != "json":
            return Params(path=match.path)
        try:
            body = orjson.loads(request.body)
        except ValueError:
            broken = Violation("body", (), "malformed", "is not JSON")
            raise ContractViolation(match.operation, [broken]) from None
        if "name" not in body:
            missing = Violation("body", ("name",), "required", "is missing")
            raise ContractViolation(match.operation, [missing], Params(path=match.path, body=body))
        return Params(path=match.path, body=body)

    def write(self, operation: Operation, value: Any, status: int | None = None) -> Response:
        status = operation.success_status if status is None else status
        if value is None:
            return Response(status, [], value=None)
        return Response(status, [("content-type", "application/json")], orjson.dumps(value), value=value)

    def check(self, operation: Operation, response: Response) -> Sequence[Violation]:
        if isinstance(response.value, dict) and "broken" in response.value:
            return [Violation("body", ("broken",), "unknown", "is not part of the answer")]
        return []


async def create(call: Call) -> Result:
    thing = {"id": call.new_id("thi_"), **call.params.body}
    await call.state.put("thing", thing["id"], thing, {"name": thing["name"]})
    if "event" in thing:
        call.emit(thing["event"], {"id": call.new_id("evt_"), "thing": thing})
    if thing["name"] == "unwritable":
        await call.state.put("thing", "big", {"text": "x" * 2_000_000})
    return thing


async def retrieve(call: Call) -> Result:
    found = await call.state.get("thing", call.params["id"])
    if found is None:
        raise Missing("thing", call.params["id"])
    return found


async def delete(call: Call) -> Result:
    if not await call.state.delete("thing", call.params["id"]):
        raise Missing("thing", call.params["id"])
    return Reply(None)


async def listed(call: Call) -> Result:
    return {"data": list(await call.state.page("thing"))}


async def decline(call: Call) -> Result:
    await call.state.put("thing", call.params["name"], {"id": call.params["name"]})
    call.emit("thing.declined", {"id": call.new_id("evt_")})
    raise ServiceError(402, "declined", "Declined.", keep=call.params.get("keep", False))


async def send(call: Call) -> Result:
    call.send_mail(Mail(id=call.new_id("mail_"), sender={"email": "a@x"}, to=[{"email": call.params["name"]}]))
    return {}


async def fail(call: Call) -> Result:
    await call.state.put("thing", "half", {})
    raise ZeroDivisionError("by nought")


async def broken(call: Call) -> Result:
    await call.state.put("thing", "broken", {"id": "broken"})
    return {"broken": True}


async def put_file(call: Call) -> Result:
    assert call.request.stream is not None
    blob = await call.state.write_blob(call.request.stream)
    await call.state.put("file", call.params["name"], {"blob": blob.id, "size": blob.size})
    return {"size": blob.size}


async def get_file(call: Call) -> Result:
    found = await call.state.get("file", call.params["name"])
    if found is None:
        raise Missing("file", call.params["name"])
    headers = [("content-length", str(found["size"]))]
    return Reply(None, 200, headers, stream=call.state.read_blob(found["blob"]))


async def head_file(call: Call) -> Result:
    return await get_file(call)


async def made_up(call: Call) -> Result:
    return {"made_up": True, "seed": call.seed, "options": dict(call.options)}


def masked(key: str) -> str:
    return f"{key[:8]}****{key[-4:]}"


def bearer(prefix: str) -> Callable[[Request], Presented | None]:
    def read(request: Request) -> Presented | None:
        key = (request.headers.get("authorization") or "").removeprefix("Bearer ")
        if not key:
            return None
        return Presented(key, live=key.startswith(prefix + "live_"), familiar=key.startswith(prefix), mask=masked)

    return read


def rendered(error: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
    code = getattr(error, "reason", None) or getattr(error, "code", "invalid")
    status = 400 if isinstance(error, ContractViolation) else error.status
    headers = [("content-type", "application/json"), *getattr(error, "headers", ())]
    return Response(status, headers, orjson.dumps({"error": {"code": code, "message": str(error)}}))


def check_signature(request: Request, secret: str, now: datetime) -> Request:
    if request.headers.get("x-signature") != secret:
        raise ServiceError(403, "signature_mismatch", "The signature does not match.")
    return request


def label_to_path(request: Request) -> Request:
    if request.host_label:
        request.path = f"/v1/files/{request.host_label}" if request.path == "/" else request.path
    return request


def named(request: Request, response: Response, new_id: Callable[[str, int], str]) -> None:
    response.headers.append(("x-tiny-request", new_id("req_", 8)))


HANDLERS: Mapping[str, Handler] = {
    "things.create": create,
    "things.list": listed,
    "things.retrieve": retrieve,
    "things.delete": delete,
    "things.decline": decline,
    "things.mail": send,
    "things.break": broken,
    "things.fail": fail,
    "files.put": put_file,
    "files.get": get_file,
    "files.head": head_file,
}


def tiny(**changes: Any) -> MockService:
    """``Authorization: Bearer tk_...``; the key is the secret."""
    contract: Any = TinyContract("tiny", OPERATIONS)
    service = MockService(
        name="tiny",
        contract=lambda: contract,
        operations=HANDLERS,
        fallback=made_up,
        credential=bearer("tk_"),
        credentials=(
            CredentialSpec("secret_key", lambda text: ("tk_test_" + text(24, "abcdefghij"), None)),
            CredentialSpec("webhook_secret", lambda text: ("twh_" + text(24, "abcdefghij"), None), presented=False),
        ),
        variables=lambda view: {"TINY_URL": view.base_url, "TINY_KEY": view.credentials["secret_key"][0]},
        render_error=rendered,
        decorate=named,
        webhook_credential="webhook_secret",
        secrets={"tk_": re.compile(r"tk_(?:test|live)_[0-9a-z_]+")},
    )
    return replace(service, **changes)


async def made_key(state: State, key: str) -> Grant | None:
    """What became of a thing that is called as the key: ``POST /v1/things`` makes it, DELETE ends it."""
    found = await state.get("thing", key.removeprefix("tk_made_"))
    return None if found is None else Grant(f"made:{found['id']}", {"may": found["name"]})


def reading_only(operation: Operation, request: Request, terms: Mapping[str, Any]) -> None:
    if operation.method != "GET" and terms["may"] == "read":
        raise ServiceError(403, "forbidden", "This key reads.")


#: Keys of the service's own: ``tk_made_`` and the id of a thing.
MADE = MadeKeys(
    lambda key: key.removeprefix("tk_made_") if key.startswith("tk_made_") else None, made_key, reading_only
)


def signed(**changes: Any) -> MockService:
    """``Authorization: Bearer sid_...`` names a key, ``X-Signature`` carries its secret; hosts carry a label."""
    return tiny(
        name="signed",
        credential=bearer("sid_"),
        credentials=(
            CredentialSpec("access_key", lambda text: ("sid_" + text(16, "abcdefghij"), text(40, "klmnopqrst"))),
        ),
        variables=lambda view: {"SIGNED_ID": view.credentials["access_key"][0]},
        verify=check_signature,
        relocate=label_to_path,
        webhook_credential=None,
        **changes,
    )


class Gate:
    """A gateway with all that is behind it. ``notified`` collects the ids of deliveries that wait."""

    def __init__(
        self, folder: Path, clock: HeldClock, *, services: Sequence[MockService] = (), strict: bool = False
    ) -> None:
        self.clock = clock
        self.services = {service.name: service for service in services or (tiny(), signed())}
        self.settings = Settings(data=folder, max_body_mib=1)
        self.vault = Vault("a key for tests only")
        self.storage = SqliteStorage(folder, lambda: clock.text(20))
        self.directory = Directory(self.storage.registry, self.vault, clock)
        self.keeper = Keeper()
        self.notified: list[str] = []
        redactor = self.redactor = Redactor(
            {sign: shape for service in self.services.values() for sign, shape in service.secrets.items()}
        )
        self.recorder = Recorder(self.storage, redactor, self.keeper, body_bytes=1024)
        self.environments = Environments(self.settings, clock, self.storage, self.vault, self.services)
        self.environments.watch(self.changed)
        grants = Grants(self.directory, self.storage)
        self.resolver = Resolver(self.directory, self.services, "localhost", grants=grants)
        self.incident_book = Incidents(self.storage.registry, clock, redactor)
        backend = MockBackend(self.storage, clock, self.vault, self._plan, self._notify, strict=strict)
        contracts = {service.name: service.contract for service in self.services.values()}
        self.fidelity = Fidelity(self.storage.external, clock, contracts)
        #: A test may add a mode.
        self.backends: dict[Mode, Backend] = {"mock": backend}
        self.gateway = Gateway(
            clock=clock,
            directory=self.directory,
            services=self.services,
            resolver=self.resolver,
            backends=self.backends,
            incidents=self.incident_book,
            recorder=self.recorder,
            max_body_mib=self.settings.max_body_mib,
            pages=backend,
            fidelity=self.fidelity,
        )
        self.backend = backend
        self.recorder.start()

    def changed(self, environment: Environment) -> None:
        self.directory.forget(environment.uid)
        self.directory.forget_name(environment.name)

    def _plan(self, event: Event, targets: Sequence[Target], now: datetime) -> Sequence[Delivery]:
        return planned(self.clock, self.vault, event, targets, now)

    def _notify(self, uid: str, delivery_ids: Sequence[str]) -> None:
        self.notified += delivery_ids

    async def open(self, name: str, policy: Mapping[str, Any] | None = None, *, reopen: bool = False) -> Environment:
        parsed = None if policy is None else Policy.parse({"version": 1, **policy}, self.services.keys())
        return (await self.environments.open(name, parsed, reopen=reopen)).environment

    async def close_environment(self, environment: Environment, status: Any = "closed") -> None:
        """As teardown does, as far as the registry goes."""
        await self.storage.registry.update_environment(
            environment.uid, status=status, closed_at=self.clock.now() if status == "closed" else None
        )
        await self.storage.registry.kill_credentials(environment.uid)
        self.gateway.forget(environment.uid)

    async def keys(self, environment: Environment, service: str = "tiny") -> dict[str, tuple[str, str | None]]:
        """By the credential's spec."""
        found = {}
        for each in await self.storage.registry.credentials(environment.uid):
            if each.service == service:
                secret = None if each.secret_sealed is None else self.vault.unseal(each.secret_sealed)
                found[each.spec] = (self.vault.unseal(each.key_sealed), secret)
        return found

    async def key(self, environment: Environment) -> str:
        return (await self.keys(environment))["secret_key"][0]

    async def call(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        host: str = HOST,
        json: Any = None,
        body: bytes | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One request as asgi.py hands it on."""
        fields = {"host": host, **(headers or {})}
        if key is not None:
            fields["authorization"] = f"Bearer {key}"
        if json is not None:
            body = orjson.dumps(json)
        if isinstance(body, bytes):
            fields.setdefault("content-length", str(len(body)))
        path, _, query = path.partition("?")
        return await self.gateway.answer(
            Request(
                method=method,
                path=path,
                query=query,
                headers=Headers(fields.items()),
                stream=pieces(body) if isinstance(body, bytes) else body,
                sent_path=path,
                host=host,
            )
        )

    async def incidents(self, name: str | None = None) -> Sequence[Incident]:
        return await self.storage.registry.incidents(name)

    async def journal(self, environment: Environment) -> Sequence[Exchange]:
        """Newest first, with everything that was answered so far."""
        await asyncio.wait_for(self.recorder.flush(), 10)
        return await (await self.storage.open(environment)).journal.exchanges()

    async def close(self) -> None:
        await self.keeper.stop()
        await self.storage.close()


async def pieces(body: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


def code(response: Response) -> str:
    """The error's code in a refusal."""
    found: str = orjson.loads(response.body)["error"]["code"]
    return found


def value(response: Response) -> Any:
    return orjson.loads(response.body)


Answering = Callable[..., Awaitable[Response]]
