"""Stripe on the wire: where the key is, what every answer carries, how events are signed, what SDKs read."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from contracts.exchange import Headers, Request, Response
from mocks.base import BindingView, CredentialSpec, Keys, Presented, Target
from mocks.defaults import bearing
from mocks.stripe.calls import API_VERSION

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FAMILIAR = ("sk_test_", "rk_test_", "pk_test_", "sk_live_", "rk_live_", "pk_live_")
LIVE = ("sk_live_", "rk_live_", "pk_live_")

#: Characters of a key that may be shown: Stripe's own errors echo these and stars between (seen).
HEAD, TAIL = 8, 4


def credential(request: Request) -> Presented | None:
    """The API key: a bearer token, or basic authentication's user name (docs.stripe.com/api/authentication)."""
    value = request.headers.get("authorization")
    if not value:
        return None
    scheme, _, rest = value.partition(" ")
    if scheme.lower() == "bearer":
        key = rest.strip()
    elif scheme.lower() == "basic":
        key = _user_name(rest.strip())
    else:
        return None
    if not key:
        return None
    return Presented(key, live=key.startswith(LIVE), familiar=key.startswith(FAMILIAR), mask=masked)


def authorize(request: Request, keys: Keys, now: datetime) -> Request:
    """The secret key, as a bearer token."""
    return bearing(request, keys["secret_key"][0])


def _user_name(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def masked(key: str) -> str:
    """``sk_test_****abcd``: as Stripe echoes a key that it does not accept. What has no key's prefix may be anybody's
    password, and what is short would be shown whole: of these only the length is told."""
    if not key.startswith(FAMILIAR) or len(key) <= HEAD + 2 * TAIL:
        return "*" * min(len(key), 96)
    return f"{key[:HEAD]}{'*' * min(len(key) - HEAD - TAIL, 96)}{key[-TAIL:]}"


def _api_key(prefix: str) -> Callable[[Callable[[int, str], str]], tuple[str, str | None]]:
    # Today's keys: prefix, the account's 14 characters or so after "51", and random ones: 107 in all.
    return lambda random: (f"{prefix}51{random(97, LETTERS)}", None)


CREDENTIALS = (
    CredentialSpec("secret_key", _api_key("sk_test_")),
    CredentialSpec("publishable_key", _api_key("pk_test_")),
    CredentialSpec("webhook_secret", lambda random: (f"whsec_{random(32, LETTERS)}", None), presented=False),
)

#: Client secrets confirm a payment without a secret key; signing secrets forge events.
SECRETS = {
    "_secret_": re.compile(r"(?:pi|seti|src|cs|cuss|ek)_[0-9A-Za-z]+_secret_[0-9A-Za-z_]+"),
    # Of a form that a hosted page sends.
    "cardCvc=": re.compile(r"cardCvc=[0-9]+"),
    "whsec_": re.compile(r"whsec_[0-9A-Za-z]+"),
}


def variables(binding: BindingView) -> Mapping[str, str]:
    """What Stripe's SDKs and their users' configurations read."""
    keys = binding.credentials
    return {
        "STRIPE_API_BASE": binding.base_url,
        "STRIPE_API_KEY": keys["secret_key"][0],
        "STRIPE_PUBLISHABLE_KEY": keys["publishable_key"][0],
        "STRIPE_WEBHOOK_SECRET": keys["webhook_secret"][0],
    }


#: On every answer (seen).
ALWAYS = (
    ("cache-control", "no-cache, no-store"),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "GET, HEAD, PUT, PATCH, POST, DELETE"),
    ("access-control-allow-origin", "*"),
    (
        "access-control-expose-headers",
        (
            "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, X-Stripe-External-Auth-Required, "
            "X-Stripe-Privileged-Session-Required"
        ),
    ),
    ("access-control-max-age", "300"),
    ("vary", "Origin"),
)


def decorate(request: Request, response: Response, new_id: Callable[[str, int], str]) -> None:
    """Add the headers that Stripe's answers have, and the request's id to an error."""
    headers, sent = response.headers, request.headers
    request_id = response.header("request-id")
    if request_id is None:
        request_id = new_id("req_", 14)
        headers.append(("request-id", request_id))
    headers.extend(ALWAYS)
    headers.append(("stripe-version", sent.get("stripe-version") or API_VERSION))
    if (account := sent.get("stripe-account")) is not None:
        headers.append(("stripe-account", account))
    key = sent.get("idempotency-key")
    if key and (request.method == "POST" or (request.method == "DELETE" and request.path.startswith("/v2/"))):
        headers.append(("idempotency-key", key))
        if response.header("original-request") is None:
            headers.append(("original-request", request_id))
        if response.header("stripe-should-retry") is None:
            headers.append(("stripe-should-retry", "true" if response.status >= 500 else "false"))
    if response.status >= 400:
        _log_url(response, request_id)


def _log_url(response: Response, request_id: str) -> None:
    """Where the dashboard would show the request. A request that never got past its key has no log (seen on 401)."""
    value: Any = response.value
    if response.status == 401 or not isinstance(value, dict) or not isinstance(value.get("error"), dict):
        return
    error = {**value["error"], "request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}"}
    response.value = {"error": dict(sorted(error.items()))}
    response.body = orjson.dumps(response.value)


def sign_event(payload: Mapping[str, Any], target: Target, time: datetime) -> Request:
    """The delivery of an event: ``Stripe-Signature: t=...,v1=hex(HMAC-SHA256(secret, "t.body"))``.

    https://docs.stripe.com/webhooks/signature (2026-11); the body is indented by two spaces, as Stripe sends it. While
    a secret is rolled there is a signature of each: "During this time, multiple secrets are active for the endpoint.
    Stripe generates one signature for each secret until expiration" (https://docs.stripe.com/webhooks, 2026-11).
    """
    body = orjson.dumps(payload, option=orjson.OPT_INDENT_2)
    stamp = int(time.timestamp())
    secrets = [target.secret, *(secret for secret, until in target.also if time < until)]
    signatures = [hmac.new(secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest() for secret in secrets]
    url = urlsplit(target.url)
    headers = Headers(
        [
            ("accept", "*/*; q=0.5, application/xml"),
            ("cache-control", "no-cache"),
            ("content-type", "application/json; charset=utf-8"),
            ("stripe-signature", ",".join([f"t={stamp}", *(f"v1={each}" for each in signatures)])),
            ("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
        ]
    )
    return Request(
        method="POST",
        path=url.path or "/",
        query=url.query,
        headers=headers,
        body=body,
        host=url.netloc,
        scheme=url.scheme,
    )
