"""Figures of traffic on SQLite: counted up in the transaction that stores the exchanges, summed up by SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from broker.storage.times import from_micros, to_micros
from broker.storage.traffic import BOUNDS, KEPT, STRETCH, Figures, place

if TYPE_CHECKING:
    from broker.storage.base import Exchange

_COUNTS = ("exchanges", "client_errors", "server_errors", "violated")
_DURATIONS = tuple(f"d{number}" for number in range(len(BOUNDS) + 1))
_COLUMNS = (*_COUNTS, *_DURATIONS)

_COUNT_UP = (
    f"INSERT INTO traffic (slot, service, {', '.join(_COLUMNS)}) VALUES (?, ?{', ?' * len(_COLUMNS)}) "
    f"ON CONFLICT (slot, service) DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in _COLUMNS)}"
)


def count_up(connection: sqlite3.Connection, batch: Sequence[Exchange]) -> None:
    """Add a batch that is being stored; what is too old to be shown goes."""
    rows: dict[tuple[int, str], list[int]] = {}
    for one in batch:
        second = to_micros(one.at) // 1_000_000
        row = rows.setdefault((second - second % STRETCH, one.service or ""), [0] * len(_COLUMNS))
        row[0] += 1
        if one.status >= 500:
            row[2] += 1
        elif one.status >= 400:
            row[1] += 1
        if one.violations:
            row[3] += 1
        row[len(_COUNTS) + place(one.duration_ms)] += 1
    connection.executemany(_COUNT_UP, [(*key, *row) for key, row in rows.items()])
    oldest = max(slot for slot, _ in rows) - int(KEPT.total_seconds())
    connection.execute("DELETE FROM traffic WHERE slot < ?", (oldest,))


def figures(
    connection: sqlite3.Connection, since: datetime, step: timedelta, service: str | None = None
) -> Sequence[Figures]:
    """One for each step from ``since`` on that had any exchange."""
    first, width = to_micros(since) // 1_000_000, int(step.total_seconds())
    where, values = ("", []) if service is None else (" AND service = ?", [service])
    rows = connection.execute(
        f"SELECT (slot - ?) / ?, {', '.join(f'sum({name})' for name in _COLUMNS)} FROM traffic "
        f"WHERE slot >= ?{where} GROUP BY 1 ORDER BY 1",
        (first, width, first, *values),
    )
    found = []
    for row in rows:
        step_number, exchanges, client_errors, server_errors, violated, *durations = row
        at = from_micros((first + step_number * width) * 1_000_000)
        found.append(Figures(at, exchanges, client_errors, server_errors, violated, durations))
    return found


def by_service(connection: sqlite3.Connection, since: datetime) -> Mapping[str, int]:
    """How many exchanges each service had."""
    rows = connection.execute(
        "SELECT service, sum(exchanges) FROM traffic WHERE slot >= ? GROUP BY service ORDER BY 2 DESC",
        (to_micros(since) // 1_000_000,),
    )
    return dict(rows.fetchall())
