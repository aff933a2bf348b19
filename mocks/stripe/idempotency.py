"""Everything that Stripe does around a call: version, publishable keys, idempotency keys, events, expansion.

Idempotency v1 (https://docs.stripe.com/api/idempotent_requests and https://docs.stripe.com/error-low-level, 2026-11):
the first execution's status and body are kept, refusals included; nothing is kept when the parameters do not validate
(the contract refuses those before this module runs) or when the same key is in use by a running call.

Idempotency v2 (https://docs.stripe.com/api-v2-overview#idempotency, 2026-11) is that of the ``/v2`` namespace: POST and
DELETE; for the same API, account and key, within 30 days of each other, what succeeded is not done again and answers
as it is by now; what failed is done again. So a failure leaves nothing behind here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.exchange import UNSET
from mocks.base import Call, Handler, Missing, Record, Reply, ServiceError
from mocks.stripe import access, events, keys
from mocks.stripe.calls import API_VERSION, Includes, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.expand import expanded
from mocks.stripe.refusals import service_error
from mocks.stripe.versions import addresses
from mocks.stripe.versions.chain import NEWEST, carried_out, rendered
from mocks.stripe.versions.sent import as_sent

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a key means in a namespace of the API."""

    methods: frozenset[str]
    #: Seconds.
    kept_for: int
    kind: str
    #: An answer that was an error is given again; else it is tried again, and a success is told as it is by now.
    verbatim: bool


#: Stripe removes keys "after they're at least 24 hours old".
V1 = _Rules(frozenset({"POST"}), 24 * 60 * 60, "idempotency_key", verbatim=True)
V2 = _Rules(frozenset({"POST", "DELETE"}), 30 * 24 * 60 * 60, "v2.idempotency_key", verbatim=False)


def wall(includes: Includes) -> Callable[[Call, Handler], Awaitable[Reply]]:
    """The ``around`` of the service, which knows the fields that only expansion shows."""

    async def around(call: Call, handler: Handler) -> Reply:
        """Run a handler as Stripe runs an endpoint; raises ServiceError for every refusal."""
        version = call.request.headers.get("stripe-version") or API_VERSION
        keys.allow(call)
        account = await access.account_of(call)
        opened = StripeCall(call, call.new_id("req_", 14), version, includes, account)
        key = opened.idempotency_key
        rules = V2 if call.operation.path.startswith("/v2/") else V1
        if not key or call.operation.method not in rules.methods:
            return await _execute(opened, handler)
        return await _once(opened, handler, key, rules)

    return around


async def _execute(call: StripeCall, handler: Handler) -> Reply:
    """The handler, then its events, then the expansion that the caller asked for."""
    try:
        result = await (carried_out(call, handler) if call.request.original is not None else handler(call))
        reply = result if isinstance(result, Reply) else Reply(result)
        call.finished = True
        await events.store(call)
        paths = call.body.get("expand") or call.params.query.get("expand")
        shape = addresses.shape_of(call) if call.request.original is not None else None
        if shape is not None:
            reply.older = await _older(call, await shape(call, reply.value), paths)
        elif call.version < NEWEST:
            reply.older = await _older(call, reply.value if reply.older is UNSET else reply.older, paths)
        elif paths:
            reply.value = await expanded(call, reply.value, paths)
    except ServiceError as error:
        if error.keep:
            await events.store(call)
        error.details = await rendered(call, error.details)
        _as_sent(call, error)
        error.headers = (*error.headers, ("request-id", call.request_id))
        raise
    reply.headers = (*reply.headers, ("request-id", call.request_id))
    return reply


def _as_sent(call: StripeCall, error: ServiceError) -> None:
    """A refusal names parameters as the caller did."""
    sent = call.request.original
    if sent is None:
        return
    if isinstance(error, Missing):
        error.param = as_sent(call.operation.id, call.version, sent, error.param)
    elif isinstance(param := error.details.get("param"), str):
        error.details = {**error.details, "param": as_sent(call.operation.id, call.version, sent, param)}


