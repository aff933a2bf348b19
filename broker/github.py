"""What GitHub says of pull requests, read: webhook deliveries, their signature, and the names of environments.

Pure. https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from broker.errors import InvalidInput

#: Header fields of a delivery.
SIGNATURE, EVENT = "x-hub-signature-256", "x-github-event"

Step = Literal["open", "reopen", "renew", "close"]

#: What a pull request's action asks for. A draft that becomes ready is as good as opened.
_OPENING: Mapping[str, Step] = {
    "opened": "open",
    "ready_for_review": "open",
    "reopened": "reopen",
    "synchronize": "renew",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a delivery asks for. ``fork``: the code comes from another repository. ``at``: when the pull request was
    closed, for a close."""

    step: Step
    environment: str
    fork: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery that asks for nothing, and why."""

    reason: str


def signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether ``X-Hub-Signature-256`` (``sha256=<hex>``) fits the body as it came; in constant time.
    https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature.encode("utf-8", "replace"), wanted.encode())


def read(event: str, payload: Mapping[str, Any], template: str) -> Wanted | Ignored:
    """What a verified delivery asks for. ``template`` names environments. Raises InvalidInput for a payload that is
    not GitHub's."""
    if event != "pull_request":
        return Ignored(f"event {event[:60]}")
    action = str(payload.get("action"))
    try:
        pull = payload["pull_request"]
        name = environment_name(template, int(payload["number"]), str(payload["repository"]["name"]))
        if action == "closed":
            return Wanted("close", name, at=_moment(pull.get("closed_at")))
        if action not in _OPENING:
            return Ignored(f"action {action[:60]}")
        if pull.get("draft"):
            return Ignored("a draft")
        return Wanted(_OPENING[action], name, fork=_is_fork(pull))
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise InvalidInput(f"this is no pull_request payload of GitHub's: {wrong!r}") from wrong


def _moment(text: str | None) -> datetime | None:
    found = None if text is None else datetime.fromisoformat(text)
    if found is not None and found.tzinfo is None:
        raise ValueError(f"{text} names no time zone")
    return found


def _is_fork(pull: Mapping[str, Any]) -> bool:
    """``head.repo`` is null once the fork was deleted; what cannot be told apart is a fork."""
    head = pull["head"]["repo"]
    return head is None or bool(head["id"] != pull["base"]["repo"]["id"])


def environment_name(template: str, number: int, repository: str) -> str:
    """``pr-{number}`` -> ``pr-142``. The repository's name is written as a DNS label has it; nothing is cut off, since
    two names could become one. Raises InvalidInput."""
    name = _named(template, repository).replace("{number}", str(number))
    if len(name) > 63:
        raise InvalidInput(f"{name[:80]!r} is too long to name an environment: set BROKER_GITHUB_ENVIRONMENT")
    return name


def pull_number(template: str, repository: str, environment: str) -> int | None:
    """The way back: the pull request whose environment this is; None for one that is named otherwise."""
    before, _, after = _named(template, repository).partition("{number}")
    match = re.fullmatch(f"{re.escape(before)}([1-9][0-9]{{0,17}}){re.escape(after)}", environment)
    return int(match[1]) if match else None


def _named(template: str, repository: str) -> str:
    """The template for one repository: ``Shop.API`` is written ``shop-api``."""
    if "{repo}" not in template:
        return template
    plain = re.sub(r"[^a-z0-9]+", "-", repository.lower()).strip("-")
    if not plain:
        raise InvalidInput(f"{repository[:80]!r} cannot be part of an environment's name")
    return template.replace("{repo}", plain)
