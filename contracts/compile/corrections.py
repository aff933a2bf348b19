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


def correct(document: CompiledDocument, folder: Path) -> bytes | None:
    """Apply the corrections that ``folder`` holds to ``document``, in place. Answers their text, None when there
    are none; raises CompileError for one that fits nothing in the document."""
    path = folder / FILE
    if not path.is_file():
        return None
    content = path.read_bytes()
    operations = {str(operation["id"]): operation for operation in document.operations}
    for entry in tomllib.loads(content.decode())["correction"]:
        name = entry["operation"]
        if name not in operations:
            raise CompileError(f"{FILE}: the document has no operation {name}")
        if not entry.get("source") or not entry.get("reason"):
            raise CompileError(f"{FILE}: a correction of {name} names no source or no reason")
        _put(operations[name], entry["at"], orjson.loads(entry["value"]), name)
    return content


def _put(facts: dict[str, Any], at: list[str], value: Any, name: str) -> None:
    *steps, last = at
    place: Any = facts
    for step in steps:
        place = place.get(step) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            raise CompileError(f"{FILE}: {name} has nothing at {'.'.join(at)}")
    place[last] = value
