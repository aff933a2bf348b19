"""State against a model: dictionaries in the order that things were made, copied at the begin of each call."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from broker.storage.base import Transaction
from broker.storage.sqlite import SqliteStorage
from mocks.base import UnknownCursor
from tests.broker.storage.samples import environment
from tests.clocks import HeldClock

T = TypeVar("T")

SERVICES = st.sampled_from(["alpha", "beta"])
KINDS = st.sampled_from(["thing", "part"])
KEYS = st.sampled_from(
    ["a", "ab", "abc", "b", "b\x00", "é", "\ud7ff", "\ue000", "\uff21", "\U0001f600", "\U0010ffff"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
INDEXES = st.none() | st.dictionaries(st.sampled_from(["colour", "size"]), st.sampled_from(["1", "2"]))
WHERE = st.none() | st.dictionaries(st.sampled_from(["colour", "size"]), st.sampled_from(["1", "2"]), max_size=2)
LIMITS = st.integers(1, 6)


class StateMachine(RuleBasedStateMachine):
    """``self.model`` maps (environment, service, kind) to ``{key: (record, index)}``, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        clock = HeldClock()
        self.storage = SqliteStorage(Path(self.folder.name), lambda: clock.text(20))
        self.homes = {name: environment(name) for name in ("pr-1", "pr-2")}
        self.model: dict[tuple[str, str, str], dict[str, tuple[Any, dict[str, str]]]] = {}
        self.before = deepcopy(self.model)
        self.home = ""
        self.service = ""
        self.call: Transaction | None = None
        self.version = 0

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        if self.call is not None:
            self.run(self.call.rollback())
        self.run(self.storage.close())
        self.loop.close()
        self.folder.cleanup()

    def kept(self, kind: str) -> dict[str, tuple[Any, dict[str, str]]]:
        return self.model.setdefault((self.home, self.service, kind), {})

    @precondition(lambda self: self.call is None)
    @rule(home=st.sampled_from(["pr-1", "pr-2"]), service=SERVICES)
    def begin(self, home: str, service: str) -> None:
        self.home, self.service = home, service
        self.call = self.run(self.storage.open(self.homes[home])).begin(service)
        self.before = deepcopy(self.model)

    @precondition(lambda self: self.call is not None)
    @rule(keep=st.booleans())
    def end(self, keep: bool) -> None:
        assert self.call is not None
        self.run(self.call.commit() if keep else self.call.rollback())
        self.call = None
        if not keep:
            self.model = self.before

    @precondition(lambda self: self.call is None)
    @rule()
    def restart(self) -> None:
        self.run(self.storage.close())
        self.storage = SqliteStorage(Path(self.folder.name), lambda: "unused")

    @precondition(lambda self: self.call is not None)
    @rule(kind=KINDS, key=KEYS, index=INDEXES)
    def put(self, kind: str, key: str, index: dict[str, str] | None) -> None:
        assert self.call is not None
        self.version += 1
        record = {"key": key, "version": self.version}
        self.run(self.call.put(kind, key, record, index))
        _, old = self.kept(kind).get(key, (None, {}))
        self.kept(kind)[key] = (record, old if index is None else index)

    @precondition(lambda self: self.call is not None)
    @rule(kind=KINDS, key=KEYS)
    def get(self, kind: str, key: str) -> None:
        assert self.call is not None
        assert self.run(self.call.get(kind, key)) == self.kept(kind).get(key, (None, {}))[0]

    @precondition(lambda self: self.call is not None)
    @rule(kind=KINDS, key=KEYS)
    def delete(self, kind: str, key: str) -> None:
        assert self.call is not None
        assert self.run(self.call.delete(kind, key)) == (self.kept(kind).pop(key, None) is not None)

    def selected(self, kind: str, where: dict[str, str] | None) -> dict[str, Any]:
        return {
            key: record
            for key, (record, index) in self.kept(kind).items()
            if all(index.get(field) == value for field, value in (where or {}).items())
        }

    @precondition(lambda self: self.call is not None)
    @rule(kind=KINDS, where=WHERE, cursor=st.none() | KEYS, before=st.booleans(), newest=st.booleans(), limit=LIMITS)
    def page_by_age(
        self, kind: str, where: dict[str, str] | None, cursor: str | None, before: bool, newest: bool, limit: int
    ) -> None:
        assert self.call is not None
        every = list(self.kept(kind))
        asked: dict[str, Any] = {"before" if before else "after": cursor} if cursor is not None else {}
        page = self.call.page(kind, order="newest" if newest else "oldest", where=where, limit=limit, **asked)
        if cursor is not None and cursor not in every:
            try:
                self.run(page)
            except UnknownCursor:
                return
            raise AssertionError("a cursor that does not exist was accepted")
        wanted = self.selected(kind, where)
        order = every[::-1] if newest else every
        at = order.index(cursor) if cursor is not None else (len(order) if before else -1)
        left = [key for key in (order[:at] if before and cursor is not None else order[at + 1 :]) if key in wanted]
        if cursor is None:
            left = [key for key in order if key in wanted]
        chosen = left[-limit:] if before and cursor is not None else left[:limit]
        assert self.run(page) == [wanted[key] for key in chosen]

    @precondition(lambda self: self.call is not None)
    @rule(kind=KINDS, where=WHERE, cursor=st.none() | KEYS, before=st.booleans(), prefix=KEYS, limit=LIMITS)
    def page_by_key(
        self, kind: str, where: dict[str, str] | None, cursor: str | None, before: bool, prefix: str, limit: int
    ) -> None:
        assert self.call is not None
        wanted = self.selected(kind, where)
        left = sorted((key for key in wanted if key.startswith(prefix)), key=str.encode)
        asked: dict[str, Any] = {}
        if cursor is not None:
            asked = {"before" if before else "after": cursor}
            sign = cursor.encode()
            left = [key for key in left if (key.encode() < sign if before else key.encode() > sign)]
        chosen = left[-limit:] if before and cursor is not None else left[:limit]
        page = self.call.page(kind, order="key", where=where, prefix=prefix, limit=limit, **asked)
        assert self.run(page) == [wanted[key] for key in chosen]

    @precondition(lambda self: self.call is not None)
    @rule(kind=KINDS, where=WHERE)
    def count(self, kind: str, where: dict[str, str] | None) -> None:
        assert self.call is not None
        assert self.run(self.call.count(kind, where)) == len(self.selected(kind, where))

    @invariant()
    def stores_hold_the_model(self) -> None:
        if self.call is not None:
            return
        for name, home in self.homes.items():
            inventory = self.run(self.run(self.storage.open(home)).inventory())
            expected: dict[str, dict[str, int]] = {}
            for (owner, service, kind), records in self.model.items():
                if owner == name and records:
                    expected.setdefault(service, {})[kind] = len(records)
            assert inventory["records"] == expected


TestStateMachine = StateMachine.TestCase
TestStateMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
