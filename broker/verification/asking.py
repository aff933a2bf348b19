"""One verification as it is asked for: of what kind, what has to match, how often, whose, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from broker.errors import InvalidInput
from broker.verification.language import InvalidMatch, Match

Kind = Literal["exchanges", "mails", "events", "deliveries"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: The most that somebody may count.
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Count:
    """How often, from ``least`` to ``most``; None is as often as one likes."""

    least: int = 1
    most: int | None = None

    def holds(self, count: int) -> bool:
        """Whether a count is within it."""
        return self.least <= count and (self.most is None or count <= self.most)

    @property
    def said(self) -> dict[str, int]:
        """As it is asked for."""
        if self.least == self.most:
            return {"exactly": self.least}
        found = {"at_least": self.least} if self.least or self.most is None else {}
        return found if self.most is None else {**found, "at_most": self.most}

    @property
    def words(self) -> str:
        """For people."""
        if self.most == 0:
            return "none"
        if self.least == self.most:
            return f"exactly {self.least}"
        if self.most is None:
            return f"at least {self.least}"
        return f"at most {self.most}" if not self.least else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A verification. ``scope`` None looks at all scopes."""

    kind: Kind
    match: Match
    count: Count
    scope: str | None = None
    since: datetime | None = None

    @property
    def said(self) -> dict[str, Any]:
        """As it is asked for, and as an expectation keeps it: without scope and time."""
        return {"kind": self.kind, "match": dict(self.match.said), "count": self.count.said}


def read(asked: Mapping[str, Any]) -> Wanted:
    """From a body whose shape was checked; raises InvalidInput."""
    try:
        match = Match(asked.get("match") or {})
    except InvalidMatch as wrong:
        place = f"body.{wrong.place}"
        raise InvalidInput(str(wrong), errors=[{"where": place[:300], "message": wrong.message[:300]}]) from None
    return Wanted(asked["kind"], match, count(asked.get("count")), asked.get("scope"), moment(asked.get("since")))


def count(asked: Any) -> Count:
    """A number is exactly that often; nothing is at least once."""
    if asked is None:
        return Count()
    if isinstance(asked, int | float):
        return Count(int(asked), int(asked))  # 2.0 is a whole number to JSON Schema
    given = {name: int(number) for name, number in asked.items()}
    if "exactly" in given:
        if len(given) > 1:
            raise InvalidInput("count: exactly stands alone")
        return Count(given["exactly"], given["exactly"])
    found = Count(given.get("at_least", 0), given.get("at_most"))
    if found.most is not None and found.most < found.least:
        raise InvalidInput("count: at_most is less than at_least")
    return found


def moment(asked: str | None) -> datetime | None:
    """An ISO 8601 time; without a zone it is UTC. Raises InvalidInput."""
    if asked is None:
        return None
    try:
        found = datetime.fromisoformat(asked)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"since: {asked[:40]!r} is no time; write one like 2026-11-27T18:00:00Z") from None
