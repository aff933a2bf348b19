"""The way of one request, as named steps in one function: read ``Gateway.answer`` first.

resolve (who is calling, and for what) -> match (which operation) -> decide (what the policy says) -> receive (the
body) -> answer (the mode's backend) -> render -> record. Nothing here knows a provider: services word every answer.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from broker.backends.base import Backend, Visit
from broker.backends.mock import BrokenReply, described
from broker.clock import Clock
from broker.directory import Directory, Entry
from broker.incidents import Incidents
from broker.receive import ClientGone, receive
from broker.recorder import Recorder, Taken
from broker.resolve import Caller, Resolver, Turned
from broker.storage.base import Mode, StoreGone
from contracts.contract import ContractViolation, Match
from contracts.exchange import Request, Response
from mocks.base import MockService, Refusal, ServiceError

log = logging.getLogger("broker.gateway")

_NOT_YET = (
    "The policy sends this call to mode {mode!r}, which this version of preview-broker cannot serve yet. "
    "Set the service to mock or refuse in the environment's policy."
)
_REFUSED = "The environment's policy refuses this call: {because}."
_UNKNOWN = "The contract of {service} has no operation {method} at this path."
_FULL = "The broker's disk is full; nothing of this call was kept. Free space or close environments, then try again."
_GONE = "This environment was closed while the call was on its way; nothing of the call was kept."
_EXPIRED = (
    "This environment's time is over. Open it again with `broker env open NAME --reopen`; it gets new credentials."
)


class Gateway:
    """Answers every request that is not the broker's own. One instance, no state of its own but counters."""

    def __init__(
        self,
        *,
        clock: Clock,
        directory: Directory,
        services: Mapping[str, MockService],
        resolver: Resolver,
        backends: Mapping[Mode, Backend],
        incidents: Incidents,
        recorder: Recorder,
        max_body_mib: int,
    ) -> None:
        self._clock = clock
        self._directory = directory
        self._services = services
        self._resolver = resolver
        self._backends = backends
        self._incidents = incidents
        self._recorder = recorder
        self._max_body_mib = max_body_mib
        #: Answers by (service, mode, status), for the metrics.
        self.counts: dict[tuple[str, str, int], int] = {}
        #: Broken promises by (service, side), for the metrics.
        self.violations: dict[tuple[str, str], int] = {}

    async def answer(self, request: Request) -> Response:
        """The answer to one request; never raises but for a client that has gone."""
        started = self._clock.monotonic()
        try:
            caller = await self._resolver.resolve(request)
        except Turned as turned:
            return await self._turn_away(turned, started)
        return await self._serve(caller, started)

    def forget(self, uid: str) -> None:
        """The environment has changed, or its credentials have died: ask the registry again, and write no more of
        what waits for its journal."""
        self._directory.forget(uid)
        self._recorder.forget(uid)

    async def _serve(self, caller: Caller, started: float) -> Response:
        """The steps after a caller was let in."""
        request = caller.request
        visit_id, now = self._clock.text(16), self._clock.now()
        entry, service = caller.entry, caller.service
        visit: Visit | None = None
        incident: str | None = None
        mode: Mode = "refuse"
        try:
            request = self._verified(caller, now)
            self._not_expired(entry, now)
            match = service.contract().match(request)
            mode = self._decide(entry, service, request, match)
            visit = Visit(
                id=visit_id,
                entry=entry,
                service=service,
                credential=caller.spec,
                request=request,
                match=self._known(service, request, match),
                now=now,
            )
            if request.stream is not None and not visit.match.operation.streams_request:
                await receive(request, entry.policy.limit("body_mib", self._max_body_mib) << 20)
            response = await self._backends[mode].answer(visit)
        except (ServiceError, ContractViolation, Refusal) as refused:
            incident = await self._note(refused, caller, visit, request)
            response = self._refused(service, refused, request, visit)
        except StoreGone:
            response = service.render_error(Refusal("closed_environment", _GONE), request)
        except (sqlite3.Error, OSError) as failed:
            response = self._failed(service, failed, request)
        except BrokenReply as broken:
            log.error("a mock broke its contract: %s", broken)
            visit_violations = [described(violation, "response") for violation in broken.violations]
            response = service.render_error(Refusal("internal", f"A mock broke its contract: {broken}"), request)
            if visit is not None and not visit.violations:
                visit.violations = visit_violations
        except ClientGone:
            raise
        except Exception:
            log.exception("%s %s failed", request.method, service.name)
            response = service.render_error(
                Refusal("internal", f"The broker failed at this call; exchange {visit_id} tells more."), request
            )
        if visit is not None and visit.missed and response.status >= 400:
            incident = await self._foreign_ids(visit, request) or incident
        service.decorate(request, response, self._new_id)
        self._stamp(response, entry, mode, visit, visit_id)
        self._record(caller, request, response, mode, visit, visit_id, now, started, incident)
        return response

    # -- the steps -------------------------------------------------------------------------------------

    def _verified(self, caller: Caller, now: datetime) -> Request:
        """The signature holds, where the provider has one. Answers the request whose body is checked as it is read."""
        verify = caller.service.verify
        if verify is None or caller.secret is None:
            return caller.request
        try:
            return verify(caller.request, caller.secret, now)
        except ServiceError as wrong:
            wrong.__notes__ = ["bad_signature"]
            raise

    @staticmethod
    def _not_expired(entry: Entry, now: datetime) -> None:
        if entry.environment.expires_at <= now:
            raise Refusal("closed_environment", _EXPIRED)

    def _decide(self, entry: Entry, service: MockService, request: Request, match: Match | None) -> Mode:
        """The mode that the policy chose, if a backend serves it."""
        operation = match.operation.id if match else None
        decision = entry.policy.decide(service.name, operation, request.method, request.path)
        if decision.mode == "refuse":
            raise Refusal("refused_by_policy", _REFUSED.format(because=decision.because))
        if decision.mode not in self._backends:
            raise Refusal("mode_unavailable", _NOT_YET.format(mode=decision.mode))
        return decision.mode

    @staticmethod
    def _known(service: MockService, request: Request, match: Match | None) -> Match:
        if match is not None:
            return match
        methods = service.contract().methods(request.path)
        message = _UNKNOWN.format(service=service.name, method=request.method)
        if methods and request.method not in methods:
            raise Refusal("wrong_method", f"{message} It has {', '.join(sorted(methods))}.")
        raise Refusal("unknown_operation", message)

    def _refused(
        self,
        service: MockService,
        refused: ServiceError | ContractViolation | Refusal,
        request: Request,
        visit: Visit | None,
    ) -> Response:
        if isinstance(refused, ContractViolation) and visit is not None:
            visit.violations += [described(violation, "request") for violation in refused.violations]
        return service.render_error(refused, request)

    @staticmethod
    def _failed(service: MockService, failed: Exception, request: Request) -> Response:
        full = "full" in str(failed) or getattr(failed, "errno", None) in (28, 122)  # ENOSPC, EDQUOT
        log.error("%s %s: %s", request.method, service.name, failed)
        refusal = Refusal("storage_full", _FULL) if full else Refusal("internal", "The broker's storage failed.")
        return service.render_error(refusal, request)

    # -- what is written down --------------------------------------------------------------------------

    async def _turn_away(self, turned: Turned, started: float) -> Response:
        """A caller whom nobody knows, or who may not be here: an incident and the provider's own refusal."""
        refusal, service, request = turned.refusal, turned.service, turned.request
        if request is None:
            raise turned
        entry, owner = turned.entry, turned.owner
        name = service.name if service else None
        # Of a live key not even a part is stored.
        shown = refusal.hint if refusal.reason != "live_credential" else ""
        details: dict[str, Any] = {"hint": shown} if shown else {}
        if owner is not None:
            details |= {"key_of": owner.entry.environment.name, "key_for": owner.service}
        addressed = entry.environment if entry else None
        incident = await self._incidents.report(
            refusal.reason,
            refusal.message,
            request=request,
            name=turned.name,
            environment=addressed,
            service=name,
            **details,
        )
        if owner is not None and addressed is not None and owner.entry.environment.uid != addressed.uid:
            # The one whose key was used elsewhere is told as well.
            await self._incidents.report(
                refusal.reason,
                "This environment's credential was used at another environment's address.",
                request=request,
                environment=owner.entry.environment,
                service=owner.service,
                used_at=addressed.name,
            )
        response = service.render_error(refusal, request) if service else _problem(refusal)
        if service is not None:
            service.decorate(request, response, self._new_id)
        if addressed is not None:
            response.headers.append(("broker-environment", addressed.name))
        response.headers += [("broker-mode", "refuse"), ("broker-incident", incident)]
        self._count(name or "none", "refuse", response.status)
        if entry is not None and entry.environment.status == "open":
            self._take(entry, request, response, name, started, incident)
        return response

    def _take(
        self, entry: Entry, request: Request, response: Response, service: str | None, started: float, incident: str
    ) -> None:
        exchange = self._clock.text(16)
        response.headers.append(("broker-exchange", exchange))
        self._recorder.take(
            Taken(
                environment=entry.environment,
                id=exchange,
                at=self._clock.now(),
                service=service,
                operation=None,
                mode="refuse",
                fidelity=None,
                method=request.method,
                path=_target(request),
                status=response.status,
                duration_ms=(self._clock.monotonic() - started) * 1000,
                request_headers=request.headers.pairs,
                request_body=b"",
                request_size=0,
                response_headers=list(response.headers),
                response_body=response.body,
                response_size=len(response.body),
                incident=incident,
            )
        )

    async def _note(self, refused: Exception, caller: Caller, visit: Visit | None, request: Request) -> str | None:
        """Refusals of the broker's own and bad signatures become incidents; the provider's errors do not."""
        if isinstance(refused, Refusal):
            if refused.reason in _ORDINARY:
                return None
            kind, message = refused.reason, refused.message
        elif getattr(refused, "__notes__", None) == ["bad_signature"]:
            kind, message = "bad_signature", str(refused)
        else:
            return None
        return await self._incidents.report(
            kind,
            message,
            request=request,
            environment=caller.entry.environment,
            service=caller.service.name,
            **({"operation": visit.match.operation.id} if visit else {}),
        )

    async def _foreign_ids(self, visit: Visit, request: Request) -> str | None:
        """An id that was made for another environment was answered as missing: that is an incident."""
        environment = visit.entry.environment
        found: str | None = None
        for key in dict.fromkeys(visit.missed[-8:]):
            other = await self._directory.foreign(environment, key)
            if other is not None:
                found = await self._incidents.report(
                    "foreign_id",
                    "An id that belongs to another environment was used; it was answered as missing.",
                    request=request,
                    environment=environment,
                    service=visit.service.name,
                    operation=visit.match.operation.id,
                    belongs_to=other.name,
                    exchange=visit.id,
                )
        return found

    def _stamp(self, response: Response, entry: Entry, mode: Mode, visit: Visit | None, visit_id: str) -> None:
        response.headers += (
            ("broker-environment", entry.environment.name),
            ("broker-mode", mode),
            ("broker-exchange", visit_id),
        )
        if visit is not None and visit.fidelity is not None:
            response.headers.append(("broker-fidelity", visit.fidelity))

    def _record(
        self,
        caller: Caller,
        request: Request,
        response: Response,
        mode: Mode,
        visit: Visit | None,
        visit_id: str,
        now: datetime,
        started: float,
        incident: str | None,
    ) -> None:
        name = caller.service.name
        violations = visit.violations if visit else []
        seconds = self._clock.monotonic() - started
        self._count(name, mode, response.status)
        for violation in violations:
            key = (name, violation["side"])
            self.violations[key] = self.violations.get(key, 0) + 1
        self._recorder.take(
            Taken(
                environment=caller.entry.environment,
                id=visit_id,
                at=now,
                service=name,
                operation=visit.match.operation.id if visit else None,
                mode=mode,
                fidelity=visit.fidelity if visit else None,
                method=request.method,
                path=_target(request),
                status=response.status,
                duration_ms=seconds * 1000,
                request_headers=request.headers.pairs,
                request_body=request.body,
                request_size=_size(request.headers.get("content-length"), request.body),
                response_headers=list(response.headers),
                response_body=response.body,
                response_size=_size(response.header("content-length"), response.body),
                violations=violations,
                incident=incident,
            )
        )

    def _count(self, service: str, mode: str, status: int) -> None:
        key = (service, mode, status)
        self.counts[key] = self.counts.get(key, 0) + 1

    def _new_id(self, prefix: str, length: int) -> str:
        return prefix + self._clock.text(length)


#: Refusals that say nothing about walls: the client's own mistakes, or the broker's state.
_ORDINARY = frozenset(
    {"body_too_large", "body_timeout", "malformed", "overloaded", "storage_full", "internal", "wrong_method"}
)


def _target(request: Request) -> str:
    path = request.sent_path or request.path
    return f"{path}?{request.query}" if request.query else path


def _size(declared: str | None, body: bytes | Sequence[int]) -> int:
    return int(declared) if declared and declared.isdecimal() else len(body)


def _problem(refusal: Refusal) -> Response:
    """RFC 9457 problem details, where no service is known to word the refusal."""
    body = {
        "type": f"/_broker/docs/errors#{refusal.reason.replace('_', '-')}",
        "title": refusal.reason.replace("_", " ").capitalize(),
        "status": refusal.status,
        "detail": refusal.message,
    }
    return Response(refusal.status, [("content-type", "application/problem+json")], orjson.dumps(body))
