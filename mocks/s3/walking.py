"""Pages of a bucket's records by key, prefixes rolled up, in the memory of one page.

A prefix's keys are skipped by one seek, however many they are. Record kinds are walked side by side, so that a list can
have objects and what lies apart from them in one order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mocks.base import Record, State

#: Longer than any key: a text that ends so sorts after every key with the text before it as prefix.
BEYOND = "\U0010ffff" * 257
#: Records that are read at first where prefixes are rolled up, and how many times as many the next time.
_FIRST, _GROWTH = 16, 4


@dataclass(frozen=True, slots=True)
class Series:
    """How records of a kind stand in a bucket: ``place`` makes a record's key from bucket and record, ``spelled`` the
    part of it that a key of S3's, or a prefix of one, gives."""

    kind: str
    place: Callable[[str, Record], str]
    spelled: Callable[[str], str] = str


class Walk:
    """The records of a series in a bucket below a prefix. ``record`` is the one that it stands at, None at the end;
    when it is ``dry`` more must be read first."""

    __slots__ = ("_after", "_at", "_batch", "_bucket", "_ended", "_most", "_page", "_prefix", "_series", "_state")

    def __init__(
        self, state: State, series: Series, bucket: str, prefix: str, after: str | None, *, batch: int, most: int
    ) -> None:
        """``after`` is a record key; ``batch`` records are read at first, ``most`` at once."""
        self._state, self._series, self._bucket = state, series, bucket
        self._prefix = f"{bucket}/{series.spelled(prefix)}"
        self._after, self._batch, self._most = after, batch, most
        self._page: Sequence[Record] = ()
        self._at = 0
        self._ended = False

    @property
    def record(self) -> Record | None:
        return self._page[self._at] if self._at < len(self._page) else None

    @property
    def dry(self) -> bool:
        return self._at >= len(self._page) and not self._ended

    async def fill(self) -> None:
        """Read on."""
        series, batch = self._series, self._batch
        self._page = await self._state.page(
            series.kind, order="key", prefix=self._prefix, after=self._after, limit=batch
        )
        self._at = 0
        self._ended = len(self._page) < batch
        self._batch = min(batch * _GROWTH, self._most)
        if self._page:
            self._after = series.place(self._bucket, self._page[-1])

    def step(self) -> None:
        """Go to the next record."""
        self._at += 1

    def rest(self) -> Sequence[Record]:
        """All that has been read from here on, which is passed."""
        found = self._page[self._at :]
        self._at = len(self._page)
        return found

    def begin_with(self, record: Record) -> None:
        """Stand at ``record``, which is no other's, before anything is read."""
        self._page = (record,)

    def skip(self, prefix: str) -> None:
        """Go behind every key with this prefix."""
        page, at = self._page, self._at
        while at < len(page) and page[at]["key"].startswith(prefix):
            at += 1
        self._at = at
        if at >= len(page) and at and not self._ended:
            self._after = f"{self._bucket}/{self._series.spelled(prefix)}{BEYOND}"
            # Of the next prefix one record is enough to know it.
            self._batch = 1


@dataclass(slots=True)
class Listing:
    """One page. ``last`` is the key or prefix that it ends with."""

    records: list[Record] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str = ""
    truncated: bool = False


def rolled_up(key: str, prefix: str, delimiter: str) -> str:
    """The common prefix that stands for ``key``, "" when the key stands for itself."""
    if not delimiter:
        return ""
    at = key.find(delimiter, len(prefix))
    return key[: at + len(delimiter)] if at >= 0 else ""


def behind(marker: str, prefix: str, delimiter: str) -> str:
    """The text after which a listing goes on: behind all keys of a prefix when the marker is one."""
    skips = marker.startswith(prefix) and rolled_up(marker, prefix, delimiter) == marker
    return marker + BEYOND if skips else marker


def first_batch(delimiter: str, limit: int) -> int:
    """How many records a walk should read at first: all of the page where nothing is rolled up."""
    return min(_FIRST, limit + 1) if delimiter else limit + 1


async def scan(walks: Sequence[Walk], *, prefix: str, delimiter: str, limit: int) -> Listing:
    """At most ``limit`` records and rolled-up prefixes together. Where several walks stand at one key, the first one's
    record comes first."""
    found = Listing()
    if not limit:
        return found
    if not delimiter and len(walks) == 1:
        return await _all(walks[0], limit)
    while True:
        next_walk, record = await _next(walks)
        if record is None:
            return found
        if len(found.records) + len(found.prefixes) >= limit:
            found.truncated = True
            return found
        rolled = rolled_up(record["key"], prefix, delimiter)
        if rolled:
            found.last = rolled
            found.prefixes.append(rolled)
            for walk in walks:
                walk.skip(rolled)
        else:
            found.last = record["key"]
            found.records.append(record)
            next_walk.step()


async def _all(walk: Walk, limit: int) -> Listing:
    """The same where nothing is rolled up and nothing stands beside."""
    taken: list[Record] = []
    while len(taken) <= limit and (walk.dry or walk.record is not None):
        if walk.dry:
            await walk.fill()
        taken += walk.rest()
    records = taken[:limit]
    return Listing(records, [], records[-1]["key"] if records else "", len(taken) > limit)


async def _next(walks: Sequence[Walk]) -> tuple[Walk, Record | None]:
    """The walk that stands at the smallest key, and its record."""
    chosen, record = walks[0], None
    for walk in walks:
        if walk.dry:
            await walk.fill()
        standing = walk.record
        if standing is not None and (record is None or standing["key"] < record["key"]):
            chosen, record = walk, standing
    return chosen, record
