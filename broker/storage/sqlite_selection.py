"""Which rows a page of records is of, as SQL: FROM and WHERE with their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def of_records(scope: str, where: Mapping[str, str] | None) -> tuple[str, list[Any]]:
    """FROM and WHERE of the records of a scope that have all of the index values. The first one leads: its rows
    come in the order of their age, so that a page of many needs no sort."""
    if not where:
        return "records r WHERE r.scope = ?", [scope]
    sql = "record_index i JOIN records r ON r.seq = i.seq WHERE i.scope = ? AND i.field = ? AND i.value = ?"
    (lead, *others) = where.items()
    values: list[Any] = [scope, *lead]
    for field, value in others:
        sql += (
            " AND EXISTS (SELECT 1 FROM record_index o"
            " WHERE o.scope = ? AND o.field = ? AND o.value = ? AND o.seq = i.seq)"
        )
        values += [scope, field, value]
    return sql, values


def of_events(service: str, where: Mapping[str, str] | None) -> tuple[str, list[Any]]:
    """FROM and WHERE of a service's events, with the columns that records have. Their types have no index, which would
    cost each write: who asks for a rare one waits for a walk over all of them."""
    sql = "(SELECT seq, id AS key, payload AS body FROM events WHERE service = ?"
    values: list[Any] = [service]
    for field, value in (where or {}).items():
        if field != "type":
            raise ValueError(f"events cannot be selected by {field}")
        sql += " AND type = ?"
        values.append(value)
    return f"{sql}) r WHERE 1", values


def within(prefix: str, after: str | None, before: str | None) -> tuple[str, list[Any]]:
    """The keys with a prefix that lie between two cursors, with one bound at each end: of two, SQLite would seek by one
    and read its way to the other. Texts compare as their UTF-8 does, surrogates being no characters."""
    end = after_prefix(prefix)
    sql, values = (" AND r.key >= ?", [prefix]) if after is None or after < prefix else (" AND r.key > ?", [after])
    if before is not None and (end is None or before < end):
        end = before
    return (sql, values) if end is None else (f"{sql} AND r.key < ?", [*values, end])


def after_prefix(prefix: str) -> str | None:
    """The smallest text that sorts after every text with ``prefix``, in UTF-8 byte order."""
    for at in range(len(prefix) - 1, -1, -1):
        point = ord(prefix[at])
        if point < 0x10FFFF:
            # Surrogates are no characters: the step passes over them.
            return prefix[:at] + chr(0xE000 if point + 1 == 0xD800 else point + 1)
    return None
