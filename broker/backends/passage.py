"""One call on its way to a real provider and back: sent, sent again where the provider says that is safe, and
written down in the ledger before and after.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson

from broker.backends.base import Watched
from broker.backends.isolation import Admitted, Isolation, Learned
from broker.backends.mock import described
from broker.clock import Clock
from broker.ledger import Ledger
from broker.scheduler import Overload, Scheduler
from broker.sending import Sending
from broker.storage.external import Entry
from broker.visit import Visit
from contracts.contract import Operation, Violation
from contracts.exchange import UNSET, Headers, Request, Response
from mocks.base import Reason, Refusal
from sandboxes.base import Account, Marker, Outgoing, Refused, Resource, SandboxProvider, Unreachable

#: Further attempts, and seconds before the first of them; each wait is twice the one before.
_REPEATS, _FIRST_WAIT = 2, 0.5
#: Refusals below 500 that a provider may call passing: a time-out, a conflict, too early, too many.
_PASSING = frozenset({408, 409, 425, 429})
#: Fields that the provider must not see, or that would keep us from reading its answer.
_NOT_SENT = frozenset({"accept-encoding", "expect", "host", "content-length", "connection", "forwarded", "via"})
#: What is read as a stream is the application's to decode.
_NOT_SENT_OF_A_STREAM = _NOT_SENT - {"accept-encoding"}
_NOT_SENT_PREFIXES = ("broker-", "x-forwarded-")
_UNMADE = "The provider answered that something was made, and the answer does not say what."

#: Told of each answer: the visit, the account's name, the operation, the answer, and what it breaks.
Observe = Callable[[Visit, str, Operation, Response, Sequence[Violation]], None]


class Passage:
    """Of one visit. ``patience`` is how many seconds it waits for its turn at the most, None for ever."""

    def __init__(
        self,
        visit: Visit,
        provider: SandboxProvider,
        account: Account,
        marker: Marker,
        *,
        sending: Sending,
        scheduler: Scheduler,
        ledger: Ledger,
        clock: Clock,
        patience: float | None,
        learned: Learned,
        observe: Observe | None = None,
    ) -> None:
        self._visit = visit
        self._provider = provider
        self._account = account
        self._marker = marker
        self._sending = sending
        self._scheduler = scheduler
        self._ledger = ledger
        self._clock = clock
        self._patience = patience
        self._learned = learned
        self._observe = observe
        #: Whether an attempt may have had its effect although its answer does not say so.
        self._unsure = False
        self._body: _Watched | None = None

    async def go(self, admitted: Admitted, isolation: Isolation) -> Response:
        """The provider's answer, as the application may see it. Raises Refusal where there is none, and Overload."""
        asked = admitted.call
        call = Outgoing(asked.operation, asked.rule, asked.params, self._prepared(asked), asked.unmapped)
        mapped = call.rule.kind in self._provider.aliased
        if call.rule.effect == "list" and call.rule.scope == "own" and (mapped or not isolation.alone):
            try:
                response = await self._provider.narrow(call, self._resend(call), isolation.visible)
            except (Refused, Unreachable) as unusable:
                raise _unusable(unusable) from None
            _parse(response)
        elif call.rule.effect == "create" and self._account.subaccount is None:
            response = await self._create(call, admitted)
        else:
            response = await self._attempts(call)
        if 200 <= response.status < 300:
            await self._write_down(call, admitted, response)
        try:
            return self._checked(call, self._provider.inbound(call, response, self._marker))
        except Refused as unusable:
            raise _unusable(unusable) from None

    def _prepared(self, call: Outgoing) -> Request:
        """The application's request, without what must not be sent on, and with the name of this exchange."""
        request = call.request
        dropped = _NOT_SENT_OF_A_STREAM if call.operation.streams_response else _NOT_SENT
        kept = [
            pair for pair in request.headers if pair[0] not in dropped and not pair[0].startswith(_NOT_SENT_PREFIXES)
        ]
        kept.append(("broker-exchange", self._visit.id))
        if request.stream is not None:
            self._body = _Watched(request.stream)
            # A stream that was announced leaves with its length: not every provider takes another.
            kept += [("content-length", length) for length in request.headers.all("content-length")]
        # Member by member, which costs a fifth of `replace`.
        return Request(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=Headers(kept),
            body=request.body,
            stream=self._body,
            sent_path=request.sent_path,
            host=request.host,
            scheme=request.scheme,
            host_label=request.host_label,
        )

    def _resend(self, call: Outgoing) -> Any:
        async def send(request: Request) -> Response:
            return await self._attempts(replace(call, request=request))

        return send

    # -- creating ----------------------------------------------------------------------------------------

    async def _create(self, call: Outgoing, admitted: Admitted) -> Response:
        """The line is on the disk before the request leaves, and stays ``pending`` until it is certain what came of
        it."""
        entry = await self._intended(call, admitted)
        try:
            response = await self._attempts(call)
        except BaseException:
            # Where nothing can have been made, nothing has to be looked for. A call that was cancelled may have been
            # sent: its line stays.
            if not self._unsure:
                await self._ledger.never(entry)
            raise
        if 200 <= response.status < 300:
            await self._made(call, entry, response)
        elif response.status < 500 and response.status != 408 and not self._unsure:
            await self._ledger.never(entry)
        return response

    async def _intended(self, call: Outgoing, admitted: Admitted) -> Entry:
        subject = next((each for each in self._provider.references(call) if each.subject), None)
        named = subject.id if subject is not None and subject.kind == call.rule.kind else ""
        aliased = call.rule.kind in self._provider.aliased
        return await self._ledger.intend(
            self._visit.entry.environment.uid,
            self._provider.name,
            self._account.name,
            Resource(call.rule.kind, "" if aliased else named, alias=named if aliased else ""),
            operation=call.operation.id,
            exchange=self._visit.id,
        )

    async def _made(self, call: Outgoing, entry: Entry, response: Response) -> None:
        made = [resource for resource in self._provider.made(call, response) if not resource.derived]
        if not made:
            self._visit.violations.append({"side": "response", "where": "body", "rule": "required", "message": _UNMADE})
            return
        await self._ledger.made(entry, made[0])
        self._learned.ids.add((self._account.name, made[0].id))

    # -- sending -----------------------------------------------------------------------------------------

    async def _attempts(self, call: Outgoing) -> Response:
        wait = _FIRST_WAIT
        response: Response | None = None
        lost: Unreachable | None = None
        for left in range(_REPEATS, -1, -1):
            try:
                response, lost = await self._attempt(call)
            except Overload:
                if response is None and lost is None:
                    raise
                break  # the answer that there was is better than none
            if not left or not self._may_repeat(call, response, lost):
                break
            if response is not None and response.stream is not None:
                response = await _read(response, response.stream)
            await asyncio.sleep(wait)
            wait *= 2
        if response is None:
            raise self._unanswered(lost)
        _parse(response)
        return response

    async def _attempt(self, call: Outgoing) -> tuple[Response | None, Unreachable | None]:
        turn = self._scheduler.turn(
            self._account.name,
            self._visit.entry.environment.uid,
            serial=self._provider.serial(call),
            patience=self._patience,
        )
        async with turn:
            request = self._written(call)
            before, self._unsure = self._unsure, True
            try:
                response = await self._sending.send(self._provider, self._account, request)
            except Unreachable as lost:
                if self._body is not None and self._body.failed is not None:
                    raise self._body.failed from None
                self._unsure = before or lost.sent
                return None, lost
            # Before the turn ends: its end may let the next call begin.
            rest = self._provider.throttled(response)
            if rest is not None:
                self._scheduler.rest(self._account.name, rest)
        # A refusal is certain; that of an earlier attempt may have been about this one's success.
        self._unsure = before or response.status >= 500
        return response, None

    def _written(self, call: Outgoing) -> Request:
        try:
            return self._provider.outbound(call, self._account, self._marker, self._clock.now())
        except Refused as refused:
            raise Refusal("refused_by_policy", str(refused)) from None

    def _may_repeat(self, call: Outgoing, response: Response | None, lost: Unreachable | None) -> bool:
        if self._body is not None and self._body.begun:
            return False
        if lost is not None and not lost.sent:
            return True
        if response is not None and response.status < 500 and response.status not in _PASSING:
            return False
        return self._provider.repeatable(call, response)

    @staticmethod
    def _unanswered(lost: Unreachable | None) -> Refusal:
        kept = "" if lost is not None and not lost.sent else " What it may have made is in the ledger."
        reason: Reason = "upstream_timeout" if lost is not None and lost.late else "upstream_failed"
        return Refusal(reason, f"The real provider gave no answer: {lost}.{kept}")

    # -- afterwards --------------------------------------------------------------------------------------

    async def _write_down(self, call: Outgoing, admitted: Admitted, response: Response) -> None:
        """What the answer mentions is the environment's; what the call deleted is gone."""
        if self._account.subaccount is not None:
            return
        # With the request, because what it mentions is not learned from its answer.
        asked = call.request
        answer = hash((asked.path, asked.query, asked.body, response.body)) if response.stream is None else 0
        if answer not in self._learned.answers:
            await self._learn(call, response)
            if answer:
                self._learned.answers.add(answer)
        if call.rule.effect == "delete":
            for entry in admitted.entries.values():
                if entry.kind == call.rule.kind and entry.status != "gone":
                    await self._ledger.ended(entry, "deleted")
                    self._learned.ids.discard((self._account.name, entry.external_id or ""))
                    self._learned.answers.clear()

    async def _learn(self, call: Outgoing, response: Response) -> None:
        account, environment = self._account.name, self._visit.entry.environment
        fresh = [
            resource
            for resource in self._provider.made(call, response)
            if (account, resource.id) not in self._learned.ids and resource.id not in call.unmapped
        ]
        if not fresh:
            return
        await self._ledger.learn(
            environment.uid,
            self._provider.name,
            account,
            [resource for resource in fresh if resource.derived or call.rule.effect != "create"],
            operation=call.operation.id,
            exchange=self._visit.id,
        )
        # Somebody may have known them before, and then they are not ours.
        known = await self._ledger.known(account, [resource.id for resource in fresh])
        self._learned.ids.update((account, key) for key, entry in known.items() if entry.uid == environment.uid)

    def _checked(self, call: Outgoing, response: Response) -> Response:
        """What the provider's answer breaks of its contract is drift, and changes nothing."""
        if response.stream is None:
            service = self._visit.service
            broken: Sequence[Violation] = service.contract().check(call.operation, response) if service else ()
            self._visit.violations += [
                described(violation, "response")
                for violation in broken
                if violation.rule != "status" or response.status < 400
            ]
            if self._observe is not None:
                self._observe(self._visit, self._account.name, call.operation, response, broken)
        return response


def _unusable(unusable: Refused | Unreachable) -> Refusal:
    """An answer that the driver cannot read, and that must not pass unread: it may be others' as well."""
    return Refusal("upstream_failed", f"The real provider's answer cannot be used: {unusable}")


def _parse(response: Response) -> None:
    """The JSON value of an answer, once, for all who look into it."""
    if response.value is UNSET and response.body[:1] in (b"{", b"["):
        try:
            response.value = orjson.loads(response.body)
        except orjson.JSONDecodeError:
            pass  # the contract will say so


async def _read(response: Response, stream: AsyncIterator[bytes]) -> Response:
    """A long refusal, read so that its connection is free; it may turn out to be the answer."""
    body = b"".join([piece async for piece in stream])
    return Response(response.status, response.headers, body)


class _Watched(Watched):
    """The application's body: whether it was begun, and what went wrong with it on its own side."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        super().__init__(source)
        self.begun = False
        self.failed: Exception | None = None

    async def __anext__(self) -> bytes:
        self.begun = True
        try:
            return await super().__anext__()
        except StopAsyncIteration:
            raise
        except Exception as failed:
            self.failed = failed
            raise
