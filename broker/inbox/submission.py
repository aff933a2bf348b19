"""Messages that applications submit by SMTP: who may, and what becomes of them. Knows nothing of the protocol.

A message is one call of the operation that sends mail in its service's API: it is decided, carried out and written down
in the journal as one.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from broker import scopes
from broker.backends.mock import MockBackend
from broker.clock import Clock
from broker.failures import failure
from broker.incidents import Incidents
from broker.recorder import Recorder
from broker.resolve import Caller, Resolver, Turned
from broker.visit import Visit
from contracts.contract import Match
from contracts.exchange import Headers, Request, Response
from mocks import mime
from mocks.base import Call, ServiceError
from mocks.submitting import Submission, Submitted

log = logging.getLogger("broker.inbox")

#: Bytes of a message that are parsed on the event loop; the others are parsed in a thread.
_AT_ONCE = 64 << 10
#: What the journal keeps of a message's bytes is cut there anyway.
_TOLD = 64 << 10


_SCOPE = re.compile(rb"^" + scopes.HEADER.encode() + rb":[ \t]*([!-~]{1,200})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
#: Bytes in which a message's head is looked for.
_HEAD = 64 << 10


class Refused(Exception):
    """Said to the client: an SMTP reply, as RFC 5321 has it. ``final`` ends the connection."""

    def __init__(self, reply: str, *, final: bool = False) -> None:
        self.reply = reply
        self.final = final
        super().__init__(reply)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who logged in."""

    caller: Caller
    submission: Submission
    #: The request that carried the key, for incidents and the journal.
    request: Request