async def _older(call: StripeCall, value: Any, paths: Any) -> Any:
    """The answer in the version of the call. What it names may be expanded by its names of then."""
    call.older = rendered
    found = await rendered(call, value)
    return await rendered(call, await expanded(call, found, paths)) if paths else found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a key stands for: the endpoint and its parameters."""

    key: str
    method: str
    path: str
    digest: str
    #: Holds the number of a card or of an account, which a bare digest would let somebody find again by trying all.
    secret: bool
    rules: _Rules

    @property
    def place(self) -> str:
        """Where its answer is kept: in v2 each API has keys of its own."""
        return self.key if self.rules.verbatim else f"{self.method} {self.path} {self.key}"


def _asked(call: StripeCall, key: str, rules: _Rules) -> _Asked:
    params = call.params.body if rules.verbatim else [call.params.body, call.params.query]
    body = orjson.dumps(params, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return _Asked(key, call.operation.method, call.request.path, digest, b'number"' in body, rules)


async def _once(call: StripeCall, handler: Handler, key: str, rules: _Rules) -> Reply:
    if len(key) > LONGEST_KEY:
        raise invalid(f"Idempotency keys can be up to {LONGEST_KEY} characters long, but yours has {len(key)}.")
    asked = _asked(call, key, rules)
    if not call.claim(f"{rules.kind}:{call.account or ''}:{asked.place}"):
        raise in_use(key)
    saved = await call.state.get(rules.kind, asked.place)
    if saved is not None and call.now.timestamp() - saved["created"] < rules.kept_for:
        if "sealed" in saved:
            saved = {**saved, **orjson.loads(call.unseal(saved["sealed"]))}
        replayed = _replayed(saved, asked)
        return replayed if rules.verbatim else await _updated(call, replayed)
    try:
        reply = await _execute(call, handler)
    except ServiceError as error:
        if not rules.verbatim or (call.finished and not error.keep):
            # In v1 a path of ``expand`` that is none: as with any parameter that does not validate, nothing is saved.
            raise
        if not error.keep:
            await call.state.undo()
        await _save(call, asked, error.status, {"error": service_error(error)})
        error.keep = True
        raise
    older = reply.older is not UNSET
    await _save(call, asked, reply.status, reply.older if older else reply.value, older=older)
    return reply


async def _updated(call: StripeCall, reply: Reply) -> Reply:
    """The answer of a v2 request that succeeded before, with what has become of its object since."""
    kind, value = call.operation.resource, reply.value
    if kind is not None and isinstance(value, dict) and "id" in value:
        parents = [held for name, held in call.params.path.items() if held != value["id"]]
        record = await call.state.get(kind, "/".join([*parents, value["id"]])) or {}
        reply.value = {**value, **{name: record[name] for name in value if name in record}}
    return reply


async def _save(call: StripeCall, asked: _Asked, status: int | None, value: Any, *, older: bool = False) -> None:
    kept = {"digest": asked.digest, "value": value}
    # A secret that is shown once (of a webhook endpoint, an ephemeral key) is stored here as it is elsewhere: sealed.
    # In v2 it is deeper inside (``webhook_endpoint.signing_secret``).
    shown_once = isinstance(value, dict) and "secret" in value
    if asked.secret or shown_once or (not asked.rules.verbatim and b'secret"' in orjson.dumps(value)):
        kept = {"sealed": call.seal(orjson.dumps(kept).decode())}
    record: Record = {
        "path": asked.path,
        "status": status,
        "request_id": call.request_id,
        "created": int(call.now.timestamp()),
        "older": older,
        **kept,
    }
    await call.state.put(asked.rules.kind, asked.place, record)


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


def in_use(key: str) -> ServiceError:
    """The refusal of a duplicate while the first one is under way."""
    return ServiceError(
        409,
        "idempotency_key_in_use",
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        details={"type": "idempotency_error"},
        headers=(("stripe-should-retry", "true"),),
    )
