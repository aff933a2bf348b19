"""The page behind the link of a verification mail: opening it verifies the sender, as it does at SendGrid."""

from __future__ import annotations

from html import escape
from typing import Final

from contracts.exchange import Request, Response
from mocks.base import Call, Page, ServiceError
from mocks.sendgrid import senders

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""


def page(request: Request) -> Page | None:
    """The page, if the request is for it."""
    return Page(_show) if request.path == senders.PATH and request.method == "GET" else None


async def _show(call: Call, refused: ServiceError | None) -> Response:
    sender = await senders.answer(call, str(call.params.query.get("token") or ""))
    if sender is None:
        return _written(404, "Sender not verified", "This link is unknown, or too old.")
    address = escape(senders.address_of(sender))
    return _written(200, "Sender verified", f"{address} is a verified sender now.")


def _written(status: int, title: str, text: str) -> Response:
    headers = [("content-type", "text/html; charset=utf-8"), ("content-security-policy", "default-src 'none'")]
    return Response(status, headers, _PAGE.format(title=title, text=text).encode())
