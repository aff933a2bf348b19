"""A small Stripe client for tests: nested parameters as keywords, answers as dicts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contracts.exchange import Response
from tests.clocks import HeldClock
from tests.harness import Harness, value


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Stripe's form encoding: ``a[b]``, ``a[0]``."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value):
            yield from flat(inner, f"{name}[{place}]")
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


class Stripe:
    """``post`` and its like answer the JSON value and fail on any other status than ``expect``."""

    def __init__(self, harness: Harness, folder: Path) -> None:
        self.harness = harness
        self.folder = folder

    async def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        credential: str | None = None,
    ) -> Response:
        """One call; the whole response."""
        pairs = list(flat(params))
        if method == "POST":
            return await self.harness.call(method, f"/v1/{path}", form=pairs, headers=headers, credential=credential)
        from urllib.parse import urlencode

        return await self.harness.call(
            method, f"/v1/{path}", query=urlencode(pairs), headers=headers, credential=credential
        )

    async def post(
        self, path: str, *, expect: int = 200, headers: Mapping[str, str] | None = None, **params: Any
    ) -> Any:
        return self._checked(await self.send("POST", path, params, headers), expect)

    async def get(
        self, path: str, *, expect: int = 200, headers: Mapping[str, str] | None = None, **params: Any
    ) -> Any:
        return self._checked(await self.send("GET", path, params, headers), expect)

    async def delete(self, path: str, *, expect: int = 200, **params: Any) -> Any:
        return self._checked(await self.send("DELETE", path, params), expect)

    async def error(self, method: str, path: str, status: int, **params: Any) -> dict[str, Any]:
        """The error object of a refused call."""
        found: dict[str, Any] = self._checked(await self.send(method, path, params), status)["error"]
        return found

    async def visit(self, address: str, form: Mapping[str, Any] | None = None, *, expect: int = 0) -> Response:
        """A page, by its whole address; with a form it is sent."""
        path, _, query = address.partition("/e/pr-1/stripe")[2].partition("?")
        response = await self.harness.visit("GET" if form is None else "POST", path, query=query, form=form)
        assert response.status == (expect or (200 if form is None else 303)), response.body.decode()[-1500:]
        return response

    async def event_types(self) -> list[str]:
        """The types of all events, oldest first."""
        found = await self.get("events", limit=100)
        return [event["type"] for event in reversed(found["data"])]

    def wait(self, seconds: float = 0, **parts: float) -> None:
        """The environment's time goes on."""
        clock = self.harness.clock
        assert isinstance(clock, HeldClock)
        clock.advance(seconds, **parts)

    async def customer(self, **params: Any) -> Any:
        return await self.post("customers", **params)

    async def pay(self, method: str = "pm_card_visa", *, expect: int = 200, **params: Any) -> Any:
        """A confirmed payment of 20 dollars."""
        asked = {"amount": 2000, "currency": "usd", "payment_method": method, "confirm": True,
                 "return_url": "https://shop.example/done"}  # fmt: skip
        return await self.post("payment_intents", expect=expect, **{**asked, **params})

    def records(self) -> list[tuple[Any, ...]]:
        """Everything that is stored, idempotency keys apart."""
        (file,) = self.folder.glob("**/state.db")
        with sqlite3.connect(file) as connection:
            rows = connection.execute("SELECT scope, key, body FROM records ORDER BY seq").fetchall()
        connection.close()
        return [row for row in rows if "idempotency_key" not in row[0]]

    @staticmethod
    def _checked(response: Response, expect: int) -> Any:
        assert response.status == expect, response.body.decode()[:2000]
        return value(response)
