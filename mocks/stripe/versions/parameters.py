"""What changes do with the parameters of a request: a name's steps and a value each, in their order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from contracts import form
from contracts.contract import Match
from contracts.exchange import Request
from mocks.base import Result
from mocks.stripe.calls import Object, StripeCall, StripeHandler

#: What a change does with one object of an answer. The object is not changed in place.
Change = Callable[[StripeCall, Object], Awaitable[Object]]
#: ``a[b]=c`` is ``(("a", "b"), "c")``.
Path = tuple[str, ...]
Pair = tuple[Path, str]
#: What a change does with the parameters of one operation.
Sent = Callable[[Sequence[Pair]], list[Pair]]
#: What a version did around a call that today's handler carries out.
Around = Callable[[StripeCall, StripeHandler], Awaitable[Result]]


def renamed(names: Mapping[str, Path]) -> Sent:
    """Parameters by their old first step, and the steps that stand there now. What has a new name already stays."""

    def change(pairs: Sequence[Pair]) -> list[Pair]:
        return [((*names[path[0]], *path[1:]), value) if path[0] in names else (path, value) for path, value in pairs]

    return change


def valued(name: str, words: Mapping[str, str]) -> Sent:
    """One parameter whose words were others."""

    def change(pairs: Sequence[Pair]) -> list[Pair]:
        return [(path, words.get(value, value) if path == (name,) else value) for path, value in pairs]

    return change


def every(*changes: Sent) -> Sent:
    """One change after the other."""

    def change(pairs: Sequence[Pair]) -> list[Pair]:
        found = list(pairs)
        for each in changes:
            found = each(found)
        return found

    return change


def left_out(*names: str) -> Sent:
    """Parameters that today's call does not have."""

    def change(pairs: Sequence[Pair]) -> list[Pair]:
        return [(path, value) for path, value in pairs if path[0] not in names]

    return change


def only(*names: str) -> Sent:
    """Those of that name alone."""

    def change(pairs: Sequence[Pair]) -> list[Pair]:
        return [(path, value) for path, value in pairs if path[0] in names]

    return change


def written(pairs: Sequence[Pair]) -> str:
    """The form of them."""
    return "&".join(f"{_key(path)}={quote_plus(value)}" for path, value in pairs)


def _key(path: Path) -> str:
    return quote_plus(path[0]) + "".join(f"[{quote_plus(step)}]" for step in path[1:])


def read(text: str) -> list[Pair]:
    """The parameters of a form; raises FormError."""
    return [(form.path_of(key), value) for key, value in form.pairs(text)]


def read_as(call: StripeCall, operation: str, chosen: Sent) -> Mapping[str, Any]:
    """Of what the caller sent, the parameters that another operation has today, as its contract reads them. Raises
    ContractViolation."""
    sent = call.request.original
    pairs = chosen(read(form.text_of(sent.body))) if sent is not None else []
    if not pairs:
        return {}
    other = call.contract.operations()[operation]
    request = Request(method="POST", path=other.path, headers=call.request.headers, body=written(pairs).encode())
    body = call.contract.read(Match(other, dict.fromkeys(_names(other.path), "x")), request).body
    return body if isinstance(body, Mapping) else {}


def _names(path: str) -> list[str]:
    return [step[1:-1] for step in path.split("/") if step.startswith("{")]
