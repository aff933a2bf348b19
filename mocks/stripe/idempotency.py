"""Everything that Stripe does around a call: version, publishable keys, idempotency keys, events, expansion.

Idempotency v1 (https://docs.stripe.com/api/idempotent_requests and https://docs.stripe.com/error-low-level, 2026-11):
the first execution's status and body are kept, refusals included; nothing is kept when the parameters do not validate
(the contract refuses those before this module runs) or when the same key is in use by a running call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.exchange import UNSET
from mocks.base import Call, Handler, Record, Reply, ServiceError
from mocks.stripe import access, events, keys
from mocks.stripe.calls import API_VERSION, Includes, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.expand import expanded
from mocks.stripe.refusals import service_error
from mocks.stripe.versions.chain import NEWEST, rendered

LONGEST_KEY = 255
#: Stripe removes keys "after they're at least 24 hours old".
KEPT_FOR = 24 * 60 * 60


def wall(includes: Includes) -> Callable[[Call, Handler], Awaitable[Reply]]:
    """The ``around`` of the service, which knows the fields that only expansion shows."""

    async def around(call: Call, handler: Handler) -> Reply:
        """Run a handler as Stripe runs an endpoint; raises ServiceError for every refusal."""
        version = call.request.headers.get("stripe-version") or API_VERSION
        keys.allow(call)
        account = await access.account_of(call)
        opened = StripeCall(call, call.new_id("req_", 14), version, includes, account)
        key = opened.idempotency_key
        if key is None or call.operation.method != "POST":
            return await _execute(opened, handler)
        return await _once(opened, handler, key)

    return around


async def _execute(call: StripeCall, handler: Handler) -> Reply:
    """The handler, then its events, then the expansion that the caller asked for."""
    try:
        result = await handler(call)
        reply = result if isinstance(result, Reply) else Reply(result)
        call.finished = True
        await events.store(call)
        paths = call.body.get("expand") or call.params.query.get("expand")
        if call.version < NEWEST:
            reply.older = await _older(call, reply.value, paths)
        elif paths:
            reply.value = await expanded(call, reply.value, paths)
    except ServiceError as error:
        if error.keep:
            await events.store(call)
        error.details = await rendered(call, error.details)
        error.headers = (*error.headers, ("request-id", call.request_id))
        raise
    reply.headers = (*reply.headers, ("request-id", call.request_id))
    return reply


async def _older(call: StripeCall, value: Any, paths: Any) -> Any:
    """The answer in the version of the call. What it names may be expanded by its names of then."""
    call.older = rendered
    found = await rendered(call, value)
    return await rendered(call, await expanded(call, found, paths)) if paths else found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a key stands for: the endpoint and its parameters."""

    key: str
    path: str
    digest: str
    #: Holds the number of a card or of an account, which a bare digest would let somebody find again by trying all.
    secret: bool


async def _once(call: StripeCall, handler: Handler, key: str) -> Reply:
    if len(key) > LONGEST_KEY:
        raise invalid(f"Idempotency keys can be up to {LONGEST_KEY} characters long, but yours has {len(key)}.")
    if not call.claim(f"idempotency:{key}"):
        raise _in_use(key)
    body = orjson.dumps(call.params.body, option=orjson.OPT_SORT_KEYS)
    asked = _Asked(key, call.request.path, hashlib.blake2b(body, digest_size=16).hexdigest(), b'number"' in body)
    saved = await call.state.get("idempotency_key", key)
    if saved is not None and call.now.timestamp() - saved["created"] < KEPT_FOR:
        if "sealed" in saved:
            saved = {**saved, **orjson.loads(call.unseal(saved["sealed"]))}
        return _replayed(saved, asked)
    try:
        reply = await _execute(call, handler)
    except ServiceError as error:
        if call.finished and not error.keep:
            # A path of ``expand`` that is none: as with any parameter that does not validate, nothing is saved.
            raise
        # Handlers refuse before they write, or want their writes kept: either way this record may be committed.
        await _save(call, asked, error.status, {"error": service_error(error)})
        error.keep = True
        raise
    older = reply.older is not UNSET
    await _save(call, asked, reply.status, reply.older if older else reply.value, older=older)
    return reply


async def _save(call: StripeCall, asked: _Asked, status: int | None, value: Any, *, older: bool = False) -> None:
    kept = {"digest": asked.digest, "value": value}
    # A secret that is shown once (of a webhook endpoint, an ephemeral key) is stored here as it is elsewhere: sealed.
    if asked.secret or (isinstance(value, dict) and "secret" in value):
        kept = {"sealed": call.seal(orjson.dumps(kept).decode())}
    record: Record = {
        "path": asked.path,
        "status": status,
        "request_id": call.request_id,
        "created": int(call.now.timestamp()),
        "older": older,
        **kept,
    }
    await call.state.put("idempotency_key", asked.key, record)


def _replayed(saved: Record, asked: _Asked) -> Reply:
    if saved["path"] != asked.path:
        raise _mismatch(
            f"Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{asked.path}' vs '{saved['path']}'). Try using a key other than '{asked.key}' if you meant to "
            "execute a "
            "different request."
        )
    if saved["digest"] != asked.digest:
        raise _mismatch(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
            "using "
            f"a key other than '{asked.key}' if you meant to execute a different request."
        )
    headers = (("idempotent-replayed", "true"), ("original-request", saved["request_id"]))
    status, value = saved["status"], saved["value"]
    if saved.get("older"):
        return Reply(UNSET, status, headers, older=value)
    if status is None or status < 400:
        return Reply(value, status, headers)
    error = dict(value["error"])
    raise ServiceError(status, error.pop("code", ""), error.pop("message"), details=error, headers=headers)


def _mismatch(message: str) -> ServiceError:
    return invalid(message, about={"type": "idempotency_error"})


def _in_use(key: str) -> ServiceError:
    return ServiceError(
        409,
        "idempotency_key_in_use",
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        details={"type": "idempotency_error"},
        headers=(("stripe-should-retry", "true"),),
    )
