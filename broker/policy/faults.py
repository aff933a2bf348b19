"""Faults of a policy document: collected with their place in the text, worded for people, raised together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from broker.errors import InvalidInput

if TYPE_CHECKING:
    import yaml

#: From the top of the document inwards.
Place = tuple[str | int, ...]


class Faults:
    """Collects faults with their place in the text."""

    def __init__(self) -> None:
        self.marks: dict[Place, yaml.Mark] = {}
        self.found: list[dict[str, Any]] = []

    def add(self, place: Place, message: str, mark: yaml.Mark | None = None) -> None:
        """``mark`` overrides where the place stands in the text."""
        fault: dict[str, Any] = {}
        mark = mark or self._nearest(place)
        if mark is not None:
            fault = {"line": mark.line + 1, "column": mark.column + 1}
        fault |= {"key": dotted(place), "message": message}
        if fault not in self.found:
            self.found.append(fault)

    def _nearest(self, place: Place) -> yaml.Mark | None:
        for length in range(len(place), -1, -1):
            if place[:length] in self.marks:
                return self.marks[place[:length]]
        return None

    def stop(self) -> None:
        """Raise when there is any."""
        if not self.found:
            return
        self.found.sort(key=lambda fault: (fault.get("line", 0), fault.get("column", 0)))
        count = len(self.found)
        lines = "; ".join(worded(fault) for fault in self.found[:20])
        raise InvalidInput(
            f"The policy has {count} {'fault' if count == 1 else 'faults'}: {lines}", errors=self.found[:100]
        )


def worded(fault: Mapping[str, Any]) -> str:
    """One line for people: ``line 3, services.x.mdoe: unknown key; did you mean mode?``"""
    where = [f"line {fault['line']}"] if "line" in fault else []
    where += [fault["key"]] if fault.get("key") else []
    return ", ".join(where) + ": " + fault["message"] if where else str(fault["message"])


def dotted(place: Place) -> str:
    """``services.x.rules[0].mode``."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text
