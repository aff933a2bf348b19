"""Where the time of a call goes: the broker's own ASGI app in this process, with a stopwatch around each stage.

The steps of the gateway's way are wrapped from the outside, so that the hot path carries no measuring code.
What is counted is CPU time of this thread, each stage without the stages inside it; the HTTP server is not in it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import uvloop

import broker.gateway
from bench.load import MARK, marked
from bench.wire import CUSTOMER, Bundle
from broker.app import Broker
from broker.backends.mock import MockBackend
from broker.policy import Policy
from broker.recorder import Recorder
from broker.resolve import Resolver
from broker.settings import Settings
from mocks.base import MockService
from mocks.registry import SERVICES


class Stopwatch:
    """CPU time by stage, each without what ran inside it. One call at a time."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, int] = defaultdict(int)
        self._open: list[list[Any]] = []
        self._cost = self._calibrate()

    def _calibrate(self) -> int:
        """What a stopwatch costs the stage around the one it measures, in nanoseconds: a wrapped call of nothing."""
        self._cost = 0
        nothing = self.around("inner", lambda: None)
        rounds = 5000
        self.begin("outer")
        for _ in range(rounds):
            nothing()
        self.end()
        cost = self.spent["outer"] // rounds
        self.spent.clear()
        return cost

    def begin(self, stage: str) -> None:
        """Enter a stage."""
        self._open.append([stage, time.thread_time_ns(), 0])

    def end(self) -> None:
        """Leave it."""
        stage, begun, inside = self._open.pop()
        spent = time.thread_time_ns() - begun
        self.spent[stage] += spent - inside
        if self._open:
            self._open[-1][2] += spent + self._cost

    def around(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with the stopwatch around it; asynchronous ones stay asynchronous."""
        if inspect.iscoroutinefunction(function):

            async def timed(*arguments: Any, **options: Any) -> Any:
                self.begin(stage)
                try:
                    return await function(*arguments, **options)
                finally:
                    self.end()

            return timed

        def timed_at_once(*arguments: Any, **options: Any) -> Any:
            self.begin(stage)
            try:
                return function(*arguments, **options)
            finally:
                self.end()

        return timed_at_once


@contextmanager
def _wrapped(watch: Stopwatch, places: Sequence[tuple[Any, str, str]]) -> Iterator[None]:
    """Methods of classes and functions of modules, timed while inside."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    for owner, name, stage in places:
        setattr(owner, name, watch.around(stage, getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def _places(server: Broker) -> list[tuple[Any, str, str]]:
    """The steps of a call, in the order of its way; classes that only the running server knows are asked from it."""
    places: list[tuple[Any, str, str]] = [
        (Resolver, "resolve", "resolve"),
        (Policy, "decide", "policy"),
        (broker.gateway, "receive", "body"),
        (MockBackend, "_store_events", "events"),
        (Recorder, "take", "journal: take"),
        (Recorder, "_drain", "journal: redact, store"),
    ]
    for contract in {type(service.contract()) for service in server.services.values()}:
        places += [(contract, name, f"contract: {name}") for name in ("match", "read", "write", "check")]
    return places


def _timed_service(watch: Stopwatch, service: MockService) -> MockService:
    """The service with its own functions timed; handlers run inside ``around``."""
    timed: dict[str, Any] = {
        "around": watch.around("around", service.around),
        "credential": watch.around("credential", service.credential),
        "decorate": watch.around("decorate", service.decorate),
        "operations": {name: watch.around("handler", handler) for name, handler in service.operations.items()},
    }
    if service.verify is not None:
        timed["verify"] = watch.around("signature", service.verify)
    return dataclasses.replace(service, **timed)


class _Exchange:
    """One request as an ASGI server would hand it over; keeps the answer's status and body."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        method, target, _ = first.split(b" ")
        path, _, query = target.partition(b"?")
        fields = [tuple(line.split(b": ", 1)) for line in lines]
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method.decode(),
            "scheme": "http",
            "path": unquote(path.decode()),
            "raw_path": path,
            "query_string": query,
            "headers": [(name.lower(), value) for name, value in fields],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 4600),
        }
        self.status = 0
        self.answer = b""

    async def receive(self) -> Mapping[str, Any]:
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.answer += message.get("body", b"")


async def _call(server: Broker, raw: bytes) -> _Exchange:
    one = _Exchange(raw)
    await server.application(one.scope, one.receive, one.send)  # type: ignore[arg-type]  # a mapping is a message
    if one.status >= 400:
        raise RuntimeError(f"{one.scope['path']} was answered with {one.status}: {one.answer[:300]!r}")
    return one


async def _measure(folder: Path, calls: int) -> list[dict[str, Any]]:
    watch = Stopwatch()
    server = Broker(Settings(data=folder), services=[_timed_service(watch, service) for service in SERVICES])
    async with server.lifespan():
        opened = await server.environments.open("pr-1")
        bundle = Bundle(await server.environments.bundle(opened.environment))
        made = await _call(server, bundle.stripe("POST", "/v1/customers", CUSTOMER))
        customer = made.answer.split(b'"id":"', 1)[1].split(b'"', 1)[0].decode()
        await _call(server, bundle.s3("PUT", "/bench"))
        kinds = {
            "retrieve a customer": bundle.stripe("GET", f"/v1/customers/{customer}"),
            "create a customer": bundle.stripe("POST", "/v1/customers", CUSTOMER),
            "S3 PUT, 1 KiB": bundle.s3("PUT", "/bench/object", bytes(1024)),
            "S3 GET, 1 KiB": bundle.s3("GET", "/bench/object"),
            "SendGrid mail/send": bundle.sendgrid(),
        }
        store = await server.storage.open(opened.environment)
        transaction = type(store.begin("none"))
        state = [(transaction, name, "state") for name in ("get", "put", "page", "delete", "count", "start")]
        state += [(transaction, name, "outbox, mailbox") for name in ("add_event", "add_delivery", "add_mail")]
        with _wrapped(watch, [*_places(server), *state, (transaction, "commit", "commit")]):
            return [await _profile(server, watch, name, raw, calls) for name, raw in kinds.items()]


async def _profile(server: Broker, watch: Stopwatch, name: str, raw: bytes, calls: int) -> dict[str, Any]:
    requests = [marked(raw, number) for number in range(calls)] if MARK in raw else [raw] * calls
    for one in requests[: calls // 10]:
        await _call(server, one.replace(b"b9ae7c2e", b"warm0up0"))
    await server.recorder.flush()
    watch.spent.clear()
    for one in requests:
        watch.begin("gateway and ASGI")
        await _call(server, one)
        watch.end()
    # What the journal still has to write is counted too; what runs beside it is not.
    await server.recorder.flush()
    stages = {stage: spent / calls / 1000 for stage, spent in sorted(watch.spent.items(), key=lambda one: -one[1])}
    return {"name": name, "calls": calls, "total": sum(stages.values()), "stages": stages}


def stages(calls: int) -> list[dict[str, Any]]:
    """Microseconds by stage for five kinds of call: ``[{"name", "calls", "total", "stages": {stage: spent}}]``."""
    with (
        tempfile.TemporaryDirectory(prefix="broker-stages-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(_measure(Path(folder), calls))
