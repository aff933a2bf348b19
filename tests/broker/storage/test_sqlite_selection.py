"""What is selected: texts and values that belong together. What SQLite makes of them stands in test_sqlite_state.py."""

from __future__ import annotations

import pytest

from broker.storage.sqlite_selection import after_prefix, of_events, of_records, within


@pytest.mark.parametrize("where", [None, {"a": "1"}, {"a": "1", "b": "2", "c": "3"}])
def test_every_place_has_its_value(where: dict[str, str] | None) -> None:
    sql, values = of_records("alpha/thing", where)
    assert sql.count("?") == len(values)
    assert values[0] == "alpha/thing"
    assert [value for value in (where or {}).values() if value not in values] == []


def test_events_are_selected_by_their_type_alone() -> None:
    sql, values = of_events("alpha", {"type": "thing.made"})
    assert (sql.count("?"), values) == (2, ["alpha", "thing.made"])
    with pytest.raises(ValueError, match="colour"):
        of_events("alpha", {"colour": "red"})


@pytest.mark.parametrize(
    ("prefix", "after"), [("a", "b"), ("a\U0010ffff", "b"), ("\ud7ff", "\ue000"), ("", None), ("\U0010ffff", None)]
)
def test_what_comes_after_a_prefix(prefix: str, after: str | None) -> None:
    assert after_prefix(prefix) == after


@pytest.mark.parametrize(
    ("after", "before", "sql", "values"),
    [
        (None, None, " AND r.key >= ? AND r.key < ?", ["b/", "b0"]),
        ("b/m", None, " AND r.key > ? AND r.key < ?", ["b/m", "b0"]),
        ("a", None, " AND r.key >= ? AND r.key < ?", ["b/", "b0"]),
        ("c", None, " AND r.key > ? AND r.key < ?", ["c", "b0"]),
        (None, "b/m", " AND r.key >= ? AND r.key < ?", ["b/", "b/m"]),
        (None, "c", " AND r.key >= ? AND r.key < ?", ["b/", "b0"]),
        ("b/a", "b/m", " AND r.key > ? AND r.key < ?", ["b/a", "b/m"]),
    ],
)
def test_each_end_has_one_bound(after: str | None, before: str | None, sql: str, values: list[str]) -> None:
    assert within("b/", after, before) == (sql, values)


def test_a_prefix_that_nothing_follows_has_one_end() -> None:
    assert within("\U0010ffff", None, None) == (" AND r.key >= ?", ["\U0010ffff"])
    assert within("\U0010ffff", None, "\U0010ffffa") == (
        " AND r.key >= ? AND r.key < ?",
        ["\U0010ffff", "\U0010ffffa"],
    )
