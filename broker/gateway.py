"""The way of one request, as named steps in one function: read ``Gateway.answer`` first.

resolve (who is calling, and for what) -> match (which operation) -> decide (what the policy says) -> receive (the
body) -> answer (the mode's backend) -> render -> record. Nothing here knows a provider: services word every answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from broker import scopes
from broker.backends.base import Backend
from broker.backends.mock import MockBackend, broken_error, described
from broker.clock import Clock
from broker.directory import Directory
from broker.failures import failure, problem
from broker.faults import Faults
from broker.fidelity import SCORE, Fidelity
from broker.incidents import Incidents
from broker.metrics import Metrics
from broker.receive import ClientGone, receive
from broker.recorder import Recorder
from broker.references import in_body, in_query, noun
from broker.resolve import Resolver, Turned
from broker.sharing import shared
from broker.storage.base import Mode
from broker.visit import Visit
from contracts.contract import ContractViolation, Match
from contracts.exchange import Request, Response
from mocks.base import Missing, MockService, Page, Refusal, ServiceError

log = logging.getLogger("broker.gateway")

_NOT_YET = (
    "The policy sends this call to mode {mode!r}, which this version of preview-broker cannot serve yet. "
    "Set the service to mock or refuse in the environment's policy."
)
_REFUSED = "The environment's policy refuses this call: {because}."
_UNKNOWN = "The contract of {service} has no operation {method} at this path."
#: Forms are decoded on the event loop, at up to a quarter of a second a MiB where every byte is escaped.
_FORM_MIB = 1
_NO_PAGE = "The environment's policy sends this service to mode {mode!r}, and pages are a mock's."
_MADE_HERE = (
    "This key was made by the mock of this service, and opens nothing in mode {mode!r}. Use the environment's own key "
    "(see `broker env show`)."
)
_BAD_SIGNATURE = "bad signature"
#: What the provider said, now or when it was recorded, has its header fields already.
_PROVIDERS_OWN = frozenset({"real", "recorded"})
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
        pages: MockBackend,
        fidelity: Fidelity | None = None,
    ) -> None:
        """``pages`` shows what is for people. ``fidelity`` counts what was answered how, and tells an operation's score
        to who asks for it."""
        self._pages = pages
        self._clock = clock
        self._directory = directory
        self._services = services
        self._resolver = resolver
        self._backends = backends
        self._incidents = incidents
        self._recorder = recorder
        self._max_body_mib = max_body_mib
        self._fidelity = fidelity
        self._faults = Faults(clock)
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
        except ClientGone:
            raise
        except Exception:
            log.exception("who is calling could not be looked up")
            return problem(Refusal("internal", "The broker's registry failed; its log tells more."))
        service = caller.service
        visit = Visit(
            self._clock.text(16), caller.entry, service, caller.spec, caller.request, self._clock.now(), started
        )
        visit.scope = caller.request.headers.get(scopes.HEADER) or caller.scope
        visit.grant = caller.grant
        response = await self._answered(visit, service, caller.secret)
        if visit.request.query and "_" in visit.request.query:
            # A filter by a foreign id finds nothing, which is no error of the provider's.
            visit.missed += [key for _, key in in_query(visit.request)]
            await self._foreign_ids(visit)
        elif visit.missed and response.status >= 400:
            await self._foreign_ids(visit)
        if visit.crossed:
            await self._crossings(visit)
        if "origin" in visit.request.headers and visit.fidelity not in _PROVIDERS_OWN:
            response.headers += await shared(self._pages, visit)
        if visit.fidelity not in _PROVIDERS_OWN and not visit.is_page:
            service.decorate(visit.adapted or visit.request, response, self._new_id)
        response.headers += (
            *visit.headers,
            ("broker-environment", visit.entry.environment.name),
            ("broker-mode", visit.mode),
            ("broker-exchange", visit.id),
        )
        if visit.fidelity is not None:
            response.headers.append(("broker-fidelity", visit.fidelity))
            if self._fidelity is not None:
                self._fidelity.take(visit)
        elif visit.refusal is not None:
            response.headers.append(("broker-refusal", visit.refusal))
        if self._fidelity is not None and visit.request.headers.get(SCORE) == "?":
            operation = visit.operation
            score = await self._fidelity.header(service.name, None if operation is None else operation.id)
            response.headers.append((SCORE, score))
        self._record(visit, response)
        return response

    def is_service(self, host: str) -> bool:
        """Whether every path below this host name belongs to a service."""
        return self._resolver.is_service(host)

    def expose(self, metrics: Metrics) -> None:
        """What was answered, and what was broken."""
        metrics.counter("exchanges", "Answers of the gateway.", ("service", "mode", "status"), lambda: self.counts)
        metrics.counter(
            "violations", "Promises of a contract that a side broke.", ("service", "side"), lambda: self.violations
        )

    def forget(self, uid: str) -> None:
        """The environment has changed, or its credentials have died: ask the registry again, and write no more of
        what waits for its journal."""
        self._directory.forget(uid)
        self._recorder.forget(uid)
        self._faults.forget(uid)

    # -- the steps -------------------------------------------------------------------------------------

    async def _answered(self, visit: Visit, service: MockService, secret: str | None) -> Response:
        """The backend's answer, or the refusal in the service's own words."""
        try:
            if secret is not None and service.verify is not None:
                self._verify(visit, service.verify, secret)
            if visit.scope:
                self._scope(visit)
            if visit.entry.environment.expires_at <= visit.now:
                raise Refusal("closed_environment", _EXPIRED)
            page = service.pages(visit.request) if visit.credential is None else None
            if page is not None:
                return await self._page(visit, service, page)
            visit.match = service.contract().match(visit.request)
            visit.mode = self._decide(visit, service)
            if visit.grant is not None and visit.mode != "mock":
                raise Refusal("unknown_credential", _MADE_HERE.format(mode=visit.mode))
            match = visit.match or self._unknown(visit.request, service)
            if visit.request.stream is not None and not match.operation.streams_request:
                limit = visit.entry.policy.limit("body_mib", self._max_body_mib)
                if match.operation.encoding == "form":
                    limit = min(limit, _FORM_MIB)
                await receive(visit.request, limit << 20)
            if visit.mode == "mock" and match.operation.id not in service.operations:
                await self._check_references(visit)
            return await self._faults.answer(visit, service, match, self._backends[visit.mode])
        except (ServiceError, ContractViolation, Refusal) as refused:
            await self._note(refused, visit)
            response = service.render_error(refused, visit.request)
            if visit.match is not None and not isinstance(refused, Refusal):
                broken = broken_error(service.contract(), visit.match.operation, response)
                visit.violations += [described(violation, "response") for violation in broken]
            return response
        except ClientGone:
            raise
        except Exception as failed:
            refusal = failure(failed, visit)
            visit.refusal = refusal.reason
            return service.render_error(refusal, visit.request)

    async def _page(self, visit: Visit, service: MockService, page: Page) -> Response:
        """What a browser is shown: mocks have pages, whatever else answers the service's calls has its own."""
        visit.mode = self._decide(visit, service)
        if visit.mode != "mock":
            raise Refusal("unknown_operation", _NO_PAGE.format(mode=visit.mode))
        visit.is_page = True
        if visit.request.stream is not None:
            limit = visit.entry.policy.limit("body_mib", self._max_body_mib)
            await receive(visit.request, min(page.most_bytes, limit << 20))
        return await self._pages.page(visit, service, page)

    @staticmethod
    def _scope(visit: Visit) -> None:
        """Whose test it is of is none of the provider's business, but it may have been signed."""
        visit.request.headers = scopes.without(visit.request.headers)
        if not scopes.valid(visit.scope):
            visit.scope = ""
            raise Refusal("malformed", scopes.INVALID)

    @staticmethod
    def _verify(visit: Visit, verify: Callable[[Request, str, datetime], Request], secret: str) -> None:
        """The signature holds. The request that is left checks its body as it is read."""
        try:
            visit.request = verify(visit.request, secret, visit.now)
        except ServiceError as wrong:
            wrong.add_note(_BAD_SIGNATURE)
            raise

    def _decide(self, visit: Visit, service: MockService) -> Mode:
        """The mode that the policy chose, if a backend serves it."""
        operation, request = visit.operation, visit.request
        decision = visit.entry.policy.decide(
            service.name, operation.id if operation else None, request.method, request.path
        )
        if decision.mode == "refuse":
            raise Refusal("refused_by_policy", _REFUSED.format(because=decision.because))
        if visit.entry.environment.trust == "fork":
            # Whoever can open a pull request wrote this policy: no real credential is used on its word.
            return "mock"
        if decision.mode not in self._backends:
            raise Refusal("mode_unavailable", _NOT_YET.format(mode=decision.mode))
        return decision.mode

    async def _check_references(self, visit: Visit) -> None:
        """Handlers look up what a call refers to; where there is none, an id of another environment is refused here,
        as one that is missing. Raises Missing."""
        for parameter, key in in_body(visit.request):
            if await self._directory.foreign(visit.entry.environment, key) is not None:
                visit.missed.append(key)
                raise Missing(noun(parameter), key, parameter, in_path=False)

    @staticmethod
    def _unknown(request: Request, service: MockService) -> Match:
        methods = service.contract().methods(request.path)
        message = _UNKNOWN.format(service=service.name, method=request.method)
        if methods and request.method not in methods:
            raise Refusal("wrong_method", f"{message} It has {', '.join(sorted(methods))}.")
        raise Refusal("unknown_operation", message)

    # -- what is written down --------------------------------------------------------------------------

    async def _turn_away(self, turned: Turned, started: float) -> Response:
        """A caller whom nobody knows, or who may not be here: an incident and the provider's own refusal."""
        refusal, service, request, entry = turned.refusal, turned.service, turned.request, turned.entry
        incident = await self._report(turned)
        response = service.render_error(refusal, request) if service else problem(refusal)
        if service is not None:
            service.decorate(request, response, self._new_id)
        response.headers += [
            ("broker-mode", "refuse"),
            ("broker-refusal", refusal.reason),
            ("broker-incident", incident),
        ]
        if entry is None:
            self._count(service.name if service else "none", "refuse", response.status)
            return response
        visit = Visit(self._clock.text(16), entry, service, None, request, self._clock.now(), started)
        if "origin" in request.headers and entry.environment.status == "open":
            response.headers += await shared(self._pages, visit)
        visit.incident = incident
        scope = request.headers.get(scopes.HEADER) or turned.scope
        visit.scope = scope if scopes.valid(scope) else ""
        response.headers += [("broker-environment", entry.environment.name), ("broker-exchange", visit.id)]
        self._record(visit, response)
        return response

    async def _report(self, turned: Turned) -> str:
        refusal, entry, owner = turned.refusal, turned.entry, turned.owner
        addressed = entry.environment if entry else None
        # Of a live key not even a part is stored.
        details: dict[str, Any] = {}
        if refusal.hint and refusal.reason != "live_credential":
            details["hint"] = refusal.hint
        if owner is not None:
            details |= {"key_of": owner.entry.environment.name, "key_for": owner.service}
        incident = await self._incidents.report(
            refusal.reason,
            refusal.message,
            request=turned.request,
            name=turned.name,
            environment=addressed,
            service=turned.service.name if turned.service else None,
            **details,
        )
        if owner is not None and addressed is not None and owner.entry.environment.uid != addressed.uid:
            # The one whose key was used elsewhere is told as well.
            await self._incidents.report(
                refusal.reason,
                "This environment's credential was used at another environment's address.",
                request=turned.request,
                environment=owner.entry.environment,
                service=owner.service,
                used_at=addressed.name,
            )
        return incident

    async def _note(self, refused: ServiceError | ContractViolation | Refusal, visit: Visit) -> None:
        """The broker's own refusals and bad signatures become incidents; the provider's errors do not."""
        if isinstance(refused, ContractViolation):
            visit.violations += [described(violation, "request") for violation in refused.violations]
        elif isinstance(refused, Refusal):
            visit.refusal = refused.reason
            if refused.reason not in _ORDINARY:
                await self._incident(visit, refused.reason, refused.message)
        elif _BAD_SIGNATURE in getattr(refused, "__notes__", ()):
            await self._incident(visit, "bad_signature", str(refused))

    async def _foreign_ids(self, visit: Visit) -> None:
        """An id that was made for another environment was answered as missing: that is an incident."""
        for key in dict.fromkeys(visit.missed[-8:]):
            other = await self._directory.foreign(visit.entry.environment, key)
            if other is not None:
                message = "An id that belongs to another environment was used; it was answered as missing."
                await self._incident(visit, "foreign_id", message, belongs_to=other.name)

    async def _crossings(self, visit: Visit) -> None:
        """The same at the real provider, where the ledger knows whose an id is."""
        for uid in dict(visit.crossed[:8]).values():
            other = await self._directory.by_uid(uid)
            message = "An id of another environment's was used at the real provider; it was answered as missing."
            details = {"belongs_to": other.name} if other is not None else {}
            await self._incident(visit, "foreign_id", message, **details)

    async def _incident(self, visit: Visit, kind: str, message: str, **details: str) -> None:
        operation = visit.operation
        if operation is not None:
            details["operation"] = operation.id
        visit.incident = await self._incidents.report(
            kind,
            message,
            request=visit.request,
            environment=visit.entry.environment,
            service=visit.service.name if visit.service else None,
            exchange=visit.id,
            **details,
        )

    def _record(self, visit: Visit, response: Response) -> None:
        name = visit.service.name if visit.service else "none"
        self._count(name, visit.mode, response.status)
        for violation in visit.violations:
            key = (name, violation["side"])
            self.violations[key] = self.violations.get(key, 0) + 1
        self._recorder.take(visit, response, self._clock.monotonic())

    def _count(self, service: str, mode: str, status: int) -> None:
        key = (service, mode, status)
        self.counts[key] = self.counts.get(key, 0) + 1

    def _new_id(self, prefix: str, length: int) -> str:
        return prefix + self._clock.text(length)


#: Refusals that say nothing about walls: the client's own mistakes, or the broker's state.
_ORDINARY = frozenset(
    {
        "body_too_large",
        "body_timeout",
        "malformed",
        "overloaded",
        "storage_full",
        "over_quota",
        "internal",
        "wrong_method",
        "no_account",
        "over_budget",
        "over_rate",
        "upstream_failed",
        "upstream_timeout",
        "no_recording",
    }
)
