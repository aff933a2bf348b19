"""GitHub's webhook: pull requests open, renew and close their environments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from broker import github
from broker.control.answering import Answer, Ask
from broker.control.parts import Parts
from broker.errors import Conflict, EnvironmentClosed, NotFound, Unauthorised
from broker.github import Ignored, Wanted
from broker.storage.base import Trust

#: How far GitHub's clock and ours may be apart.
_SKEW = timedelta(minutes=5)


async def receive(parts: Parts, ask: Ask) -> Any:
    """A delivery. Each may come twice, and late: what it asks for can be asked again."""
    secret = parts.settings.github_webhook_secret
    if secret is None:
        raise NotFound("GitHub's webhook is off: set BROKER_GITHUB_WEBHOOK_SECRET to the secret of the webhook")
    if not github.signed(secret, ask.raw, ask.headers.get(github.SIGNATURE, "")):
        raise Unauthorised(
            f"{github.SIGNATURE} does not fit the body: the webhook's secret and BROKER_GITHUB_WEBHOOK_SECRET differ"
        )
    event = ask.headers.get(github.EVENT, "")
    if event == "ping":
        return {"outcome": "pong"}
    wanted = github.read(event, ask.body, parts.settings.github_environment)
    if isinstance(wanted, Ignored):
        return _ignored(wanted.reason)
    return await (_close if wanted.step == "close" else _open)(parts, wanted)


def _ignored(reason: str) -> dict[str, str]:
    return {"outcome": "ignored", "ignored": reason}


async def _open(parts: Parts, wanted: Wanted) -> Any:
    name = wanted.environment
    trust: Trust = "fork" if wanted.fork else "member"
    try:
        opened = await parts.environments.open(name, reopen=wanted.step == "reopen", trust=trust)
        if opened.outcome != "created" and wanted.step == "renew":
            await parts.environments.renew(name)
            return {"outcome": "renewed", "environment": name}
    except EnvironmentClosed:
        # A late delivery must not bring back what was closed: only reopening the pull request does.
        return _ignored(f"environment {name} was closed")
    return Answer({"outcome": opened.outcome, "environment": name}, status=201 if opened.outcome == "created" else 200)


async def _close(parts: Parts, wanted: Wanted) -> Any:
    name = wanted.environment
    try:
        environment = await parts.environments.get(name)
    except NotFound:
        return _ignored(f"no environment is called {name}")
    if wanted.at is not None and wanted.at < environment.created_at - _SKEW:
        return _ignored(f"environment {name} was opened after this pull request was closed")
    try:
        # GitHub waits ten seconds for an answer; the teardown goes on for as long as it takes.
        await parts.work.close(name, wait=0)
    except Conflict:
        return Answer({"outcome": "closing", "environment": name}, status=202)
    return {"outcome": "closed", "environment": name}
