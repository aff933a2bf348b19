"""Facts that a provider's own document gets wrong or leaves out, put over it when it is compiled.

They are data beside the compiled contract (``corrections.toml``), each with its source and its reason.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import orjson

from contracts.compile.document import CompiledDocument, CompileError

FILE = "corrections.toml"


def correct(document: CompiledDocument, folder: Path, *, of_today: bool = True) -> bytes | None:
    """Apply the corrections that ``folder`` holds to ``document``, in place. Answers their text, None when there
    are none; raises CompileError for one that fits nothing in the document: in a document that is not ``of_today`` such
    a one is left out."""
    path = folder / FILE
    if not path.is_file():
        return None
    content = path.read_bytes()
    operations = {str(operation["id"]): operation for operation in document.operations}
    for entry in tomllib.loads(content.decode())["correction"]:
        name = entry["operation"]
        if name not in operations:
            if not of_today:
                continue
            raise CompileError(f"{FILE}: the document has no operation {name}")
        if not entry.get("source") or not entry.get("reason"):
            raise CompileError(f"{FILE}: a correction of {name} names no source or no reason")
        place = _place(operations[name], entry["at"])
        if place is not None:
            place[entry["at"][-1]] = orjson.loads(entry["value"])
        elif of_today:
            raise CompileError(f"{FILE}: {name} has nothing at {'.'.join(entry['at'])}")
    return content


def _place(facts: dict[str, Any], at: list[str]) -> dict[str, Any] | None:
    """What holds the last step of ``at``; None where there is no such thing."""
    place: Any = facts
    for step in at[:-1]:
        place = place.get(step) if isinstance(place, dict) else None
    return place if isinstance(place, dict) else None
