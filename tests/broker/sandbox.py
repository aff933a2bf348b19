"""A small real provider for tests of the broker: its driver, and the world outside that it speaks to.

``tiny_provider()`` is the real side of the service ``tiny`` (tests/broker/tiny.py). ``Outside`` is the provider itself,
in memory: its ``send`` is an Upstream, its ``answer`` serves it on a socket (``site(outside.answer)`` of
tests/broker/targets.py). Things have notes and must outlive them; logs are never let go of.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson
from aiohttp import web

from broker.clock import Clock
from broker.errors import NotFound
from broker.ledger import Ledger
from broker.notices import Notices
from broker.revocation import Revocation
from broker.storage.base import Storage
from broker.storage.external import AccountRow, Entry
from broker.sweep import Sweep
from broker.upstream import Timeouts
from broker.workflows.workflows import Workflows
from contracts.exchange import Headers, Request, Response
from sandboxes.base import (
    CUT,
    Account,
    BadSignature,
    Found,
    HookEndpoint,
    HookEvent,
    Hooks,
    Limits,
    Marker,
    Outcome,
    Outgoing,
    Reference,
    Refused,
    Resource,
    Rule,
    SandboxProvider,
    Secret,
    Tell,
    Unreachable,
    Upstream,
    Visible,
)
from tests.broker.targets import World
from tests.broker.tiny import OPERATIONS, TinyContract

#: The real key; a canary in journals, logs and errors.
KEY = "tk_test_real_key_of_the_gateway"
INSTANCE = "k3x9qa"
PAGE = 10

#: ``lost``: carried out, and no answer. ``unsent``: neither. ``late``: no answer, and carried out by ``carry_out``.
#: A number: that status, and nothing was carried out.
How = int | str


@dataclass
class Fault:
    how: How
    when: Callable[[Request], bool] = lambda request: True
    times: int = 1
    words: str = "not now"


@dataclass
class Outside:
    """The provider. ``objects`` are all that exist, by id; ``calls`` what was asked for, as ``METHOD path``."""

    #: Keeps the objects beyond the end of this process.
    file: Path | None = None
    #: Seconds that every answer takes.
    takes: float = 0.0
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    late: list[Request] = field(default_factory=list)
    #: Calls under way, and the most that ever were.
    running: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            self.objects = json.loads(self.file.read_text())

    def fail(self, how: How, method: str = "", path: str = "", *, times: int = 1, words: str = "not now") -> None:
        """The next ``times`` requests of that method below that path go wrong."""

        def hit(request: Request) -> bool:
            return request.method == (method or request.method) and request.path.startswith(path)

        self.faults.append(Fault(how, hit, times, words))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.objects.values() if each["kind"] == kind]

    async def send(self, request: Request) -> Response:
        """An Upstream: one request, signed or not."""
        self.calls.append(f"{request.method} {request.path}")
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.takes)
            fault = next((each for each in self.faults if each.times > 0 and each.when(request)), None)
            if fault is None:
                return self.carried_out(request)
            fault.times -= 1
            if isinstance(fault.how, int):
                return _json(fault.how, {"error": fault.words})
            if fault.how == "late":
                self.late.append(request)
            if fault.how == "lost":
                self.carried_out(request)
            raise Unreachable("no answer within 1 s", sent=fault.how != "unsent")
        finally:
            self.running -= 1

    def carry_out(self) -> None:
        """What was late happens now."""
        for request in self.late:
            self.carried_out(request)
        self.late.clear()

    async def answer(self, request: web.Request, number: int) -> web.StreamResponse:
        """The same on a socket; an Unreachable cuts the connection."""
        asked = Request(
            method=request.method,
            path=request.path,
            query=request.query_string,
            headers=Headers([(name.lower(), value) for name, value in request.headers.items()]),
            body=await request.read(),
        )
        try:
            given = await self.send(asked)
        except Unreachable:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(status=given.status, headers=dict(given.headers), body=given.body)

    def carried_out(self, request: Request) -> Response:
        """What it does, and says."""
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _json(401, {"error": "unknown key"})
        _, _, table, *rest = request.path.split("/")
        if request.method == "POST" and table in ("things", "notes", "endpoints"):
            return self._create(table[:-1], orjson.loads(request.body or b"{}"))
        if request.method == "GET" and not rest:
            return self._list(table[:-1], parse_qs(request.query))
        if table in ("mail", "wait"):
            return _json(200, {})
        found = self.objects.get(rest[0]) if rest else None
        if found is None:
            return _json(404, {"error": f"nothing is called {rest}"})
        if request.method != "DELETE":
            return _json(200, found)
        if any(each["parent"] == found["id"] and each["kind"] == "note" for each in self.objects.values()):
            return _json(409, {"error": f"{found['id']} has notes"})
        del self.objects[found["id"]]
        self._keep()
        return Response(204, [])

    def _create(self, kind: str, body: dict[str, Any]) -> Response:
        number = sum(each["kind"] == kind for each in self.objects.values()) + len(self.calls)
        made = {
            **body,
            "id": f"{kind[:3]}_{number}",
            "kind": kind,
            "marker": body.get("marker", ""),
            "parent": body.get("thing", ""),
        }
        if body.get("log"):
            made["log"] = f"log_{number}"
            self.objects[made["log"]] = {"id": made["log"], "kind": "log", "marker": "", "parent": made["id"]}
        self.objects[made["id"]] = made
        self._keep()
        return _json(200, made)

    def _list(self, kind: str, query: dict[str, list[str]]) -> Response:
        prefix, after = query.get("marker", [""])[0], query.get("after", [""])[0]
        limit = int(query.get("limit", [str(PAGE)])[0])
        ids = [
            each["id"] for each in self.objects.values() if each["kind"] == kind and each["marker"].startswith(prefix)
        ]
        start = ids.index(after) + 1 if after in ids else 0
        shown = ids[start : start + limit]
        return _json(200, {"data": [self.objects[each] for each in shown], "more": start + limit < len(ids)})

    def _keep(self) -> None:
        if self.file is not None:
            aside = self.file.with_suffix(".part")
            aside.write_text(json.dumps(self.objects))
            aside.replace(self.file)


def _json(status: int, value: Any) -> Response:
    return Response(status, [("content-type", "application/json")], orjson.dumps(value))


def authorised(request: Request, account: Account, now: datetime) -> Request:
    """The ``sign``: with the real key."""
    pairs = [pair for pair in request.headers if pair[0] != "authorization"]
    return replace(request, headers=Headers([*pairs, ("authorization", f"Bearer {account.secret.key}")]))


def outbound(call: Outgoing, account: Account, marker: Marker, now: datetime) -> Request:
    request = authorised(call.request, account, now)
    if call.rule.effect != "create":
        return request
    body = orjson.dumps({**orjson.loads(request.body), "marker": marker.text})
    pairs = [pair for pair in request.headers if pair[0] != "content-length"]
    return replace(request, body=body, headers=Headers([*pairs, ("content-length", str(len(body)))]))


def references(call: Outgoing) -> Sequence[Reference]:
    found = []
    if "id" in call.params.path:
        found.append(Reference(call.params.path["id"], "id", "thing", in_path=True, subject=True))
    if isinstance(call.params.body, Mapping) and "thing" in call.params.body:
        found.append(Reference(call.params.body["thing"], "thing", "thing"))
    return found


def made(call: Outgoing, response: Response) -> Sequence[Resource]:
    if call.rule.effect != "create":
        return []
    value = orjson.loads(response.body)
    found = [Resource(call.rule.kind, value["id"], parent=value["parent"])]
    return [*found, Resource("log", value["log"], parent=value["id"], derived=True)] if "log" in value else found


async def narrow(call: Outgoing, send: Upstream, visible: Visible) -> Response:
    """Up to PAGE of the environment's own, out of three pages at the most."""
    query = {name: values[0] for name, values in parse_qs(call.request.query).items()}
    shown: list[Any] = []
    for _ in range(3):
        response = await send(replace(call.request, query=urlencode(query)))
        if response.status != 200:
            return response
        value = orjson.loads(response.body)
        own = await visible([each["id"] for each in value["data"]])
        shown += [each for each in value["data"] if each["id"] in own]
        if not value["more"] or len(shown) >= PAGE:
            return _json(200, {**value, "data": shown[:PAGE], "more": value["more"] or len(shown) > PAGE})
        query["after"] = value["data"][-1]["id"]
    answer = _json(200, {"data": shown, "more": True})
    answer.headers.append(CUT)
    return answer


