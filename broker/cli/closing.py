"""How ``broker env close`` waits: it asks once, then follows the receipt, with bars for what is taken back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.progress import MofNCompleteColumn, Progress, TaskID

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment

#: Seconds that the first request waits, in which most closes end; and between two looks at the receipt after it.
_FIRST, _POLL = 2, 0.3
#: States of resources that are not gone.
_LEFT = frozenset({"pending", "live", "deleting", "stuck"})


def close(control: Control, name: str, wait: float | None) -> dict[str, Any]:
    """Close it and answer the receipt: of the end, or after ``wait`` seconds the one so far."""
    path = f"/environments/{segment(name)}"
    until = None if wait is None else time.monotonic() + wait
    first = _FIRST if wait is None else int(min(wait, _FIRST))
    try:
        found: dict[str, Any] = control.ask("DELETE", path, query={"wait": first})
        return found
    except Failure as failure:
        if failure.code != codes.CONFLICT:
            raise
    with _bars(name) as bars:
        while True:
            receipt: dict[str, Any] = control.ask("GET", path + "/receipt")
            if receipt.get("status") == "closed" or (until is not None and time.monotonic() >= until):
                return receipt
            bars.show(receipt)
            time.sleep(_POLL)


def number_left(receipt: Mapping[str, Any]) -> tuple[int, int]:
    """Of a receipt: how many resources are not gone, and of how many."""
    several = [_gone(service) for service in receipt.get("external", {}).values()]
    return sum(total - gone for gone, total in several), sum(total for _, total in several)


def _gone(service: Mapping[str, Any]) -> tuple[int, int]:
    counts = [(state, count) for states in service["kinds"].values() for state, count in states.items()]
    return sum(count for state, count in counts if state not in _LEFT), sum(count for _, count in counts)


def hindrance(receipt: Mapping[str, Any]) -> str | None:
    """Why a close does not end now, in words."""
    found = receipt.get("stuck") or receipt.get("waiting")
    return None if found is None else str(found["reason"])


def unfinished(name: str, receipt: Mapping[str, Any]) -> Failure:
    """Says what is left of a close that goes on."""
    left, total = number_left(receipt)
    resources = f": {left} of {total} resources at real providers are not gone" if left else ""
    words = hindrance(receipt)
    named = (receipt.get("left") or {}).get("external") or ()
    details = [terminal.clean(words)] if words else []
    details += [terminal.clean(f"{one['kind']} {one['id'] or '-'}: {one['words'] or one['status']}") for one in named]
    return Failure(f"{name} is still being closed{resources}. It goes on.", codes.CONFLICT, tuple(details))


class _Bars:
    """One bar a service and one for the files here, and a line that says what holds it up."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._all = progress.add_task(f"closing {name}", total=None, note="")
        self._tasks: dict[str, TaskID] = {}
        self._said = ""

    def show(self, receipt: Mapping[str, Any]) -> None:
        words = terminal.clean(hindrance(receipt) or "")
        parts = ", ".join(f"{count} {name}" for name, count in (receipt.get("parts") or {}).items())
        self._progress.update(self._all, note=(words or parts)[:100])
        if words and words != self._said and not self._progress.console.is_terminal:
            terminal.note(words)
        self._said = words
        for service, figures in receipt.get("external", {}).items():
            self._bar(service, *_gone(figures))
        if removed := receipt.get("removed"):
            self._bar("files here", removed["files"], (receipt["existed"] or {}).get("files", removed["files"]))

    def _bar(self, name: str, done: int, total: int) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total, note="")
        self._progress.update(self._tasks[name], completed=done, total=total)


@contextmanager
def _bars(name: str) -> Iterator[_Bars]:
    with terminal.bars(MofNCompleteColumn()) as progress:
        yield _Bars(progress, name)


def show_plan(plan: Mapping[str, Any]) -> None:
    """What a close would do, for people."""
    terminal.table(
        ("SERVICE", "ACCOUNT", "KIND", "NUMBER", "NOTE"),
        [
            (
                one["service"],
                ", ".join(one["accounts"]),
                one["kind"],
                one["number"],
                f"{one['pending']} without an answer yet" if one["pending"] else None,
            )
            for one in plan["resources"]
        ],
        empty="It has nothing at real providers.",
    )
    terminal.show()
    inventory = plan["inventory"] or {}
    records = sum(count for kinds in inventory.get("records", {}).values() for count in kinds.values())
    terminal.facts(
        [
            ("status", plan["status"]),
            ("leases", plan["leases"]),
            ("credentials", plan["credentials"]),
            ("records of mocks", records),
            *((name, inventory[name]) for name in ("events", "mails", "exchanges") if name in inventory),
        ]
    )
    terminal.show("\nNothing was changed.")
