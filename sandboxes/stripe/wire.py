"""Stripe on the wire: the real key, the headers that pass, idempotency keys, and what an answer says about retries.

Pure. Pages: https://docs.stripe.com/api/authentication, /api/idempotent_requests, /rate-limits; what is repeated is
what the official SDK repeats (stripe-python, ``_http_client.py``, ``_should_retry``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from contracts import library
from contracts.exchange import UNSET, Headers, Request, Response
from sandboxes.base import Account, Marker, Outgoing, Secret
from sandboxes.stripe import marking
from sandboxes.stripe.references import ACCOUNT_HEADER

ENDPOINT = "https://api.stripe.com"
#: Uploads and documents have a host of their own: https://docs.stripe.com/file-upload, /quotes/create#download-quote.
FILES_HOST = "files.stripe.com"
#: The option of an account that says where that host's stand-in is.
FILES_OPTION = "files_endpoint"
_FILES = frozenset({"files.create", "quotes.pdf"})

#: https://docs.stripe.com/api/idempotent_requests: up to 255 characters.
_LONGEST_KEY = 255
#: Fields of one connection (RFC 9110, section 7.6.1), of the client that sends, of proxies in between, and those
#: that would name the caller. Without Accept-Encoding the answer can be read.
_DROPPED = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("proxy-authorization", "host", "content-length", "accept-encoding", "expect"),
        *("authorization", "cookie", "forwarded", "x-real-ip", "via", ACCOUNT_HEADER, "idempotency-key"),
    }
)
_DROPPED_PREFIXES = ("broker-", "x-forwarded-")
_FORM = "application/x-www-form-urlencoded"
_KEY = re.compile(r"(?:sk|rk)_test_[A-Za-z0-9_]{6,}")
#: Seconds. A refused call says nothing about when; the limits are per second.
_REST = 1.0


def check_secret(secret: Secret) -> str | None:
    """Only a test key may be an account's."""
    key = secret.key
    if key.startswith(("sk_live_", "rk_live_")):
        return "This is a live key: it moves real money. Take the secret or a restricted key of a sandbox."
    if key.startswith("pk_"):
        return "This is a publishable key, which can do next to nothing: take the secret or a restricted key."
    if not _KEY.fullmatch(key):
        return "This is no key of a Stripe sandbox: it begins with sk_test_ or rk_test_."
    return None


def outbound(call: Outgoing, account: Account, marker: Marker, now: datetime) -> Request:
    """The application's request with the real key, the marker on what it makes, and an idempotency key that no other
    environment of the account can meet."""
    request = call.request
    headers = [
        (name, value)
        for name, value in request.headers
        if name not in _DROPPED and not name.startswith(_DROPPED_PREFIXES)
    ]
    headers.append(("authorization", f"Bearer {account.secret.key}"))
    on_behalf = account.subaccount or request.headers.get(ACCOUNT_HEADER)
    if on_behalf:
        headers.append((ACCOUNT_HEADER, on_behalf))
    key = idempotency_key(call, marker)
    if key:
        headers.append(("idempotency-key", key))
    body = request.body
    if request.method == "POST" and call.operation.encoding == "form" and request.stream is None:
        body = marking.marked(call, marker)
        if body and "content-type" not in request.headers:
            headers.append(("content-type", _FORM))
    return Request(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=Headers(headers),
        body=body,
        stream=request.stream,
        sent_path=request.path,
        host=_host(call, account),
    )


def _host(call: Outgoing, account: Account) -> str:
    """Empty for the account's own address."""
    if call.operation.id not in _FILES:
        return ""
    stand_in = str(account.options.get(FILES_OPTION) or "")
    if stand_in:
        return urlsplit(stand_in).netloc
    return FILES_HOST if account.endpoint == ENDPOINT else ""


def idempotency_key(call: Outgoing, marker: Marker) -> str | None:
    """The key that leaves: the application's own, or the exchange's where it sent none, in the environment's room."""
    own = call.request.headers.get("idempotency-key")
    if call.request.method != "POST":
        return own
    key = own or call.request.headers.get("broker-exchange")
    if not key:
        return None
    mapped = f"{_room(marker)}{key}"
    if len(mapped) > _LONGEST_KEY:
        return f"{_room(marker)}{hashlib.sha256(key.encode()).hexdigest()}"
    return mapped


#: Keys in any environment's room, as events tell them.
ROOMS = re.compile(rb'("idempotency_key"\s*:\s*")pb-[^"\\-]{1,20}-')


def _room(marker: Marker) -> str:
    return f"pb-{marker.short}-"