async def revoke(resource: Resource, send: Upstream, tell: Tell) -> Outcome:
    if resource.kind == "log":
        return "kept"
    response = await send(Request(method="DELETE", path=f"/v1/{resource.kind}s/{resource.id}"))
    if response.status == 404:
        return "absent"
    if response.status != 204:
        raise Refused(response.status, orjson.loads(response.body)["error"])
    tell({"parts": 1})
    return "deleted"


async def find(marker: Marker, since: datetime, send: Upstream) -> AsyncIterator[Found]:
    for kind in ("note", "thing"):
        after = ""
        while True:
            query = urlencode({"marker": marker.text, "after": after})
            response = await send(Request(method="GET", path=f"/v1/{kind}s", query=query))
            value = orjson.loads(response.body)
            if response.status != 200:
                raise Refused(response.status, value["error"])
            for each in value["data"]:
                owner = each["marker"].rsplit(":", 1)[1]
                created = datetime.fromisoformat(each["created"]) if "created" in each else None
                yield Found(Resource(kind, each["id"], parent=each["parent"]), owner, created)
            if not value["more"]:
                break
            after = value["data"][-1]["id"]


async def ensure_hook(url: str, there: HookEndpoint | None, send: Upstream) -> HookEndpoint:
    if there is not None:
        response = await send(Request(method="GET", path=f"/v1/endpoints/{there.id}"))
        if response.status == 200 and orjson.loads(response.body)["url"] == url:
            return HookEndpoint(there.id)
    response = await send(Request(method="POST", path="/v1/endpoints", body=orjson.dumps({"url": url})))
    if response.status != 200:
        raise Refused(response.status, orjson.loads(response.body)["error"])
    value = orjson.loads(response.body)
    return HookEndpoint(value["id"], f"whs_{value['id']}")


