"""What changes do with the parameters of a request: a name's steps and a value each, in their order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from mocks.stripe.calls import Object, StripeCall

#: What a change does with one object of an answer. The object is not changed in place.
Change = Callable[[StripeCall, Object], Awaitable[Object]]
#: ``a[b]=c`` is ``(("a", "b"), "c")``.
Path = tuple[str, ...]
Pair = tuple[Path, str]
#: What a change does with the parameters of one operation.
Sent = Callable[[Sequence[Pair]], list[Pair]]


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
