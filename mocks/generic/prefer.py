"""``Prefer: code=404, example=name``: the caller chooses the answer, as Prism lets it.

https://docs.stoplight.io/docs/prism/beeaad9dd0227-prism-cli: the preferences are ``code`` (a status that the document
describes) and ``example`` (the name of one of its examples). What is kept is neither asked nor changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from contracts import generate
from contracts.contract import Operation
from contracts.exchange import Request
from contracts.openapi import OpenApiContract
from mocks.base import Reply, ServiceError
from mocks.generic import media

#: One preference (RFC 7240, section 2), its value in quotes or not.
_ONE: Final = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"([^"]{0,200})"|([^\s,;"]{1,200}))\s*')


@dataclass(frozen=True, slots=True)
class Preference:
    """What the caller prefers."""

    code: int | None = None
    example: str | None = None


def preferred(request: Request) -> Preference | None:
    """The preferences of a request; None where it has none that are known. Raises ServiceError."""
    if "prefer" not in request.headers:
        return None
    found = {
        name.lower(): quoted or bare
        for field in request.headers.all("prefer")
        for piece in re.split("[,;]", field)
        for name, quoted, bare in _ONE.findall(piece)
    }
    code = found.get("code")
    if code is not None and not re.fullmatch("[1-5][0-9]{2}", code):
        raise ServiceError(400, "invalid_preference", "Prefer: code must be a status of three digits.")
    if code is None and "example" not in found:
        return None
    return Preference(None if code is None else int(code), found.get("example"))


def answer(contract: OpenApiContract, operation: Operation, wanted: Preference) -> Reply:
    """The described answer that the caller prefers. Raises ServiceError where the document describes none."""
    status = operation.success_status if wanted.code is None else wanted.code
    described = contract.described(operation, status)
    if described is None:
        known = ", ".join(contract.details(operation)["responses"])
        raise ServiceError(
            404, "no_response_defined", f"The document describes no answer {status} of {operation.id}: it has {known}."
        )
    examples = contract.declared(operation, status)
    if wanted.example is not None and wanted.example not in examples:
        known = ", ".join(name for name in examples if name) or "none"
        raise ServiceError(
            404, "no_example_defined", f"The answer {status} of {operation.id} has no example of that name: {known}."
        )
    shown: Any = generate.ABSENT
    if examples:
        shown = examples[wanted.example] if wanted.example is not None else next(iter(examples.values()))
    if not media.is_json(described):
        return Reply(media.opaque(described, None if shown is generate.ABSENT else shown), status)
    schema = described.get("schema")
    if schema is None:
        return Reply({} if shown is generate.ABSENT else shown, status)
    return Reply(generate.example(schema, contract.schemas, given=shown), status)