async def remove_hook(endpoint: HookEndpoint, send: Upstream) -> None:
    response = await send(Request(method="DELETE", path=f"/v1/endpoints/{endpoint.id}"))
    if response.status not in (204, 404):
        raise Refused(response.status, orjson.loads(response.body)["error"])


def verify_hook(request: Request, secret: str, now: datetime) -> Sequence[HookEvent]:
    """One event or a list of them, signed with the secret itself: ``{"id", "type", "thing", "parent", "marker"}``."""
    if request.headers.get("x-signature") != secret:
        raise BadSignature("x-signature is not the secret")
    value = orjson.loads(request.body)
    return [
        HookEvent(
            each["id"],
            each["type"],
            each,
            [each[name] for name in ("thing", "parent") if each.get(name)],
            [each["marker"]] if each.get("marker") else [],
        )
        for each in (value if isinstance(value, list) else [value])
    ]


def check_secret(secret: Secret) -> str | None:
    return "this is a key of the live mode" if secret.key.startswith("tk_live_") else None


RULES = {
    "things.create": Rule("create", "thing", id_pointer=("id",)),
    "things.list": Rule("list", "thing"),
    "things.retrieve": Rule("read", "thing", id_param="id"),
    "things.delete": Rule("delete", "thing", id_param="id"),
    "notes.create": Rule("create", "note", id_pointer=("id",)),
    "things.mail": Rule("send"),
    "things.wait": Rule("send"),
}


