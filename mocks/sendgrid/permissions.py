"""Which scope an operation needs.

The names of scopes follow the paths of the API (``GET /v3/user/profile`` needs ``user.profile.read``), and where the
longest area that the path begins with knows no such verb, whatever else it grants for the verb's side, reading or
changing. https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions (2026-11).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from contracts.contract import Operation
from contracts.exchange import Request
from mocks.sendgrid.errors import forbidden
from mocks.sendgrid.scopes import KNOWN

_VERBS: Final = {"GET": "read", "POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
#: What is posted and only reads.
_READING: Final = frozenset(["search", "download", "logs"])
_CHANGES: Final = ("update", "create", "write", "delete")

#: Areas that are not called as their paths are: the beginning of a path -> the areas of its scopes, each of which opens
#: it. The pages of the resources name them, or the page above does.
_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "asm.groups.suppressions": ("asm.groups.suppressions", "asm.groups"),
    "asm.suppressions": ("asm.suppressions.global", "asm.groups.suppressions", "asm.groups"),
    "asm.suppressions.global": ("asm.suppressions.global", "asm.groups"),
    "campaigns": ("marketing_campaigns",),
    "contactdb": ("marketing_campaigns",),
    "designs": ("design_library",),
    "logs": ("messages", "email_activity"),
    "marketing": ("marketing", "marketing_campaigns"),
    "messages": ("messages", "email_activity"),
    "senders": ("marketing_campaigns",),
    "sso.certificates": ("sso.settings",),
    "sso.integrations": ("sso.settings",),
    "scopes.requests": ("teammates",),
    "user.webhooks.security": ("user.webhooks.parse.settings",),
    "validations": ("validations.email",),
    "verified_senders": ("whitelabel", "marketing_campaigns"),
}

#: What every key may do.
_OPEN: Final = frozenset(["GET_scopes"])

#: A scope lets do more than its verb says: marketing's one scope is called ``read`` and opens all of it
#: (GET /v3/scopes knows no other).
_WHOLE: Final = frozenset(["marketing.read"])
_AREAS: Final = frozenset(scope.rpartition(".")[0] for scope in KNOWN if "." in scope)


@lru_cache(maxsize=1024)
def needed(operation: Operation) -> frozenset[str]:
    """The scopes of which one is enough. None at all: the operation belongs to no area, and needs a key that was made
    without scopes, for everything."""
    if operation.id == "POST_mail-send":
        return frozenset(["mail.send"])
    segments = [step for step in operation.path.removeprefix("/v3/").split("/") if step and "{" not in step]
    verb = "read" if segments[-1] in _READING else _VERBS.get(operation.method, "read")
    found: set[str] = set()
    for area in _areas(segments):
        found |= _granting(area, verb)
    return frozenset(found)


def _areas(segments: list[str]) -> Collection[str]:
    """The areas that a path belongs to: of the longest beginning that is called something."""
    for length in range(len(segments), 0, -1):
        beginning = ".".join(segments[:length])
        if beginning in _CALLED:
            return _CALLED[beginning]
        if beginning in _AREAS:
            return (beginning,)
    return ()


def _granting(area: str, verb: str) -> set[str]:
    exact = _known(area, [verb])
    whole = {scope for scope in _WHOLE if scope.rpartition(".")[0] == area}
    if exact or whole:
        return exact | whole
    changing = set() if verb == "read" else _known(area, _CHANGES)
    # Of an area that can only be read, whatever is posted reads.
    return changing or _known(area, ["read"])


def _known(area: str, verbs: Collection[str]) -> set[str]:
    return {scope for scope in (f"{area}.{verb}" for verb in verbs) if scope in KNOWN}


def allow(operation: Operation, request: Request, terms: Mapping[str, Any]) -> None:
    """Refuses what a key of these terms may not do. Raises ServiceError."""
    if terms.get("disabled"):
        raise forbidden()
    if operation.id in _OPEN:
        return
    wanted = needed(operation)
    if wanted.isdisjoint(terms["scopes"]) if wanted else not terms.get("whole"):
        raise forbidden()
