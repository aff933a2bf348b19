"""SendGrid's wire: keys, headers, words of refusal, rates. Pure.

https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api (2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import orjson

from contracts.exchange import Headers, Request, Response
from sandboxes.base import Account, Outgoing, Refused, Secret, Upstream

_SHAPE: Final = re.compile(r"SG\.[\w-]{22}\.[\w-]{43}")

#: What belongs to one connection, to the gateway, or to the virtual key. ``content-length`` is written anew with the
#: body, and ``accept-encoding`` because answers are read on their way back.
_DROPPED: Final = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "on-behalf-of",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
_DROPPED_PREFIXES: Final = ("broker-", "x-forwarded-")

#: What is the parent account's alone, and never asked on behalf of a subuser.
_PARENT: Final = re.compile(r"/v3/(?:subusers|ips|user/webhooks)(?:/|$)")

#: Seconds that an account rests when SendGrid does not say until when, and the most that it rests at once.
_REST: Final = 1.0
_LONGEST_REST: Final = 600.0
#: Numbers above it are points in time, not seconds to wait.
_EPOCH: Final = 1_000_000_000


def check_secret(secret: Secret) -> str | None:
    """A key's shape is all that can be checked: nothing tells a test account's from a production one's, which is why
    every mail goes out in sandbox mode unless the account's owner names the recipients."""
    if _SHAPE.fullmatch(secret.key) is None:
        return "a SendGrid API key is 69 characters long: SG., 22 characters, a dot, 43 characters"
    return None


def sign(request: Request, account: Account, now: datetime) -> Request:
    """The request with the account's key; on behalf of the environment's subuser, unless it is about subusers."""
    headers = [pair for pair in request.headers if pair[0] not in _DROPPED]
    headers += [("authorization", f"Bearer {account.secret.key}"), ("accept-encoding", "identity")]
    if account.subaccount is not None and _PARENT.match(request.path) is None:
        headers.append(("on-behalf-of", account.subaccount))
    return Request(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=Headers(headers),
        body=request.body,
        stream=request.stream,
    )


def passing(headers: Headers) -> Headers:
    """The application's own headers, without what is the gateway's or the connection's."""
    named = {name.strip().lower() for value in headers.all("connection") for name in value.split(",")}
    return Headers(
        (name, value)
        for name, value in headers
        if name not in _DROPPED and name not in named and not name.startswith(_DROPPED_PREFIXES)
    )


def forbids(call: Outgoing) -> str | None:
    """A header that names a subuser would lead into another part of the account."""
    if "on-behalf-of" not in call.request.headers:
        return None
    return "on-behalf-of must not be sent: with isolation: account every call acts for the environment's own subuser."


def only_for_subusers(call: Outgoing, account: Account) -> None:
    """Raises Refused for a change of what everybody on the account shares. The broker lets such a call pass only where
    the account is the environment's alone, and then it must go to a subuser: deleting that takes the change back."""
    writes = call.rule.effect in ("create", "update", "delete", "send")
    if writes and call.rule.scope == "account" and account.subaccount is None:
        raise Refused(
            403,
            f"{call.operation.id} changes what everybody on this account shares; it passes only with "
            "isolation: account, to a subuser of the environment's own",
        )


def throttled(response: Response) -> float | None:
    """Seconds until the refresh period ends. ``X-RateLimit-Reset`` is a point in time by this server's clock, so it is
    compared with the answer's own ``Date``."""
    if response.status != 429:
        return None
    reset = _number(response.header("retry-after"))
    if reset is None:
        reset = _number(response.header("x-ratelimit-reset"))
        if reset is not None and reset > _EPOCH:
            date = response.header("date")
            reset = _REST if date is None else reset - _seconds(date, reset - _REST)
    return _REST if reset is None else min(max(reset, _REST), _LONGEST_REST)


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"\d{1,15}", text.strip()) else None


def _seconds(date: str, otherwise: float) -> float:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return otherwise


def repeatable(call: Outgoing, response: Response | None) -> bool:
    """A call that was refused for its rate did nothing. After a fault, or no answer at all, only what reads is sent
    again: SendGrid knows no idempotency keys, and a second POST is a second mail."""
    if response is not None and response.status == 429:
        return True
    return call.operation.method in ("GET", "HEAD") and (response is None or response.status >= 500)


def serial(call: Outgoing) -> str | None:
    """SendGrid documents no refusal of two writes to one object at once."""
    return None


def words(response: Response) -> str:
    """What SendGrid says is wrong: ``{"errors": [{"message", "field"}]}``, in one line."""
    value = decoded(response.body)
    said: list[str] = []
    if isinstance(value, dict):
        for error in value.get("errors") or [value.get("error")]:
            message = error.get("message") if isinstance(error, dict) else error
            if isinstance(message, str):
                said.append(message)
    return f"SendGrid answered {response.status}: {'; '.join(said) or 'no reason given'}"


def decoded(body: bytes) -> Any:
    """The JSON value, or None for what is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def members(response: Response, *names: str) -> dict[str, Any]:
    """The JSON object of a success, with these members. Raises Refused for what is none: it tells nothing."""
    value = decoded(response.body)
    if not isinstance(value, dict) or any(value.get(name) in (None, "") for name in names):
        raise Refused(response.status, f"SendGrid answered {response.status}, and the answer cannot be used")
    return value


async def whole(response: Response) -> Response:
    """The answer with its body read: long ones come as streams."""
    if response.stream is None:
        return response
    body = b"".join([piece async for piece in response.stream])
    return Response(response.status, response.headers, body)


async def ask(
    send: Upstream, method: str, path: str, *, query: str = "", value: Any = None, accept: Sequence[int] = ()
) -> Response:
    """One call of the broker's own, its answer whole. Raises Refused unless it succeeds or its status is accepted."""
    headers = [("accept", "application/json")]
    body = b""
    if value is not None:
        headers.append(("content-type", "application/json"))
        body = orjson.dumps(value)
    response = await whole(
        await send(Request(method=method, path=path, query=query, headers=Headers(headers), body=body))
    )
    if not 200 <= response.status < 300 and response.status not in accept:
        raise Refused(response.status, words(response))
    return response