def sign(request: Request, account: Account, now: datetime) -> Request:
    """A request of the broker's own: as the account, or its part; accounts themselves and webhook endpoints are the
    whole account's. The version is the contract's, so that what is read here is what was promised."""
    headers = [*request.headers, ("authorization", f"Bearer {account.secret.key}")]
    if "stripe-version" not in request.headers:
        headers.append(("stripe-version", library.load("stripe").version))
    if account.subaccount and not request.path.startswith(("/v1/accounts", "/v1/webhook_endpoints")):
        headers.append((ACCOUNT_HEADER, account.subaccount))
    return replace(request, headers=Headers(headers))


def inbound(call: Outgoing, response: Response, marker: Marker) -> Response:
    """The answer without what was added: marker and the room of the idempotency key."""
    mapped = idempotency_key(call, marker)
    own = call.request.headers.get("idempotency-key")
    headers = [pair for pair in response.headers if own is not None or pair[0] != "idempotency-key"]
    if own is not None and mapped != own:
        headers = [(name, own if name == "idempotency-key" and value == mapped else value) for name, value in headers]
    body = response.body
    if response.stream is None and body:
        body = marking.unmarked(body)
        if mapped and own is not None and mapped != own:
            # Errors about idempotency quote the key.
            body = body.replace(mapped.encode(), orjson.dumps(own)[1:-1])
        room = _room(marker).encode()
        if room in body:
            # Events tell the key of the call that caused them.
            body = body.replace(b'"' + room, b'"')
    if body is response.body and headers == response.headers:
        return response
    if body is not response.body:
        headers = [(name, str(len(body)) if name == "content-length" else value) for name, value in headers]
        return Response(response.status, headers, body)
    return Response(response.status, headers, body, response.stream, response.value)


def read(response: Response) -> Any:
    """The JSON of an answer; None where it is none."""
    if response.value is not UNSET:
        return response.value
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None


def error(response: Response) -> Mapping[str, Any]:
    """The error object of an answer, empty without one (https://docs.stripe.com/api/errors)."""
    value = read(response)
    found = value.get("error") if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def repeatable(call: Outgoing, response: Response | None) -> bool:
    """By ``Stripe-Should-Retry``, else for conflicts and the provider's own failures. A POST is safe by its key."""
    headers = call.request.headers
    if call.request.method == "POST" and not ("idempotency-key" in headers or "broker-exchange" in headers):
        return False
    if response is None:
        return True
    said = response.header("stripe-should-retry")
    if said in ("true", "false"):
        return said == "true"
    return response.status == 409 or response.status >= 500


def throttled(response: Response) -> float | None:
    """A 429 for the account's rate (https://docs.stripe.com/rate-limits); one for a locked object concerns no other
    call."""
    if response.status != 429:
        return None
    if response.header("stripe-rate-limited-reason") is None and error(response).get("code") == "lock_timeout":
        return None
    said = response.header("retry-after") or ""
    return float(said) if said.isdigit() else _REST


#: Billing's creates lock what they are made for (https://docs.stripe.com/rate-limits#object-lock-timeouts).
_LOCKED = ("subscription", "invoice", "payment_intent", "charge", "customer")
_LOCKING = ("subscription", "invoice", "quote", "refund", "credit_note", "billing.credit_grant")


def serial(call: Outgoing) -> str | None:
    """The object that a write locks: its own, the one it is made in, or the one it is made for."""
    if call.request.method not in ("POST", "DELETE") or call.rule.effect in ("read", "list", "send"):
        return None
    path = call.params.path
    if path:
        outer = next(iter(path.values()))
        return str(path.get(call.rule.id_param) or outer)
    if call.rule.kind.startswith(_LOCKING):
        return next((found for name in _LOCKED if isinstance(found := call.params.get(name), str)), None)
    return None


_AMOUNTS = frozenset(
    {"payment_intents.create", "payment_intents.increment_authorization", "charges.create", "transfers.create"}
)


def cost(call: Outgoing) -> Mapping[str, int]:
    """Money that the call asks for, in minor units of whatever currency: of a Checkout Session what its lines say
    themselves, since a price's amount is not in the call."""
    if call.operation.id in _AMOUNTS:
        amount = call.params.get("amount")
        return {"amount": amount} if isinstance(amount, int) else {}
    if call.operation.id == "checkout.sessions.create":
        lines = call.params.get("line_items")
        total = sum(_line(line) for line in lines) if isinstance(lines, list) else 0
        return {"amount": total} if total else {}
    return {}


def _line(line: Any) -> int:
    amount = line.get("price_data", {}).get("unit_amount") if isinstance(line, Mapping) else None
    quantity = line.get("quantity", 1) if isinstance(line, Mapping) else 0
    return amount * quantity if isinstance(amount, int) and isinstance(quantity, int) else 0
