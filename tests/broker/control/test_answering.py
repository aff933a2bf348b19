"""Whatever a client sends, it gets a problem that says what to do, and never a 500."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from broker.control.answering import Ask, Route, answer
from broker.control.app import build
from broker.control.parts import Parts
from broker.errors import Unauthorised
from broker.storage.base import StoreGone
from tests.broker.control.conftest import TOKEN, Bench

V1 = "/_broker/v1"


def check_problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["type"].startswith("/_broker/docs/errors#")
    assert body["title"]
    assert body["detail"]
    return dict(body)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer \xff", f"Bearer {TOKEN}x"],
)
@pytest.mark.parametrize("path", ["/environments", "/environments/pr-1", "/nothing", "", "/"])
async def test_the_token_is_always_asked_for(bench: Bench, header: str | None, path: str) -> None:
    del bench.client.headers["authorization"]
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    answer = await bench.client.get(V1 + path, headers=headers)
    check_problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await bench.client.delete(V1 + "/environments")).status_code == 401, "before the method is looked at"


async def test_the_scheme_is_case_insensitive(bench: Bench) -> None:
    answer = await bench.client.get(f"{V1}/environments", headers={"authorization": f"bearer {TOKEN}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"\x00", b'{"ttl": "\xed\xa0\x80"}', b"nul", b"[" * 5000, b'{"ttl": NaN}', b"3", b'"x"', b"{}x"],
)
async def test_malformed_bodies(bench: Bench, body: bytes) -> None:
    problem = check_problem(await bench.client.put(f"{V1}/environments/pr-1", content=body), 400)
    assert problem["errors"]


async def test_null_bytes_in_values(bench: Bench) -> None:
    for body in ({"ttl": "\x00"}, {"policy": "version: 1\x00"}, {"webhooks": {"alpha": ["http://a\x00/"]}}):
        check_problem(await bench.client.put(f"{V1}/environments/pr-1", json=body), 400)


async def test_other_media_are_refused(bench: Bench) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    check_problem(await bench.client.put(f"{V1}/environments/pr-1", content=b"a=b", headers=headers), 415)
    check_problem(await bench.client.get(f"{V1}/environments", params={"limit": "0"}), 400)
    unwanted = await bench.client.request("GET", f"{V1}/environments", json={"limit": 1})
    check_problem(unwanted, 400)


async def test_large_bodies_are_refused_announced_or_not(bench: Bench) -> None:
    large = b" " * (1024 * 1024 + 1)

    async def unannounced():  # type: ignore[no-untyped-def]  # a generator for httpx
        for _ in range(17):
            yield b"x" * 65536

    check_problem(await bench.client.put(f"{V1}/environments/pr-1", content=large), 413)
    check_problem(await bench.client.put(f"{V1}/environments/pr-1", content=unannounced()), 413)
    lying = {"content-length": "9" * 5000}
    check_problem(await bench.client.put(f"{V1}/environments/pr-1", content=b"{}", headers=lying), 413)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("limit=0", "query.limit"),
        ("limit=1001", "query.limit"),
        ("limit=ten", "query.limit"),
        ("limit=", "query.limit"),
        ("limit=1&limit=2", "stands twice"),
        ("status=gone", "query.status"),
        ("nothing=1", "nothing"),
        ("%ff=1", "not readable"),
        ("x", "not readable"),
        ("limit=999999999999999999999999", "query.limit"),
    ],
)
async def test_queries(bench: Bench, query: str, says: str) -> None:
    problem = check_problem(await bench.client.get(f"{V1}/environments?{query}"), 400)
    assert says in str(problem)


@pytest.mark.parametrize("name", ["PR-1", "a_b", "-a", "%00", "..%2f..%2fetc", "%2e%2e", "a" * 64, "%ff", "a%0ab"])
async def test_names(bench: Bench, name: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = await bench.client.request(method, f"{V1}/environments/{name}")
        assert answer.status_code in (400, 404), answer.text
        check_problem(answer, answer.status_code)


async def test_unknown_paths_and_methods(bench: Bench) -> None:
    check_problem(await bench.client.get("/_broker/nothing"), 404)
    check_problem(await bench.client.get(f"{V1}/environments/"), 404)
    check_problem(await bench.client.get(f"{V1}/nothing"), 404)
    check_problem(await bench.client.get(f"{V1}/contracts/{'x' * 201}"), 400)
    wrong = await bench.client.patch(f"{V1}/environments/pr-1")
    check_problem(wrong, 405)
    assert wrong.headers["allow"] == "DELETE, GET, PUT"
    check_problem(await bench.client.post("/_broker/healthz"), 405)
    check_problem(await bench.client.request("BREW", "/_broker/openapi.json"), 405)
    assert (await bench.client.head("/_broker/healthz")).status_code == 200


async def test_our_own_failures_are_problems_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(**wanted: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(bench.storage.registry, "environments", broken)
    problem = check_problem(await bench.client.get(f"{V1}/environments"), 500)
    assert "secret detail" not in str(problem)
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (sqlite3.OperationalError("database or disk is full"), 507),
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (StoreGone("pr-1"), 410),
        (sqlite3.OperationalError("disk I/O error"), 500),
    ],
)
async def test_what_the_storage_raises(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    async def broken(*given: object, **wanted: object) -> None:
        raise failure

    monkeypatch.setattr(bench.storage.registry, "add_environment", broken)
    check_problem(await bench.client.put(f"{V1}/environments/pr-1"), status)


async def test_a_body_that_stops_arriving(bench: Bench) -> None:
    """The application is asked directly: a client that never sends the rest."""
    parts = replace(bench.parts, settings=bench.parts.settings.with_(body_timeout_seconds=0.01))
    sent: list[dict[str, Any]] = []
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive() -> dict[str, Any]:
        for message in messages:
            return message
        return await asyncio.Future()

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"{V1}/environments/pr-1",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", b"application/json")],
    }
    await build(parts)(scope, receive, send)
    assert sent[0]["status"] == 408
    assert b"request-timeout" in sent[1]["body"]


async def test_a_route_may_let_in_by_itself_and_read_lines_and_raw_bytes(bench: Bench) -> None:
    async def admit(parts: Parts, request: Request) -> None:
        if request.headers.get("x-pass") != "yes":
            raise Unauthorised("no pass")

    async def respond(parts: Parts, ask: Ask) -> Any:
        return {"body": ask.body, "raw": ask.raw.decode(), "kind": ask.headers["Content-Type"]}

    def from_text(text: str) -> Any:
        if text == "never":
            raise ValueError("never is no number")
        return {"number": int(text)}

    route = Route(
        method="POST",
        path="/lines/{name}",
        id="lines",
        about="",
        respond=respond,
        admit=admit,
        body={"type": "object", "properties": {"number": {"type": "integer", "maximum": 9}}},
        from_text=from_text,
    )

    async def endpoint(request: Request) -> Response:
        return await answer(bench.parts, {"POST": route}, request)

    transport = httpx.ASGITransport(Starlette(routes=[StarletteRoute("/lines/{name}", endpoint, methods=["POST"])]))
    async with httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
        transport=transport, base_url="http://broker.test", headers={"content-type": "text/plain; charset=utf-8"}
    ) as client:
        check_problem(await client.post("/lines/a", content="x", headers={"authorization": f"Bearer {TOKEN}"}), 401)
        client.headers["x-pass"] = "yes"
        read = await client.post("/lines/a", content=" 7")
        assert read.json() == {"body": {"number": 7}, "raw": " 7", "kind": "text/plain; charset=utf-8"}
        assert check_problem(await client.post("/lines/a", content="never"), 400)["errors"] == [
            {"where": "body", "message": "never is no number"}
        ]
        check_problem(await client.post("/lines/a", content="10"), 400)
        check_problem(await client.post("/lines/a", content=b"\xff"), 400)
        check_problem(await client.post("/lines/a", content="7", headers={"content-type": "text/csv"}), 415)


async def test_a_route_may_take_any_bytes_up_to_a_size_of_its_own(bench: Bench) -> None:
    async def respond(parts: Parts, ask: Ask) -> Any:
        return {"size": len(ask.raw), "body": ask.body}

    route = Route(
        method="POST", path="/any", id="any", about="", respond=respond, opaque=True, max_body=2_000_000, token=False
    )

    async def endpoint(request: Request) -> Response:
        return await answer(bench.parts, {"POST": route}, request)

    transport = httpx.ASGITransport(Starlette(routes=[StarletteRoute("/any", endpoint, methods=["POST"])]))
    async with httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
        transport=transport, base_url="http://broker.test", headers={"content-type": "x/y"}
    ) as client:
        assert (await client.post("/any", content=b"\xff" * 2_000_000)).json() == {"size": 2_000_000, "body": None}
        assert (await client.post("/any", content=b"")).json() == {"size": 0, "body": None}
        check_problem(await client.post("/any", content=b"\xff" * 2_000_001), 413)
