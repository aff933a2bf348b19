"""The secrets that sign events: the present one, and those from before it was rolled, each until its moment.

Kept as one text, which is sealed where it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from mocks.base import Target

#: Before what holds more than the secret itself. No secret begins so.
_MORE = "rolled:"


@dataclass(frozen=True, slots=True)
class Secrets:
    """``earlier`` are (secret, until)."""

    present: str
    earlier: Sequence[tuple[str, datetime]] = ()

    @classmethod
    def of(cls, target: Target) -> Secrets:
        """Those that sign for a target."""
        return cls(target.secret, tuple(target.also))

    @classmethod
    def read(cls, text: str) -> Secrets:
        """From their text."""
        if not text.startswith(_MORE):
            return cls(text)
        present, earlier = orjson.loads(text.removeprefix(_MORE))
        return cls(present, tuple((secret, datetime.fromtimestamp(until, UTC)) for secret, until in earlier))

    def text(self) -> str:
        """The secret itself where there is only one."""
        if not self.earlier:
            return self.present
        earlier = [(secret, until.timestamp()) for secret, until in self.earlier]
        return _MORE + orjson.dumps([self.present, earlier]).decode()

    def rolled(self, fresh: str, now: datetime, until: datetime) -> Secrets:
        """With a fresh one in the place of the present, which signs until the moment, as do those before it that still
        did, and none of them longer."""
        before = [(self.present, until), *((secret, min(ends, until)) for secret, ends in self.earlier)]
        return Secrets(fresh, tuple((secret, ends) for secret, ends in before if ends > now))