def tiny_provider(**changes: Any) -> SandboxProvider:
    contract: Any = TinyContract("tiny", OPERATIONS)
    provider = SandboxProvider(
        name="tiny",
        hosts=frozenset({"api.tiny.test"}),
        endpoint="https://api.tiny.test",
        contract=lambda: contract,
        rules=RULES,
        limits=Limits(rate=1000.0, concurrency=100),
        order=("note", "thing", "log"),
        permissions=("things: read and write",),
        options={"region": "where it is"},
        check_secret=check_secret,
        references=references,
        outbound=outbound,
        sign=authorised,
        made=made,
        repeatable=lambda call, response: call.rule.effect in ("read", "list"),
        throttled=lambda response: 1.0 if response.status == 429 else None,
        serial=lambda call: call.params.get("id") if call.rule.effect == "delete" else None,
        cost=lambda call: {"mails": 1} if call.operation.id == "things.mail" else {},
        narrow=narrow,
        revoke=revoke,
        find=find,
        hooks=Hooks(ensure=ensure_hook, remove=remove_hook, verify=verify_hook),
    )
    return replace(provider, **changes)


class PlainAccounts:
    """As much of broker.accounts.Accounts as the parts behind it use: what is in ``outsides`` is an account."""

    def __init__(self, storage: Storage, clock: Clock, outsides: Mapping[str, Outside], **changes: Any) -> None:
        self._storage = storage
        self._clock = clock
        self.outsides = dict(outsides)
        self.provider = tiny_provider(**changes)
        self.released: list[str] = []

    async def marker(self, uid: str = "") -> Marker:
        return Marker(INSTANCE, uid)

    async def named(self, name: str) -> tuple[SandboxProvider, Account]:
        if name not in self.outsides:
            raise NotFound(f"no account is called {name}")
        return self.provider, Account(name, "https://api.tiny.test", Secret(KEY))

    def send(self, provider: SandboxProvider, account: Account, environment: str = "") -> Upstream:
        async def signed(request: Request) -> Response:
            return await self.outsides[account.name].send(provider.sign(request, account, self._clock.now()))

        return signed

    async def release(self, uid: str) -> None:
        self.released.append(uid)

    async def keep(self) -> None:
        """The accounts as rows, for what looks them up in storage."""
        for name in self.outsides:
            row = AccountRow(
                name=name, service=self.provider.name, secret={"variable": "TINY"}, created_at=self._clock.now()
            )
            await self._storage.external.put_account(row)

    async def make(
        self, uid: str, kind: str = "thing", *, account: str = "one", age: timedelta | None = None, **body: Any
    ) -> dict[str, Any]:
        """An object outside with the environment's marker, and no line in the ledger."""
        created = self._clock.now() - (age or timedelta())
        body = {"name": kind, "marker": Marker(INSTANCE, uid).text, "created": created.isoformat(), **body}
        headers = Headers([("authorization", f"Bearer {KEY}")])
        path = f"/v1/{kind}s"
        asked = Request(method="POST", path=path, headers=headers, body=orjson.dumps(body))
        value: dict[str, Any] = orjson.loads((await self.outsides[account].send(asked)).body)
        return value


def workflows_with(world: World, accounts: Any, *, told: str | None = None, **options: Any) -> Workflows:
    """Durable work of a server with real accounts; ``told`` is where its notices go."""
    ledger = Ledger(world.storage.external.ledger, world.clock)
    parts = {"storage": world.storage, "clock": world.clock, "ledger": ledger, "accounts": accounts}
    revocation = Revocation(**parts, **options)
    return Workflows(
        world.settings,
        world.clock,
        world.storage,
        world.vault,
        world.services,
        world.upstream,
        revocation=revocation,
        sweeps=Sweep(**parts, revocation=revocation),
        notices=Notices(
            external=world.storage.external,
            clock=world.clock,
            upstream=world.upstream,
            url=told,
            secret="the secret of the orchestrator",
            timeouts=Timeouts(connect=2, total=2),
        ),
    )


def line(uid: str, clock: Clock, resource: Resource, *, account: str = "one", **changes: Any) -> Entry:
    """A line of the ledger as it stands after its call."""
    now = clock.now()
    values: dict[str, Any] = {
        "id": "res_" + clock.text(20),
        "uid": uid,
        "service": "tiny",
        "account": account,
        "kind": resource.kind,
        "status": "live",
        "origin": "made",
        "created_at": now,
        "changed_at": now,
        "external_id": resource.id or None,
        "alias": resource.alias,
        "parent": resource.parent,
    }
    return Entry(**{**values, **changes})
