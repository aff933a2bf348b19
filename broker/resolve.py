"""Which environment and which service is calling: by host, by path, or by the credential alone.

Host wins over path, because below a service's host name every path belongs to the service. Whatever the address
says, the credential must agree with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.directory import Directory, Entry, Owner
from broker.grants import Grants
from broker.scopes import divided
from contracts.exchange import Request
from mocks.base import MockService, Presented, Reason, Refusal
from mocks.defaults import unchanged
from mocks.generic.security import keys_in

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def _label(name: str) -> str | None:
    """What was addressed, when it could be a name at all: anything else may be a key in the wrong place."""
    return name if _LABEL.fullmatch(name) else None


def _shown(name: str) -> str:
    return _label(name) or "of that name"


class Turned(Exception):
    """A caller who gets no further: the refusal, and what is known for its incident."""

    def __init__(
        self,
        refusal: Refusal,
        request: Request,
        *,
        service: MockService | None = None,
        name: str | None = None,
        entry: Entry | None = None,
        owner: Owner | None = None,
    ) -> None:
        self.refusal = refusal
        self.service = service
        self.name = name
        self.entry = entry
        self.owner = owner
        self.request = request
        #: Whose test it is of, as far as the address says.
        self.scope = ""
        super().__init__(str(refusal))


@dataclass(slots=True)
class Caller:
    """Who is calling which service, with the request as that service sees it."""

    entry: Entry
    service: MockService
    #: None for a caller without a credential.
    spec: str | None
    secret: str | None
    request: Request
    #: Whose test it is of, as far as the address says.
    scope: str = ""
    #: What the service keeps of a key that its own API made.
    grant: Mapping[str, Any] | None = None


def _host(request: Request) -> str:
    """The host's name without its port. One that ends with a dot is the same name: RFC 1034, section 3.1."""
    return request.host.partition(":")[0].rstrip(".")


@dataclass(frozen=True, slots=True)
class Address:
    """What host or path say. ``service`` is None below ``ENVIRONMENT.DOMAIN``."""

    environment: str
    service: str | None
    path: str
    host_label: str | None = None
    scope: str = ""