class Submitting:
    """See the module."""

    def __init__(
        self, *, clock: Clock, resolver: Resolver, mock: MockBackend, incidents: Incidents, recorder: Recorder
    ) -> None:
        self._clock = clock
        self._resolver = resolver
        self._mock = mock
        self._incidents = incidents
        self._recorder = recorder

    async def log_in(self, user: str, password: str, client: str) -> Sender:
        """Whose key the password is. Raises Refused; attempts to cross a wall are incidents, and no part of a live key
        is stored. Behind a ``~`` the user may name a scope, as an address does."""
        sender = await self._sender(_presenting(password, "POST", "smtp:", client))
        user, scope = scopes.divided(user)
        if user != sender.submission.user or (scope and not scopes.valid(scope)):
            raise Refused(_BAD_LOGIN)
        sender.caller.scope = scope
        return sender

    async def reader(self, key: str, name: str, method: str, path: str, client: str) -> Sender:
        """Who reads the mails of the environment of that name: whoever has its own key, and not only one that its
        API made. Raises Refused, as ``log_in``."""
        sender = await self._sender(_presenting(key, method, path, client))
        caller = sender.caller
        if caller.entry.environment.name != name:
            await self._incidents.report(
                "foreign_credential",
                "This environment's credential was used at another environment's inbox.",
                request=sender.request,
                environment=caller.entry.environment,
                service=caller.service.name,
                used_at=name[:63],
            )
            raise Refused(_BAD_LOGIN)
        if caller.grant is not None:
            raise Refused(_BAD_LOGIN)
        return sender

    async def _sender(self, request: Request) -> Sender:
        try:
            caller = await self._resolver.resolve(request)
        except Turned as turned:
            await self._report(turned)
            raise Refused(_BAD_LOGIN) from None
        submission = caller.service.submission
        if submission is None or caller.entry.environment.expires_at <= self._clock.now():
            raise Refused(_BAD_LOGIN)
        return Sender(caller, submission, request)

    async def _report(self, turned: Turned) -> None:
        refusal, entry, owner = turned.refusal, turned.entry, turned.owner
        details = {} if refusal.reason == "live_credential" or not refusal.hint else {"hint": refusal.hint}
        known = owner.entry.environment if owner is not None else entry.environment if entry is not None else None
        await self._incidents.report(
            refusal.reason,
            refusal.message,
            request=turned.request,
            environment=known,
            service=turned.service.name if turned.service else None,
            **details,
        )

    async def submit(self, sender: Sender, mail_from: str, recipients: Sequence[str], raw: bytes) -> str:
        """Send it; answers the id under which it is queued, once it is committed. Raises Refused."""
        # Rotated, reset, closed or changed meanwhile: a connection may live for long.
        caller = await self._again(sender)
        service, entry, submission = caller.service, caller.entry, sender.submission
        operation = service.contract().operations()[submission.operation]
        request = Request(
            method=operation.method,
            path=operation.path,
            headers=Headers([("content-type", "message/rfc822"), ("content-length", str(len(raw)))]),
            body=raw[:_TOLD],
            sent_path=f"/e/{entry.environment.name}/{service.name}{operation.path}",
            client=sender.request.client,
        )
        visit = Visit(
            self._clock.text(16), entry, service, caller.spec, request, self._clock.now(), self._clock.monotonic()
        )
        visit.grant, visit.match, visit.mode = caller.grant, Match(operation, {}), "mock"
        decision = entry.policy.decide(service.name, operation.id, operation.method, operation.path)
        if decision.mode != "mock" and entry.environment.trust != "fork":
            visit.mode = "refuse"
            return self._ended(visit, Refused(f"550 5.7.1 {_NO_MOCK.format(mode=decision.mode)}"))
        visit.scope = _scope(raw) or sender.caller.scope
        try:
            message = mime.parsed(raw) if len(raw) <= _AT_ONCE else await asyncio.to_thread(mime.parsed, raw)
        except mime.Unreadable as wrong:
            return self._ended(visit, Refused(f"554 5.6.0 {_line(str(wrong))}"))
        queued: list[str] = []

        async def act(call: Call) -> None:
            submitted = Submitted(raw, message, mail_from, recipients)
            queued.append(await service.around(call, lambda inner: submission.act(inner, submitted)))

        try:
            if caller.grant is not None and service.made_keys is not None:
                service.made_keys.allow(operation, request, caller.grant)
            visit.fidelity = "stateful"
            await self._mock.carry(visit, service, operation, act)
        except ServiceError as refused:
            return self._ended(visit, Refused(f"550 5.7.1 {_line(refused.message)}"))
        except Exception as failed:
            refusal = failure(failed, visit)
            code = "552 5.2.2" if refusal.reason == "over_quota" else "451 4.3.0"
            return self._ended(visit, Refused(f"{code} {_line(refusal.message)}"))
        return self._ended(visit, None, queued[0])

    async def _again(self, sender: Sender) -> Caller:
        try:
            return await self._resolver.resolve(sender.request)
        except Turned as turned:
            await self._report(turned)
            raise Refused("421 4.7.0 The environment is closed, or its key is another one now", final=True) from None

    def _ended(self, visit: Visit, refused: Refused | None, queued: str = "") -> str:
        """Into the journal. Raises ``refused``."""
        reply = f"250 Ok: queued as {queued}" if refused is None else refused.reply
        status = 202 if refused is None else 400 if reply.startswith("5") else 503
        response = Response(status=status, headers=[("content-type", "text/plain")], body=reply.encode())
        self._recorder.take(visit, response, self._clock.monotonic())
        if refused is not None:
            raise refused
        return queued


def _scope(raw: bytes) -> str:
    """Whose test the message is of, as its own header says: "" for nobody's."""
    head = raw[:_HEAD].partition(b"\r\n\r\n")[0]
    found = _SCOPE.search(head)
    scope = "" if found is None else found.group(1).decode()
    return scope if scopes.valid(scope) else ""


def _presenting(key: str, method: str, sent_path: str, client: str) -> Request:
    """A request that says no more than the key."""
    fields = Headers([("authorization", f"Bearer {key}")])
    return Request(method=method, path="/", headers=fields, sent_path=sent_path, client=client)


def _line(text: str) -> str:
    return " ".join(text.split())[:400]


#: As the relay that applications know says it.
_BAD_LOGIN = "535 Authentication failed: Bad username / password"
_NO_MOCK = (
    "The environment's policy sends this to mode {mode}, and only mocks take mail by SMTP: use the API, or another mode"
)
