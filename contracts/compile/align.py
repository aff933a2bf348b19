"""Another document of an API that is known: its operations take the names by which handlers, rules and probes go.

Sources name operations in their own ways (``GetCustomers`` in a document, ``customers.list`` in an SDK); method and
path are the same in all of them.
"""

from __future__ import annotations

import re

from contracts.compile.document import CompiledDocument
from contracts.contract import Contract

_PARAMETER = re.compile(r"\{[^}]*\}")


def align(document: CompiledDocument, known: Contract) -> None:
    """Rename, in place, every operation of ``document`` whose method and path ``known`` has. One that has the name of
    another operation there keeps its own, with its method before it."""
    names = {(one.method, _shape(one.path)): one.id for one in known.operations().values()}
    taken = set(names.values())
    for operation in document.operations:
        name = names.pop((operation["method"], _shape(operation["path"])), None)
        if name is not None:
            operation["id"] = name
        elif operation["id"] in taken:
            operation["id"] = f"{operation['method'].lower()}.{operation['id']}"


def _shape(path: str) -> str:
    return _PARAMETER.sub("{}", path.rstrip("/"))