class Resolver:
    """See the module. ``base_domain`` is the domain below which environments have host names, ``home`` is the gateway's
    own name: an SDK that puts a bucket in front of the host does so with an address by path, too."""

    def __init__(
        self,
        directory: Directory,
        services: Mapping[str, MockService],
        base_domain: str,
        home: str = "localhost",
        *,
        grants: Grants | None = None,
    ) -> None:
        self._directory = directory
        self._grants = grants
        self._services = services
        self._suffix = "." + base_domain.strip(".").lower()
        self._homes = ("." + home.strip(".").lower(), ".localhost")
        #: Labels of endpoints that are not their service's name -> the service.
        self._endpoints = {label: service for service in services.values() for label in service.endpoints}

    def address(self, request: Request) -> Address | None:
        """What the request's host or path say; None when only the credential can tell."""
        host = _host(request)
        if host.endswith(self._suffix):
            *rest, last = host[: -len(self._suffix)].split(".")
            if not rest:
                return Address(last, None, request.path)
            *label, service = rest
            return Address(last, service, request.path, ".".join(label) or None)
        return self._by_path(request, host)

    def _by_path(self, request: Request, host: str) -> Address | None:
        path = request.path
        if not path.startswith("/e/"):
            return None
        _, _, name, *tail = path.split("/", 4)
        name, scope = divided(name)
        service = tail[0] if tail else ""
        label = next((host[: -len(home)] for home in self._homes if host.endswith(home)), None)
        return Address(name, service, "/" + (tail[1] if len(tail) > 1 else ""), label, scope)

    async def _meant(self, request: Request) -> Address | None:
        """The address; where the host names no environment of its own, it may be a label before an address by path."""
        address = self.address(request)
        if address is None or address.path != request.path or not request.path.startswith("/e/"):
            return address
        by_path = self._by_path(request, _host(request))
        if by_path is None or not by_path.host_label:
            return address
        alike = address.service is None and address.environment == by_path.environment
        return by_path if alike or await self._known(address.environment) is None else address

    def is_service(self, host: str) -> bool:
        """Whether the host name is a service's: all its paths are that service's, those of the broker included."""
        address = self.address(Request(method="GET", path="/", host=host))
        return address is not None and (address.service in self._services or address.service in self._endpoints)

    async def resolve(self, request: Request) -> Caller:
        """The caller; raises Turned."""
        address = await self._meant(request)
        if address is None or not address.scope:
            return await self._caller(request, address)
        try:
            caller = await self._caller(request, address)
        except Turned as turned:
            turned.scope = address.scope
            raise
        caller.scope = address.scope
        return caller

    async def _caller(self, request: Request, address: Address | None) -> Caller:
        if address is not None and (named := await self._labelled(address, request)) is not None:
            service, presented, entry, request.host_label = named
            return await self._admit(service, presented, entry, service.relocate(request))
        if address is None:
            service, presented = await self._by_credential(request, None)
            return await self._admit(service, presented, None, service.relocate(request))
        if address.service is None:
            entry = await self._entry(address, None, request)
            service, presented = await self._by_credential(request, entry)
            return await self._admit(service, presented, entry, service.relocate(request))
        known = self._services.get(address.service) or self._endpoints.get(address.service)
        addressed: Entry | None = None
        if known is None:
            addressed = await self._known(address.environment)
            known = None if addressed is None else addressed.services.get(address.service)
        if known is None:
            raise Turned(
                Refusal(
                    "unknown_operation",
                    f"There is no service {_shown(address.service)} here. "
                    f"Services: {', '.join(sorted(self._services))}.",
                ),
                request,
                name=_label(address.environment),
                entry=addressed,
            )
        request.path = address.path
        request.host_label = address.host_label
        if address.service in known.endpoints:
            request.endpoint = address.service
        request = known.relocate(request)
        entry = addressed or await self._entry(address, known, request)
        shown = known.credential(request)
        if shown is None and known.unfold is not None and entry.environment.status == "open":
            request = await known.unfold(request)
            shown = known.credential(request)
        open_to_all = shown is None and (known.anonymous(request) or known.pages(request) is not None)
        if open_to_all and entry.environment.status == "open":
            return Caller(entry, known, None, None, request)
        if shown is None:
            raise self._turned("no_credential", _NO_KEY, known, entry, request)
        return await self._admit(known, shown, entry, request)

    async def _labelled(
        self, address: Address, request: Request
    ) -> tuple[MockService, Presented, Entry | None, str] | None:
        """A label that is neither an environment's nor a service's name, in front of the environment's own name or of
        the gateway's, where the request carries the key of a service that has such labels (buckets)."""
        if address.service in self._services or address.service in self._endpoints or request.path.startswith("/e/"):
            return None
        entry, host = await self._known(address.environment), _host(request)
        if entry is None:
            label = next((host[: -len(home)] for home in self._homes if host.endswith(home)), None)
        elif address.service is None or address.service in entry.services:
            return None
        else:
            label = ".".join(filter(None, (address.host_label, address.service)))
        try:
            service, presented = await self._by_credential(request, entry)
        except Turned:
            return None
        return None if label is None or service.relocate is unchanged else (service, presented, entry, label)

    async def _entry(self, address: Address, service: MockService | None, request: Request) -> Entry:
        name = address.environment
        entry = await self._known(name)
        if entry is None:
            raise Turned(
                Refusal(
                    "unknown_environment", f"There is no environment {_shown(name)}. Open it with `broker env open`."
                ),
                request,
                service=service,
                name=_label(name),
            )
        return entry

    async def _known(self, name: str) -> Entry | None:
        return await self._directory.by_name(name) if _LABEL.fullmatch(name) else None

    async def _by_credential(self, request: Request, entry: Entry | None) -> tuple[MockService, Presented]:
        """The service in whose form the request carries a key: one whose shape the service knows comes first."""
        fallback: tuple[MockService, Presented] | None = None
        for service in self._services.values():
            presented = service.credential(request)
            if presented is None:
                continue
            if presented.familiar:
                return service, presented
            fallback = fallback or (service, presented)
        for key in keys_in(request):
            # Where a service of one environment has its key, only that service knows: the key itself is looked for.
            owner = await self._directory.owner(key)
            own = None if owner is None else owner.entry.services.get(owner.service)
            presented = None if own is None else own.credential(request)
            if own is not None and presented is not None:
                return own, presented
        if fallback is None:
            raise Turned(
                Refusal(
                    "no_credential",
                    "Neither host, path nor a credential says which environment is calling. Call "
                    "/e/ENVIRONMENT/SERVICE/..., or send the environment's own key (see `broker env show`).",
                ),
                request,
                entry=entry,
            )
        return fallback

    async def _admit(self, service: MockService, presented: Presented, entry: Entry | None, request: Request) -> Caller:
        owner = await self._directory.owner(presented.key)
        if owner is None and self._grants is not None:
            owner = await self._grants.owner(service, presented.key)
        if owner is None or not owner.presented:
            if presented.live:
                raise self._turned("live_credential", _LIVE_KEY, service, entry, request, hint=presented.hint)
            raise self._turned("unknown_credential", _UNKNOWN_KEY, service, entry, request, hint=presented.hint)
        if owner.entry.environment.status != "open":
            reopened = entry is not None and entry.environment.status == "open"
            message = _EARLIER if reopened else _CLOSED
            raise self._turned("closed_environment", message, service, entry or owner.entry, request, owner=owner)
        if entry is not None and entry.environment.status != "open":
            raise self._turned("closed_environment", _CLOSED, service, entry, request)
        if owner.dead:
            raise self._turned(
                "unknown_credential",
                _ROTATED if owner.spec else _GONE,
                service,
                owner.entry,
                request,
                owner=owner,
                hint=presented.hint,
            )
        if owner.service != service.name or (
            entry is not None and entry.environment.uid != owner.entry.environment.uid
        ):
            raise self._turned(
                "foreign_credential", _FOREIGN_KEY, service, entry, request, owner=owner, hint=presented.hint
            )
        own = owner.entry.services.get(service.name, service)
        return Caller(owner.entry, own, owner.spec, owner.secret, request, grant=owner.grant)

    def _turned(
        self,
        reason: Reason,
        message: str,
        service: MockService,
        entry: Entry | None,
        request: Request,
        *,
        owner: Owner | None = None,
        hint: str = "",
    ) -> Turned:
        return Turned(Refusal(reason, message, hint=hint), request, service=service, entry=entry, owner=owner)


_NO_KEY = "The request carries no credential. Send the environment's own key (see `broker env show`)."
_UNKNOWN_KEY = "This credential was not issued by this broker. Use the environment's own (see `broker env show`)."
_LIVE_KEY = (
    "This looks like a live credential. It was refused, reported and not stored: "
    "revoke it at the provider, and use the environment's own key (see `broker env show`)."
)
_FOREIGN_KEY = "This credential belongs to another environment or service than the address names."
_ROTATED = "This credential was rotated and opens nothing any more. Use the present one (see `broker env show`)."
_GONE = "This key is none that this service made here and still has. Make another, or use the environment's own."
_EARLIER = "This credential belongs to an opening that is closed. Use the present one's (see `broker env show`)."
_CLOSED = "This environment is closed. Open it again with `broker env open NAME --reopen`; it gets new credentials."
