"""Requests of older versions in today's words: addresses and parameters that were renamed, moved or removed.

https://docs.stripe.com/upgrades (2026-11). The chain is walked forwards here: each change does to the parameters what
its day asked of integrations. What no change knows is left for the contract to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from contracts import form
from contracts.contract import ContractViolation, Operation, Violation
from contracts.exchange import Headers, Request, Response
from mocks.base import Refusal, ServiceError
from mocks.stripe import refusals
from mocks.stripe.errors import invalid
from mocks.stripe.refusals import bracketed, unrecognized
from mocks.stripe.versions import addresses, always, known, totals
from mocks.stripe.versions.chain import SENT
from mocks.stripe.versions.parameters import Pair, Sent, read, written


def adapt(operation: Operation, request: Request, options: Mapping[str, Any]) -> Request:
    """The request with the version that holds for it, and its parameters in today's words. Raises ServiceError."""
    asked = request.headers.get("stripe-version")
    version = known.default(options) if asked is None else known.checked(asked)
    sent = request.original or request
    address = addresses.address_of(request)
    if address is not None and address.before is not None and version >= address.before:
        raise invalid(unrecognized(sent), status=404)
    if asked is None and "api_version" in options:
        request = replace(request, headers=Headers([*request.headers, ("stripe-version", version)]), original=sent)
    changes = _changes(operation.id, version, request)
    counts = version < totals.BEFORE and totals.asked(operation, request)
    if not changes and address is None and not counts:
        return request
    try:
        pairs = [*addresses.added(request), *_pairs(request)]
    except form.FormError:
        return request  # the contract says what is wrong with it
    for change in changes:
        pairs = change(pairs)
    text = written(totals.left_out(pairs) if counts else pairs)
    # The body came after the address was found.
    sent = replace(sent, body=request.body)
    if request.method == "POST":
        return replace(request, body=text.encode(), query="" if sent.method == "GET" else request.query, original=sent)
    return replace(request, query=text, original=sent)


def _changes(operation: str, version: str, request: Request) -> Sequence[Sent]:
    """Oldest first. What is taken in every version is looked for only where it is."""
    undated = always.SENT.get(operation)
    first = [undated] if undated is not None and always.WORDS.search(_text(request)) else []
    return first + [change for day, kinds in SENT if version < day and (change := kinds.get(operation)) is not None]


def _text(request: Request) -> str:
    """The parameters as far as they are ASCII, to look for a word in."""
    posted = (request.original or request).method == "POST"
    return request.body.decode("ascii", "ignore") if posted else request.query


def _pairs(request: Request) -> list[Pair]:
    """The parameters, from where the caller's method puts them; raises FormError."""
    posted = (request.original or request).method == "POST"
    text = form.text_of(request.body) if posted else request.query
    return read(text)


def render_error(error: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
    """Stripe's refusal. What the contract refuses in today's words is told in those of the caller."""
    version = request.headers.get("stripe-version")
    if isinstance(error, ContractViolation) and version is not None:
        told = [_told(each, error.operation.id, version, request) for each in error.violations]
        error = ContractViolation(error.operation, told, error.params)
    return refusals.render_error(error, request)


def _told(violation: Violation, operation: str, version: str, request: Request) -> Violation:
    param = bracketed(violation.pointer)
    sent = as_sent(operation, version, request, param)
    return violation if sent == param else replace(violation, pointer=form.path_of(sent))


def as_sent(operation: str, version: str, request: Request, param: str) -> str:
    """A parameter that a refusal names, by the name that the caller gave it. ``request`` is in the caller's words."""
    changes = _changes(operation, version, request)
    if not changes:
        return param
    try:
        pairs = _pairs(request)
    except form.FormError:
        return param
    for path, value in pairs:
        now: list[Pair] = [(path, value)]
        for change in changes:
            now = change(now)
        for there, _ in now:
            if there != path and (param == bracketed(there) or param.startswith(bracketed(there) + "[")):
                return bracketed(path) + param[len(bracketed(there)) :]
    return param
