"""Who is logged in to the dashboard: kept in memory, so that a restart ends every session.

The cookie holds a random name and nothing else. Attempts to log in are counted by caller, and stopped for a while
when too many were wrong.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from broker.clock import Clock

#: Seconds without a page after which a session is over, and seconds it lives at the most.
IDLE = 8 * 3600
AGE = 24 * 3600
#: Sessions at a time: the one that was idle longest makes room.
MOST = 200
#: Wrong tokens of one caller within the seconds after which they are forgotten.
TRIES = 10
FORGOTTEN = 60
#: Callers whose attempts are remembered.
_CALLERS = 1000
#: Messages that wait to be shown, and drafts of forms.
_FLASHES = 10
_DRAFTS = 3


@dataclass(slots=True)
class Session:
    """``csrf`` stands in every form of it; ``flashes`` are (tone, text) for the next page, ``drafts`` what a
    page shows once."""

    csrf: str
    begun: float
    seen: float
    flashes: list[tuple[str, str]] = field(default_factory=list)
    drafts: dict[str, Any] = field(default_factory=dict)
    #: Logged out; for what outlasts a request.
    over: bool = False

    def owns(self, given: str) -> bool:
        """Whether a form is of this session."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.csrf.encode())

    def tell(self, tone: str, text: str) -> None:
        """Say something on the next page; ``tone`` is good or bad."""
        self.flashes = [*self.flashes, (tone, text)][-_FLASHES:]

    def keep(self, name: str, value: Any) -> None:
        """For the page that the browser is sent to next: a form that was refused, a credential that is shown once."""
        self.drafts.pop(name, None)
        self.drafts = dict([*self.drafts.items(), (name, value)][-_DRAFTS:])

    def kept(self, name: str) -> Any:
        """What was kept under the name, once."""
        return self.drafts.pop(name, None)

    def told(self) -> list[tuple[str, str]]:
        """What is to be said now, once."""
        found, self.flashes = self.flashes, []
        return found


class Sessions:
    """See the module. Times are of the monotonic clock."""

    def __init__(self, clock: Clock, token: str) -> None:
        self._clock = clock
        self._token = token.encode()
        self._open: OrderedDict[bytes, Session] = OrderedDict()
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, caller: str) -> float:
        """Seconds until the caller may try again; 0 when now."""
        times = self._wrong.get(caller)
        if times is None:
            return 0
        now = self._clock.monotonic()
        while times and now - times[0] >= FORGOTTEN:
            times.popleft()
        return FORGOTTEN - (now - times[0]) if len(times) >= TRIES else 0

    def log_in(self, given: str, caller: str) -> str | None:
        """The cookie's value, or None for a wrong token, which is counted. Compared in constant time."""
        if not hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._token):
            self._count(caller)
            return None
        self._wrong.pop(caller, None)
        name, now = self._clock.text(43), self._clock.monotonic()
        self._open[_key(name)] = Session(csrf=self._clock.text(43), begun=now, seen=now)
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        return name

    def _count(self, caller: str) -> None:
        times = self._wrong.setdefault(caller, deque(maxlen=TRIES))
        times.append(self._clock.monotonic())
        self._wrong.move_to_end(caller)
        while len(self._wrong) > _CALLERS:
            self._wrong.popitem(last=False)

    def find(self, name: str | None) -> Session | None:
        """The session of a cookie's value, which is seen now; None when there is none any more."""
        if not name:
            return None
        key = _key(name)
        found, now = self._open.get(key), self._clock.monotonic()
        if found is None:
            return None
        if now - found.seen >= IDLE or now - found.begun >= AGE:
            del self._open[key]
            return None
        found.seen = now
        self._open.move_to_end(key)
        return found

    def log_out(self, name: str) -> None:
        """The cookie opens nothing any more."""
        session = self._open.pop(_key(name), None)
        if session is not None:
            session.over = True


def _key(name: str) -> bytes:
    """Looked up by digest, so that the time of a search tells nothing about names."""
    return hashlib.sha256(name.encode("utf-8", "replace")).digest()
