"""What is selected: texts and values that belong together. What SQLite makes of them stands in test_sqlite_state.py."""

from __future__ import annotations

import pytest

from broker.storage.sqlite_selection import after_prefix, of_events, of_records


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
