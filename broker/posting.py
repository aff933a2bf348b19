"""One request to a webhook target: signed in the provider's scheme, with one event or with several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from broker.signing import Secrets
from broker.storage.base import Delivery, EnvironmentStore, Event
from broker.upstream import ForbiddenTarget, Timeouts, Unanswered, Upstream
from broker.vault import Unsealable, Vault
from contracts.exchange import Headers, Request
from mocks.base import MockService, Target
from mocks.generic import announce
from mocks.posting import Batching, BodySeal, Granting, NotGranted, stored_body

#: Bytes that are read of a target's answer, and of one that gives a token.
_ANSWER, _TOKEN = 4096, 64 * 1024


@dataclass(frozen=True, slots=True)
class Letter:
    """An event, and its delivery as it is stored now."""

    event: Event
    delivery: Delivery


@dataclass(slots=True)
class _Part:
    """What goes in one request so far, and about how long it is."""

    letters: list[Letter] = field(default_factory=list)
    size: int = 0


class Posting:
    """Sends what it is given; what becomes of it is the outbox's business."""

    def __init__(
        self, services: Mapping[str, MockService], vault: Vault, upstream: Upstream, timeouts: Timeouts
    ) -> None:
        self._services = services
        self._vault = vault
        self._upstream = upstream
        self._timeouts = timeouts

    def batching(self, service: str) -> Batching | None:
        """How the service's events go together, if they do."""
        known = self._services.get(service)
        return None if known is None else known.batching

    def parted(self, letters: Sequence[Letter]) -> Sequence[Sequence[Letter]]:
        """Letters to one place, by the requests that they go in."""
        together: dict[tuple[str, str], _Part] = {}
        parts: list[Sequence[Letter]] = []
        for letter in letters:
            batching = self.batching(letter.event.service)
            if batching is None or not batching.of(letter.event.payload):
                parts.append([letter])
                continue
            place = (letter.event.service, self._secret(letter.delivery))
            size = len(orjson.dumps(letter.event.payload))
            part = together.get(place)
            if part is None or len(part.letters) == batching.most or part.size + size > batching.bytes:
                part = together[place] = _Part()
                parts.append(part.letters)
            part.letters.append(letter)
            part.size += size
        return parts

    def _secret(self, delivery: Delivery) -> str:
        try:
            return self._vault.unseal(delivery.secret_sealed)
        except Unsealable:
            return delivery.secret_sealed

    async def post(
        self, letters: Sequence[Letter], store: EnvironmentStore, at: datetime
    ) -> tuple[int | None, str | None]:
        """The target's status, or what went wrong. The letters are of one place and one part."""
        delivery = letters[0].delivery
        payloads = [letter.event.payload for letter in letters]
        service = self._services.get(delivery.service)
        try:
            secrets = Secrets.read(self._vault.unseal(delivery.secret_sealed))
            target = Target(delivery.url, secrets.present, endpoint=delivery.endpoint, also=secrets.earlier)
            signed = _signed(service, payloads, target, at)
            if signed is None:
                return None, f"{delivery.service} cannot sign events"
            if (body := stored_body(payloads[0])) is not None:
                seal = service.body_seal(target, at) if service is not None and service.body_seal is not None else None
                signed = await _with_body(signed, body, store, delivery.service, seal)
            if service is not None and service.granting is not None:
                signed = await self._granted(service.granting, signed, target)
            request = _sealed(signed, letters)
            answer = await self._upstream.send(request, delivery.url, timeouts=self._timeouts, max_body=_ANSWER)
        except (ForbiddenTarget, Unanswered, Unsealable, NotGranted) as refused:
            return None, str(refused)
        if 300 <= answer.status < 400:
            return answer.status, "redirects are not followed"
        return answer.status, None

    async def _granted(self, granting: Granting, signed: Request, target: Target) -> Request:
        asked = granting.ask(target)
        if asked is None:
            return signed
        url, request = asked
        try:
            answer = await self._upstream.send(request, url, timeouts=self._timeouts, max_body=_TOKEN)
        except (ForbiddenTarget, Unanswered) as refused:
            raise NotGranted(f"no token: {refused}") from None
        return granting.admit(signed, answer)


def _signed(
    service: MockService | None, payloads: Sequence[Mapping[str, Any]], target: Target, at: datetime
) -> Request | None:
    if service is not None and service.batching is not None and service.batching.of(payloads[0]):
        return service.batching.sign(payloads, target, at)
    # Services that only a policy knows all sign alike.
    sign = service.sign_event if service is not None else announce.signed if "method" in payloads[0] else None
    return None if sign is None else sign(payloads[0], target, at)


async def _with_body(
    signed: Request, body: Mapping[str, Any], store: EnvironmentStore, service: str, seal: BodySeal | None
) -> Request:
    """The head with the body that was stored, which is read while it is sent, and before that where it is signed."""
    headers = [*signed.headers, ("content-length", str(body["size"]))]
    if seal is not None:
        async for chunk in store.read_blob(service, body["id"]):
            seal.update(chunk)
        headers += seal.headers()
    return replace(signed, headers=Headers(headers), stream=store.read_blob(service, body["id"]))


def _sealed(signed: Request, letters: Sequence[Letter]) -> Request:
    """With the delivery's id, the same in every attempt, so that a receiver can tell a repetition from another event:
    of several events in one request each has an id of the provider's for that."""
    own = [("broker-delivery", letters[0].delivery.id)] if len(letters) == 1 else []
    return Request(
        method=signed.method,
        path=signed.path,
        headers=Headers([*signed.headers, *own]),
        body=signed.body,
        stream=signed.stream,
    )
