"""Mode ``mock``: the service's handler, or the generic engine, in one transaction of the environment's state."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qsl

from broker import bindings
from broker.backends import filing
from broker.backends.mock_call import MockCall, unaddressed
from broker.clock import Clock
from broker.storage.base import Delivery, Environment, EnvironmentStore, Event, Storage, Transaction
from broker.vault import Vault
from broker.visit import Visit
from contracts.contract import Contract, Match, Operation, Params, Violation
from contracts.exchange import UNSET, Response
from mocks.base import Call, MockService, Page, Reply, Result, ServiceError, Target

#: So many events of a call are stored before other environments have their turn.
_A_TURN = 32


class BrokenReply(Exception):
    """A mock's answer that its own contract refuses: our bug, raised where strict replies are asked for."""

    def __init__(self, operation: Operation, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(f"{operation.id}: " + "; ".join(f"{v.where}: {v.message}" for v in violations[:5]))


class Planner(Protocol):
    """Which targets hear an event: answers the deliveries to store with it."""

    def __call__(self, event: Event, targets: Sequence[Target], now: datetime) -> Sequence[Delivery]: ...


class Notify(Protocol):
    """Told after the commit that deliveries wait; never blocks."""

    def __call__(self, uid: str, delivery_ids: Sequence[str]) -> None: ...


def unread(uid: str, mail_ids: Sequence[str]) -> None:
    """Nobody waits for mails."""


def unminded(environment: Environment, service: str) -> None:
    """Nobody minds what a call may have put on the agenda."""


_WAKING = Operation(id="waking", method="POST", path="/")


class MockBackend:
    """Runs handlers. A reply that breaks its contract is recorded, and refused where ``strict``."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        vault: Vault,
        plan: Planner,
        notify: Notify,
        *,
        strict: bool = False,
        address: Callable[[str, str], str] = unaddressed,
    ) -> None:
        """``address`` is where a service of an environment is reached."""
        self._address = address
        self._storage = storage
        self._clock = clock
        self._vault = vault
        self._plan = plan
        self._notify = notify
        self._strict = strict
        self._claims: set[tuple[str, str, str]] = set()
        #: Told of the mails that came into an environment's mailbox.
        self.mailed: Callable[[str, Sequence[str]], None] = unread
        #: Told of every call to a service that has things to do by time alone.
        self.touched: Callable[[Environment, str], None] = unminded

    async def answer(self, visit: Visit, service: MockService, match: Match) -> Response:
        operation, contract = match.operation, service.contract()
        if visit.grant is not None and service.made_keys is not None:
            service.made_keys.allow(operation, visit.request, visit.grant)
        options = visit.entry.policy.options(service.name)
        request = service.adapt(operation, visit.request, options)
        if request is not visit.request:
            visit.adapted = request
        params = contract.read(match, request)
        handler = service.operations.get(operation.id)
        if handler is not None:
            visit.fidelity = "stateful"
        elif service.rest == "generated":
            visit.fidelity = "generated"

        def answered(result: Result) -> Response:
            response, checked = _written(contract, operation, result)
            violations = contract.check(operation, checked) if checked is not None else ()
            if violations:
                self._report(visit, service, operation, violations)
            return response

        run = handler or service.fallback

        work = partial(
            self._carried_out, visit, service, operation, params, lambda call: service.around(call, run), answered
        )
        try:
            return await work()
        except sqlite3.OperationalError as failed:
            if request.method != "DELETE" or "full" not in str(failed):
                raise
            # On a full disk not even a deletion can be written down, which would make room.
            self._storage.make_room()
            return await work()

    async def wake(self, visit: Visit, service: MockService) -> None:
        """What a service does by time alone, or a part of it, in one transaction."""
        if service.waking is not None:
            await self.carry(visit, service, _WAKING, service.waking.act)

    async def carry(
        self, visit: Visit, service: MockService, operation: Operation, run: Callable[[Call], Awaitable[None]]
    ) -> None:
        """What nobody called the service for, in one transaction."""
        await self._carried_out(visit, service, operation, Params(), run, lambda _: Response(status=204))

    async def page(self, visit: Visit, service: MockService, page: Page) -> Response:
        """A page for people: what a form asks first, in a transaction of its own. Of pages no contract speaks."""
        request = visit.request
        operation = Operation(id="page", method=request.method, path=request.path)
        params = Params(query=dict(parse_qsl(request.query, keep_blank_values=True)))
        refused: ServiceError | None = None
        if request.method == "POST" and page.act is not None:
            params.body = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
            try:
                return await self._carried_out(visit, service, operation, params, page.act, _itself)
            except ServiceError as wrong:
                refused = wrong
        return await self._carried_out(
            visit, service, operation, params, lambda call: page.show(call, refused), _itself
        )

    async def _carried_out(
        self,
        visit: Visit,
        service: MockService,
        operation: Operation,
        params: Params,
        run: Callable[[Call], Awaitable[Result]],
        answered: Callable[[Result], Response],
    ) -> Response:
        """What ``run`` answers, in one transaction."""
        store = await self._storage.open(visit.entry.environment)
        transaction = store.begin(service.name, service.events_kind)
        call = MockCall(
            visit,
            service,
            operation,
            params,
            transaction,
            clock=self._clock,
            vault=self._vault,
            claims=self._claims,
            address=self._address,
        )
        with _InUse(store):
            try:
                try:
                    result = await run(call)
                except ServiceError as refused:
                    if refused.keep:
                        await self._finish(visit, service, call, transaction)
                    else:
                        await transaction.rollback()
                    raise
                response = answered(result)
                await self._finish(visit, service, call, transaction)
            except BaseException:
                await transaction.rollback()
                raise
            finally:
                visit.missed = transaction.missed
                self._claims.difference_update(call.claimed)
        return response

    async def _finish(self, visit: Visit, service: MockService, call: MockCall, transaction: Transaction) -> None:
        """Events, deliveries and mails go into the call's transaction; then it commits."""
        planned: list[Delivery] = []
        if call.events or call.mails:
            await transaction.start()
            if call.mails:
                await filing.file(transaction, service.name, call.mails, visit.now)
            if call.events:
                planned = await self._store_events(visit, service, call, transaction)
        await transaction.commit()
        if call.mails:
            self.mailed(visit.entry.environment.uid, [mail.id for mail, _ in call.mails])
        if service.waking is not None:
            self.touched(visit.entry.environment, service.name)
        if planned:
            self._notify(visit.entry.environment.uid, [delivery.id for delivery in planned])

    async def _store_events(
        self, visit: Visit, service: MockService, call: MockCall, transaction: Transaction
    ) -> list[Delivery]:
        targets = [*self._policy_targets(visit, service), *await service.targets(transaction, self._vault.unseal)]
        planned: list[Delivery] = []
        for number, (type_, payload, to, scope) in enumerate(call.events, 1):
            if not number % _A_TURN:
                await asyncio.sleep(0)
            event = Event(
                id=str(payload["id"]),
                service=service.name,
                type=type_,
                payload=payload,
                created_at=visit.now,
                scope=scope,
            )
            transaction.add_event(event)
            deliveries = self._plan(event, targets if to is None else to, visit.now)
            for delivery in deliveries:
                transaction.add_delivery(delivery)
            planned += deliveries
        return planned

    def _policy_targets(self, visit: Visit, service: MockService) -> list[Target]:
        webhooks = visit.entry.policy.webhooks(service.name)
        if not webhooks or service.webhook_credential is None:
            return []
        credential = visit.entry.credentials.get((service.name, service.webhook_credential))
        if credential is None:
            return []  # opened by a version that had none
        found = bindings.secrets(credential, self._vault)
        return [Target(webhook.url, found.present, webhook.events, also=found.earlier) for webhook in webhooks]

    def _report(
        self, visit: Visit, service: MockService, operation: Operation, violations: Sequence[Violation]
    ) -> None:
        visit.violations += [described(violation, "response") for violation in violations]
        if self._strict and service.native:
            raise BrokenReply(operation, violations)


def _itself(result: Result) -> Response:
    if not isinstance(result, Response):
        raise TypeError("a page answers a response")
    return result


def broken_error(contract: Contract, operation: Operation, response: Response) -> list[Violation]:
    """What an error breaks of the operation's contract, where that says anything about errors of its status: documents
    list few of the statuses that their providers answer with."""
    return [violation for violation in contract.check(operation, response) if violation.rule != "status"]


def described(violation: Violation, side: str) -> dict[str, Any]:
    """A violation as the journal keeps it: never its value."""
    return {"side": side, "where": violation.where, "rule": violation.rule, "message": violation.message}


def _written(contract: Contract, operation: Operation, result: Result) -> tuple[Response, Response | None]:
    """The answer, and the one that the contract is held against: None when there is only one of an older version."""
    if not isinstance(result, Reply) or result.older is UNSET:
        response = _response(contract.write, operation, result)
        return response, response
    checked = None if result.value is UNSET else _response(contract.write, operation, result)
    return _response(contract.write, operation, replace(result, value=result.older)), checked


def _response(
    write: Callable[[Operation, Any, int | None], Response], operation: Operation, result: Result
) -> Response:
    if isinstance(result, Response):
        return result
    if not isinstance(result, Reply):
        return write(operation, result, None)
    response = write(operation, result.value, result.status)
    response.headers.extend(result.headers)
    if result.stream is not None:
        response.stream = result.stream
    return response


class _InUse:
    """Keeps a store open while a call waits for its peer."""

    __slots__ = ("_store",)

    def __init__(self, store: EnvironmentStore) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._store.users += 1

    def __exit__(self, *_: object) -> None:
        self._store.users -= 1
