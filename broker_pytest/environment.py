"""An environment as a test holds it: its variables, clients and clock, what happened in it, and what should have."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import quote

from broker_pytest import clients
from broker_pytest.control import Control, segment

Kind = Literal["exchanges", "mails", "events", "deliveries"]
Match = Mapping[str, Any]
Count = int | Mapping[str, int] | None
#: By service, where its events go.
Webhooks = Mapping[str, str | Sequence[str]] | None

#: Seconds that one request may wait for, and seconds that a wait lasts unless it is told.
_ONE_WAIT, _TIMEOUT = 60.0, 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """A verification that held: how often, and the newest hundred of what matched, fetched when it is looked at."""

    count: int
    ids: Sequence[str]
    message: str
    fetch: Callable[[str], Any] = field(repr=False)

    @property
    def first(self) -> Any:
        """The newest one, whole."""
        return self.fetch(self.ids[0])

    @property
    def all(self) -> list[Any]:
        """Each of them, whole, newest first."""
        return [self.fetch(one) for one in self.ids]


class Clock:
    """What the environment's mocks take for the time."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self._path = f"/environments/{segment(name)}/clock"

    @property
    def now(self) -> str:
        """ISO 8601."""
        return str(self._control.ask("GET", self._path)["now"])

    def advance(self, step: str) -> str:
        """Go on by ``31d`` or ``1h``: what became due has happened when it answers."""
        return self._change(advance=step)

    def freeze(self) -> str:
        """Let the time stand still."""
        return self._change(freeze=True)

    def release(self) -> str:
        """Let it go on from there."""
        return self._change(freeze=False)

    def reset(self) -> str:
        """Back to the server's own time."""
        return self._change(reset=True)

    def _change(self, **body: Any) -> str:
        return str(self._control.ask("POST", self._path, body=body)["now"])


