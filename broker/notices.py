"""Webhooks of the broker's own: what an orchestrator is told, stored first and attempted until it was heard.

Signed as Standard Webhooks says (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md):
``webhook-id``, ``webhook-timestamp`` and ``webhook-signature: v1,BASE64`` over ``id.timestamp.body``, HMAC-SHA256.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from broker.clock import Clock
from broker.settings import InvalidSetting
from broker.storage.external import External, Notice
from broker.upstream import ForbiddenTarget, Timeouts, Unanswered, Upstream
from contracts.exchange import Headers, Request

#: Seconds until the second attempt: doubled each time, and never longer than the last. Up to a quarter is left out by
#: chance.
_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 5.0, 3600.0, 0.25
#: Seconds that a timer may ring early, and after which to look again at what another round holds.
_EARLY, _IN_HAND = 0.01, 1.0
#: Notices that wait and are begun again at a start.
_WAITING = 10_000
_PREFIX = "whsec_"
_DIGITS = "0123456789"


def nobody(notice_id: str) -> None:
    """Of a server whose notices nobody carries yet: the next start finds them."""


class Notices:
    """Stores and attempts. Without a ``url`` nothing is told."""

    def __init__(
        self,
        *,
        external: External,
        clock: Clock,
        upstream: Upstream,
        url: str | None,
        secret: str | None,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Raises InvalidSetting for a ``secret`` that cannot sign."""
        self._external = external
        self._clock = clock
        self._upstream = upstream
        self._url = url
        self._key = _key(secret) if url else b""
        self._timeouts = timeouts or Timeouts()
        self._in_hand: set[str] = set()
        #: Told the id of a notice that was just stored.
        self.announce: Callable[[str], None] = nobody
        #: Attempts since the start, by type and what they came to: ``delivered``, ``retried``.
        self.counts: Counter[tuple[str, str]] = Counter()

    async def put(self, name: str, type: str, content: Mapping[str, Any]) -> None:
        """Something happened. Under a name that was told before, nothing new did."""
        if not self._url:
            return
        notice_id, now = f"ntc_{name}", self._clock.now()
        if await self._external.notice(notice_id) is not None:
            return
        payload = {"type": type, "timestamp": now.isoformat(), "data": dict(content)}
        notice = Notice(id=notice_id, type=type, payload=payload, created_at=now, next_at=now)
        await self._external.put_notice(notice)
        self.announce(notice_id)

    async def pending(self) -> Sequence[str]:
        """Ids of what was not heard yet, oldest first."""
        if not self._url:
            return []
        return [each.id for each in await self._external.notices(status="pending", limit=_WAITING)]

    async def attempt(self, notice_id: str) -> float | None:
        """Attempt it when it is due. The seconds until the next attempt, None when it is over. Retried for ever."""
        notice = await self._external.notice(notice_id)
        if notice is None or notice.status != "pending" or not self._url:
            return None
        wait = 0.0 if notice.next_at is None else (notice.next_at - self._clock.now()).total_seconds()
        if wait > _EARLY:
            return wait
        if notice_id in self._in_hand:
            return _IN_HAND
        self._in_hand.add(notice_id)
        try:
            error = await self._send(notice)
            return await self._record(notice, error)
        finally:
            self._in_hand.discard(notice_id)

    async def _send(self, notice: Notice) -> str | None:
        """None when it was heard, else what went wrong."""
        # The operator named the address, so it may be a private one.
        allow = replace(self._upstream.allowance, private=True)
        request = signed(notice, self._key, self._clock.now())
        try:
            answer = await self._upstream.send(
                request, self._url or "", timeouts=self._timeouts, allow=allow, max_body=4096
            )
        except (ForbiddenTarget, Unanswered) as refused:
            return str(refused)
        return None if 200 <= answer.status < 300 else f"it answered {answer.status}"

    async def _record(self, notice: Notice, error: str | None) -> float | None:
        attempts = notice.attempts + 1
        if error is None:
            self.counts[notice.type, "delivered"] += 1
            heard = replace(notice, status="delivered", attempts=attempts, next_at=None, error="")
            await self._external.put_notice(heard)
            return None
        self.counts[notice.type, "retried"] += 1
        wait = min(_FIRST_WAIT * 2.0 ** min(attempts - 1, 20), _LONGEST_WAIT)
        wait *= 1 - _JITTER * int(self._clock.text(3, _DIGITS)) / 1000
        next_at = self._clock.now() + timedelta(seconds=wait)
        await self._external.put_notice(replace(notice, attempts=attempts, next_at=next_at, error=error[:500]))
        return wait


def signed(notice: Notice, key: bytes, at: datetime) -> Request:
    """The request of one attempt: its id is the same in all of them, so that a receiver can tell a repetition."""
    body, timestamp = orjson.dumps(notice.payload), str(int(at.timestamp()))
    digest = hmac.digest(key, b".".join((notice.id.encode(), timestamp.encode(), body)), "sha256")
    headers = Headers(
        [
            ("content-type", "application/json"),
            ("user-agent", "preview-broker"),
            ("webhook-id", notice.id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", "v1," + base64.b64encode(digest).decode()),
        ]
    )
    return Request(method="POST", path="/", headers=headers, body=body)


def _key(secret: str | None) -> bytes:
    """``whsec_`` and base64, as Standard Webhooks writes secrets, or any other long text as it is."""
    if not secret:
        raise InvalidSetting("BROKER_NOTIFY_SECRET: needed with BROKER_NOTIFY_URL; receivers verify with it")
    key = secret.encode()
    if secret.startswith(_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            raise InvalidSetting("BROKER_NOTIFY_SECRET: what follows whsec_ is not base64") from None
    if len(key) < 24:
        raise InvalidSetting("BROKER_NOTIFY_SECRET: too short; at least 24 bytes")
    return key
