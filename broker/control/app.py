"""The control application: everything below /_broker/, as one ASGI app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route as StarletteRoute

from broker.control import answering, pages
from broker.control.answering import Answer, Ask, Route
from broker.control.openapi import document
from broker.control.parts import Parts
from broker.control.routes import ROUTES
from broker.errors import BrokerError, NotFound

Endpoint = Callable[[Request], Awaitable[Response]]


@cache
def broker_version() -> str:
    """The installed distribution's version."""
    try:
        return version("preview-broker")
    except PackageNotFoundError:
        return "0"


@cache
def openapi_bytes() -> bytes:
    """The OpenAPI document, as it is served."""
    return orjson.dumps(document(ROUTES, broker_version()), option=orjson.OPT_INDENT_2)


async def _openapi(parts: Parts, ask: Ask) -> Answer:
    return Answer(text=openapi_bytes())


def _html(text: str) -> Answer:
    headers = {"content-security-policy": pages.CONTENT_SECURITY_POLICY, "x-content-type-options": "nosniff"}
    return Answer(text=text, media="text/html", headers=headers)


async def _routes_page(parts: Parts, ask: Ask) -> Answer:
    return _html(pages.routes_page(ROUTES, parts.settings.origin))


async def _errors_page(parts: Parts, ask: Ask) -> Answer:
    return _html(pages.errors_page())


#: About the API itself, and therefore not in its document.
ABOUT = (
    Route(method="GET", path="/_broker/openapi.json", id="openapi", about="", respond=_openapi, token=False),
    Route(method="GET", path="/_broker/docs", id="docs", about="", respond=_routes_page, token=False),
    Route(method="GET", path="/_broker/docs/errors", id="errors", about="", respond=_errors_page, token=False),
)


def build(parts: Parts, *further: StarletteRoute) -> Starlette:
    """An ASGI app that answers every path below /_broker/. ``further`` are routes of others (the dashboard)."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in (*ROUTES, *ABOUT):
        by_path.setdefault(route.path, {})[route.method] = route
    routes = [_one_path(parts, path, methods) for path, methods in by_path.items()]
    app = Starlette(routes=[*routes, *further], exception_handlers={404: _unknown(parts)})
    # A slash too many is an unknown path: a redirect would lose the body of a PUT.
    app.router.redirect_slashes = False
    return app


def _one_path(parts: Parts, path: str, methods: Mapping[str, Route]) -> StarletteRoute:
    async def endpoint(request: Request) -> Response:
        return await answering.answer(parts, methods, request)

    # Starlette is told no methods: a wrong one is ours to refuse, as a problem, after the token.
    found = StarletteRoute(path, endpoint, methods=None, name=path)
    found.methods = None
    return found


def _unknown(parts: Parts) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def unknown(request: Request, error: Exception) -> Response:
        path = request.url.path
        if path in ("/_broker", "/_broker/"):
            return RedirectResponse("/_broker/docs")
        try:
            if path.startswith("/_broker/v1"):
                answering.check_token(request, parts.token)
        except BrokerError as refused:
            return answering.problem(refused)
        return answering.problem(NotFound(f"there is nothing at {path[:200]}; /_broker/docs lists what there is"))

    return unknown


def describe() -> dict[str, Any]:
    """The OpenAPI document as a value, for tests and documentation."""
    found: dict[str, Any] = orjson.loads(openapi_bytes())
    return found
