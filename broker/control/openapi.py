"""The control API's own OpenAPI 3.1 document, written from its table of routes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from broker.cassettes.shelf import NAME as CASSETTE
from broker.control import (
    browse_routes,
    cassette_routes,
    check_shapes,
    delivery_routes,
    event_shapes,
    external_shapes,
    fidelity_shapes,
    hook_shapes,
    mail_shapes,
    night_shapes,
    revocation_shapes,
    shapes,
    traffic_routes,
    verification_shapes,
    world_routes,
)
from broker.control.answering import Route
from broker.errors import (
    BodyTimeout,
    BrokerError,
    InvalidInput,
    MethodNotAllowed,
    StorageFull,
    TooLarge,
    Unauthorised,
    UnsupportedMedia,
)

_PARAMETER = re.compile(r"\{(\w+)\}")
_PATH_SCHEMAS = {
    "name": shapes.NAME_PARAMETER,
    "id": shapes.ID_PARAMETER,
    "service": shapes.ID_PARAMETER,
    "component": shapes.COMPONENT_PARAMETER,
    "account": shapes.ID_PARAMETER,
    "event": shapes.ID_PARAMETER,
    "path": shapes.ID_PARAMETER,
    "document": shapes.ID_PARAMETER,
    "number": shapes.ID_PARAMETER,
    "cassette": {"type": "string", "pattern": f"^{CASSETTE.pattern}$"},
    "top": shapes.ID_PARAMETER,
}
_PATH_ABOUT = {
    "name": "The environment's name: a DNS label, for instance pr-142.",
    "id": "The id, as lists give it.",
    "service": "The service's name.",
    "component": "A part of the environment's application: web, worker.",
    "account": "The account's name.",
    "event": "The provider's id of the event.",
    "path": "The end of an account's address for webhooks.",
    "document": "The document's name, for instance crm.",
    "number": "Which of the mail's attachments, from 1 on.",
    "cassette": "The cassette's name.",
    "top": "A folder that stands in no other: a bucket.",
}
#: The components of the document.
COMPONENTS = {
    **shapes.COMPONENTS,
    **hook_shapes.COMPONENTS,
    **mail_shapes.COMPONENTS,
    **revocation_shapes.COMPONENTS,
    **external_shapes.COMPONENTS,
    **fidelity_shapes.COMPONENTS,
    **cassette_routes.COMPONENTS,
    **check_shapes.COMPONENTS,
    **event_shapes.COMPONENTS,
    **night_shapes.COMPONENTS,
    **traffic_routes.COMPONENTS,
    **world_routes.COMPONENTS,
    **browse_routes.COMPONENTS,
    **delivery_routes.COMPONENTS,
    **verification_shapes.COMPONENTS,
}


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1.html"""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "preview-broker control API",
            "version": version,
            "description": "Opens, shows and closes environments of pull requests. Refusals are RFC 9457 problems.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": COMPONENTS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def operation(route: Route) -> dict[str, Any]:
    """One route's operation object."""
    found: dict[str, Any] = {
        "operationId": route.id,
        "summary": route.about,
        "tags": [tag(route)],
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {
            **{str(status): _reply(route, status) for status in route.replies},
            **{str(error.status): _refusal(error) for error in refusals(route)},
        },
        "security": [{"token": []}] if route.token else [],
    }
    if route.body is not None:
        content: dict[str, Any] = {"application/json": {"schema": dict(route.body)}}
        if route.from_text is not None:
            content["text/plain"] = {"schema": {"type": "string"}}
        found["requestBody"] = {"required": route.body_required, "content": content}
    if route.opaque:
        found["requestBody"] = {"required": True, "content": {"*/*": {"schema": {}}}}
    return found


def tag(route: Route) -> str:
    """The chapter that a route belongs to."""
    if not route.token:
        return "server"
    if any(word in route.path for word in ("/accounts", "/hooks", "/leases")):
        return "accounts"
    return "environments" if "/environments" in route.path else "catalogue"


def refusals(route: Route) -> Sequence[type[BrokerError]]:
    """Every error that the route may answer, those of all routes included; one for each status."""
    found: list[type[BrokerError]] = [InvalidInput, MethodNotAllowed, BodyTimeout, TooLarge, BrokerError]
    if route.token:
        found += [Unauthorised, StorageFull]
    if route.body is not None:
        found.append(UnsupportedMedia)
    # What a route says itself of a status counts there.
    by_status = {error.status: error for error in (*found, *route.errors)}
    return [by_status[status] for status in sorted(by_status)]


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH_ABOUT[name],
            "schema": _PATH_SCHEMAS[name],
        }
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": query.name,
            "in": "query",
            "required": query.required,
            "description": query.about,
            "schema": dict(query.schema),
        }
        for query in route.query
    ]


def _reply(route: Route, status: int) -> dict[str, Any]:
    schema = dict(route.replies[status])
    content = {"application/json": {"schema": schema}} if route.json else {}
    for media in route.other_media:
        # YAML is checked as the value that it holds.
        other = {"type": "string" if media.startswith("text/") else "object"}
        content[media] = {"schema": other if route.json else schema}
    reply: dict[str, Any] = {"description": _DESCRIPTIONS.get(status, "Done."), "content": content}
    if route.headers:
        reply["headers"] = {name: {"required": True, "schema": dict(schema)} for name, schema in route.headers.items()}
    return reply


_DESCRIPTIONS = {200: "Done.", 201: "Made.", 202: "Begun.", 503: "Not ready."}


def _refusal(error: type[BrokerError]) -> dict[str, Any]:
    return {
        "description": error.title,
        "content": {"application/problem+json": {"schema": shapes.ref("Problem")}},
    }