class Environment:
    """One environment, or one scope of it: with ``scope``, everything here is about that scope alone, and calls that
    use ``env`` or a client are of it."""

    def __init__(self, control: Control, bundle: Mapping[str, Any], scope: str = "") -> None:
        self._control = control
        self._bundle = bundle
        self.name: str = bundle["name"]
        self.scope = scope
        self._opened: list[Environment] = []
        self._expected = False

    @classmethod
    def opened(
        cls,
        control: Control,
        name: str,
        *,
        policy: Mapping[str, Any] | str | None = None,
        webhooks: Webhooks = None,
        ttl: str | None = None,
        scope: str = "",
    ) -> Environment:
        """Open it, or find it. ``policy`` is a policy file's text or value."""
        body = {"policy": policy, "webhooks": _targets(webhooks), "ttl": ttl}
        given = {key: value for key, value in body.items() if value is not None}
        return cls(control, control.ask("PUT", f"/environments/{segment(name)}", body=given), scope)

    def __repr__(self) -> str:
        return f"Environment({self.name!r}{f', scope={self.scope!r}' if self.scope else ''})"

    # -- what an application is given ------------------------------------------------------------------

    @property
    def env(self) -> dict[str, str]:
        """The variables that the SDKs read. Addresses name the scope, so that calls are of it."""
        found = dict(self._bundle["variables"])
        if self.scope:
            plain, scoped = f"/e/{self.name}/", f"/e/{self.name}~{quote(self.scope, safe='')}/"
            found = {
                # The mailbox's own address is that of all mails.
                name: value if name == "MAILPIT_URL" else value.replace(plain, scoped)
                for name, value in found.items()
            }
            if "SMTP_USER" in found:
                found["SMTP_USER"] += f"~{quote(self.scope, safe='')}"
        return found

    @property
    def headers(self) -> dict[str, str]:
        """Header fields for clients of one's own: they say whose test a call is of."""
        return {"Broker-Scope": self.scope} if self.scope else {}

    @cached_property
    def stripe(self) -> Any:
        """stripe.StripeClient."""
        return clients.stripe(self.env)

    @cached_property
    def s3(self) -> Any:
        """boto3.client("s3")."""
        return clients.s3(self.env)

    @cached_property
    def sendgrid(self) -> Any:
        """sendgrid.SendGridAPIClient."""
        return clients.sendgrid(self.env)

    @cached_property
    def clock(self) -> Clock:
        """What its mocks take for the time."""
        return Clock(self._control, self.name)

    def scoped(self, scope: str) -> Environment:
        """The same environment, seen from another scope."""
        return Environment(self._control, self._bundle, scope)

    # -- what happened ---------------------------------------------------------------------------------

    def exchanges(self, *, service: str | None = None, operation: str | None = None) -> list[Any]:
        """The journal, newest first, without bodies; ``exchange`` has one whole."""
        return self._every("exchanges", service=service, operation=operation)

    def exchange(self, id: str) -> Any:
        """One exchange with its header fields and bodies."""
        return self._ask("GET", f"/exchanges/{segment(id)}")

    def mails(self, *, to: str | None = None) -> list[Any]:
        """The mailbox, newest first."""
        return self._every("mails", to=to)

    def mail(self, id: str) -> Any:
        """One mail."""
        return self._ask("GET", f"/mails/{segment(id)}")

    def events(self, *, service: str | None = None, type: str | None = None) -> list[Any]:
        """The events, newest first."""
        return self._every("events", service=service, type=type)

    def event(self, id: str) -> Any:
        """One event with its payload, deliveries and attempts."""
        return self._ask("GET", f"/events/{segment(id)}")

    def deliveries(self, *, service: str | None = None, status: str | None = None) -> list[Any]:
        """The webhook deliveries, newest first, each with its last attempt."""
        return self._every("deliveries", service=service, status=status)

    def delivery(self, id: str) -> Any:
        """One delivery with its attempts."""
        return self._ask("GET", f"/deliveries/{segment(id)}")

    def _every(self, kind: str, **query: Any) -> list[Any]:
        return self._control.every(f"{self._path}/{kind}", {**query, "scope": self.scope or None})

    # -- what should have ------------------------------------------------------------------------------

    def verify(
        self, kind: Kind, match: Match | None = None, *, count: Count = None, since: str | None = None, **places: Any
    ) -> Found:
        """Fails with the near misses unless so many match: a number is exactly that often, and at least once is meant
        unless it is said. ``places`` are further members of the match: ``verify("mails", to="ada@example.com")``."""
        __tracebackhide__ = True
        return self._held(kind, self._ask("POST", "/verifications", self._asked(kind, match, places, count, since)))

    def never(self, kind: Kind, match: Match | None = None, *, since: str | None = None, **places: Any) -> None:
        """Fails if anything matches."""
        __tracebackhide__ = True
        self.verify(kind, match, count=0, since=since, **places)

    def wait(
        self,
        kind: Kind,
        match: Match | None = None,
        *,
        count: Count = None,
        since: str | None = None,
        timeout: float = _TIMEOUT,
        **places: Any,
    ) -> Found:
        """The same once it holds; fails when ``timeout`` seconds are over."""
        __tracebackhide__ = True
        asked, ends = self._asked(kind, match, places, count, since), time.monotonic() + timeout
        while True:
            left = max(0.0, ends - time.monotonic())
            found = self._ask("POST", "/wait", {**asked, "timeout": min(left, _ONE_WAIT)})
            if found["ok"] or left <= _ONE_WAIT:
                return self._held(kind, found)

    def expect(
        self, kind: Kind, match: Match | None = None, *, count: Count = None, name: str = "", **places: Any
    ) -> str:
        """Declare what should happen from now on (``count=0``: what must not). The test fails at its end unless it
        has. Answers the expectation's id."""
        self._expected = True
        asked = self._asked(kind, match, places, count, None)
        return str(self._ask("POST", "/expectations", {**asked, "name": name})["id"])

    def verify_expectations(self, *, strict: bool = False) -> None:
        """Fails unless everything that was declared is met; with ``strict`` also for calls that nothing expects."""
        __tracebackhide__ = True
        body = {"strict": strict, **({"scope": self.scope} if self.scope else {})}
        found = self._ask("POST", "/expectations/verify", body)
        if not found["ok"]:
            raise AssertionError(found["message"])

    def unmatched(self) -> list[Any]:
        """Exchanges that no expectation covers."""
        found = self._control.ask("GET", f"{self._path}/unmatched", query={"scope": self.scope or None})
        return list(found["unmatched"])

    def _asked(
        self, kind: Kind, match: Match | None, places: Mapping[str, Any], count: Count, since: str | None
    ) -> dict[str, Any]:
        body = {"kind": kind, "match": {**(match or {}), **places}, "count": count, "since": since}
        found = {name: value for name, value in body.items() if value is not None}
        return {**found, "scope": self.scope} if self.scope else found

    def _held(self, kind: Kind, found: Any) -> Found:
        __tracebackhide__ = True
        if not found["ok"]:
            raise AssertionError(found["message"])
        whole = {"exchanges": self.exchange, "mails": self.mail, "events": self.event, "deliveries": self.delivery}
        return Found(found["count"], found["found"], found["message"], whole[kind])

    # -- its life --------------------------------------------------------------------------------------

    def open(
        self,
        name: str,
        *,
        policy: Mapping[str, Any] | str | None = None,
        webhooks: Webhooks = None,
        ttl: str | None = None,
    ) -> Environment:
        """Another environment, beside this one; it is closed with it, or with the test."""
        found = Environment.opened(self._control, f"{self.name}-{name}", policy=policy, webhooks=webhooks, ttl=ttl)
        self._opened.append(found)
        return found

    def trigger(self, type: str, *, override: Mapping[str, str] | None = None, service: str | None = None) -> Any:
        """Make an event happen, as ``broker events trigger`` does."""
        body = {
            "type": type,
            "override": override and dict(override),
            "service": service,
            "headers": self.headers or None,
        }
        return self._ask("POST", "/triggers", {key: value for key, value in body.items() if value is not None})

    def reset(self) -> None:
        """Empty its mocks, mails and events, whoever's they are; the journal stays."""
        self._ask("POST", "/reset")

    def close(self) -> Any:
        """Everything of it is deleted; answers the receipt."""
        self._close_others()
        return self._control.ask("DELETE", self._path)

    def _close_others(self) -> None:
        while self._opened:
            self._opened.pop().close()

    def end(self) -> None:
        """The end of the test that had this scope: environments that it opened are closed, expectations forgotten."""
        self._close_others()
        if self._expected:
            self._control.ask("DELETE", f"{self._path}/expectations", query={"scope": self.scope or None})

    def settle(self) -> None:
        """Fails if something that this test declared is not so."""
        __tracebackhide__ = True
        if self._expected:
            self.verify_expectations()

    @property
    def _path(self) -> str:
        return f"/environments/{segment(self.name)}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return self._control.ask(method, self._path + path, body=body)


def _targets(webhooks: Webhooks) -> dict[str, list[str]] | None:
    if webhooks is None:
        return None
    return {service: [urls] if isinstance(urls, str) else list(urls) for service, urls in webhooks.items()}
