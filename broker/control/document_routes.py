"""Control routes of OpenAPI documents: uploaded, listed, removed. Policies make services of them."""

from __future__ import annotations

import asyncio
from typing import Any

from broker.control.answering import Answer, Ask, Route
from broker.control.parts import Parts
from broker.control.shapes import COUNT, MOMENT, TEXT, many, record
from broker.environments import iso
from broker.errors import NotAvailable, NotFound
from broker.own_services import OwnServices
from contracts.documents import MAX_BYTES


def _own(parts: Parts) -> OwnServices:
    found = parts.environments.own_services
    if found is None:
        raise NotAvailable("this server makes no services of documents")
    return found


async def put_document(parts: Parts, ask: Ask) -> Any:
    """Keep it, when a service can be made of it."""
    return await _own(parts).add(ask.path["document"], ask.raw)


async def list_documents(parts: Parts, ask: Ask) -> Any:
    """Those that were uploaded."""
    found = await asyncio.to_thread(_own(parts).documents.uploaded)
    return {"items": [{"name": one.name, "bytes": one.size, "at": iso(one.at)} for one in found]}


async def remove_document(parts: Parts, ask: Ask) -> Any:
    """Environments that were made with it keep what they have."""
    await asyncio.to_thread(_own(parts).documents.remove, ask.path["document"])
    return Answer({"name": ask.path["document"]})


_DOCUMENT = "/_broker/v1/documents/{document}"

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/_broker/v1/documents",
        id="listDocuments",
        about="List the OpenAPI documents that were uploaded.",
        respond=list_documents,
        replies={200: record({"items": many(record({"name": TEXT, "bytes": COUNT, "at": MOMENT}))})},
        errors=(NotAvailable,),
    ),
    Route(
        method="PUT",
        path=_DOCUMENT,
        id="putDocument",
        about="Upload an OpenAPI 3 document (JSON or YAML, up to 20 MiB), in place of an earlier one of that name. A "
        "policy makes a service of it by `services.NAME.contract`; open environments keep what they have until "
        "their policy is applied again.",
        respond=put_document,
        opaque=True,
        max_body=MAX_BYTES,
        replies={
            200: record(
                {
                    "name": TEXT,
                    "title": TEXT,
                    "version": TEXT,
                    "operations": COUNT,
                    "resources": many(TEXT),
                    "notes": many(TEXT),
                }
            )
        },
        errors=(NotAvailable,),
    ),
    Route(
        method="DELETE",
        path=_DOCUMENT,
        id="removeDocument",
        about="Remove an uploaded document. Environments that were made with it keep what they have.",
        respond=remove_document,
        replies={200: record({"name": TEXT})},
        errors=(NotAvailable, NotFound),
    ),
)
