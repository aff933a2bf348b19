"""The control application: its pages, its document, and what lies nowhere."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from broker.control.app import broker_version, build, describe, openapi_bytes
from tests.broker.control.conftest import Bench


async def test_the_pages_and_the_document_need_no_token(bench: Bench) -> None:
    del bench.client.headers["authorization"]
    for path in ("/_broker/docs", "/_broker/docs/errors"):
        page = await bench.client.get(path)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
    document = await bench.client.get("/_broker/openapi.json")
    assert (document.content, document.json()) == (openapi_bytes(), describe())
    assert describe()["info"]["version"] == broker_version()


async def test_the_root_leads_to_the_documentation(bench: Bench) -> None:
    for path in ("/_broker", "/_broker/"):
        assert (await bench.client.get(path)).headers["location"] == "/_broker/docs"


async def test_routes_of_others_can_be_added(bench: Bench) -> None:
    async def page(request: Request) -> Response:
        return PlainTextResponse("a page")

    bench.client._transport.app = build(bench.parts, Route("/_broker/ui", page))  # type: ignore[attr-defined]  # httpx's own
    assert (await bench.client.get("/_broker/ui")).text == "a page"
    assert (await bench.client.get("/_broker/healthz")).status_code == 200
