"""The requests that the broker itself makes of Stripe, and the words in which Stripe refuses them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from contracts.exchange import Headers, Request, Response
from sandboxes.base import Refused, Upstream
from sandboxes.stripe import wire

#: The longest page (https://docs.stripe.com/api/pagination).
PAGE = 100
_FORM = ("content-type", "application/x-www-form-urlencoded")

Form = Sequence[tuple[str, str]]


async def get(send: Upstream, path: str, query: Form = ()) -> Response:
    return await send(Request(method="GET", path=path, query=urlencode(query), sent_path=path))


async def post(send: Upstream, path: str, form: Form = (), *, key: str | None = None) -> Response:
    """With an idempotency ``key`` where doing it twice would be one too many."""
    headers = [_FORM] if key is None else [_FORM, ("idempotency-key", key)]
    body = urlencode(form).encode()
    return await send(Request(method="POST", path=path, headers=Headers(headers), body=body, sent_path=path))


async def delete(send: Upstream, path: str) -> Response:
    return await send(Request(method="DELETE", path=path, sent_path=path))


async def pages(send: Upstream, path: str, query: Form = ()) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Every page of a list, newest first. Nothing where Stripe has no such list; raises Refused otherwise."""
    cursor: list[tuple[str, str]] = []
    while True:
        answer = await get(send, path, [("limit", str(PAGE)), *query, *cursor])
        if answer.status == 404:
            return
        value = wire.read(answer)
        if answer.status != 200 or not isinstance(value, Mapping) or not isinstance(value.get("data"), list):
            raise refusal(answer)
        elements = [element for element in value["data"] if isinstance(element, Mapping)]
        yield elements
        if not value.get("has_more") or not elements:
            return
        cursor = [("starting_after", str(elements[-1].get("id")))]


def missing(answer: Response) -> bool:
    """Whether the object is not there (any more): for an account the key has no access to what was deleted."""
    if answer.status == 404:
        return not str(wire.error(answer).get("message", "")).startswith("Unrecognized request URL")
    found = wire.error(answer)
    return answer.status in (400, 403) and found.get("code") in ("resource_missing", "account_invalid")


def refusal(answer: Response) -> Refused:
    """The answer's status and Stripe's words."""
    message = wire.error(answer).get("message")
    return Refused(answer.status, str(message) if message else f"an answer with status {answer.status}")
