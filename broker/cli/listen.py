"""``broker listen``: an environment's events, shown, and posted to an application that no webhook reaches.

The server signs each when it is asked for; what is posted where, and what came of it, only this process knows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import httpx
import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Name, examples
from broker.clock import SystemClock

EPILOG = examples(
    "broker listen pr-142 --forward-to localhost:3000/webhooks",
    "broker listen pr-142 --events charge.*,payment_intent.succeeded --forward-to http://localhost:3000/webhooks",
    "broker listen pr-142 --print-secret",
)
#: Milliseconds that the server waits for an event, and seconds between two tries to reach it.
_WAIT, _RETRY = 2000, 1.0
#: Events that are posted at once, and seconds that an application may take for one.
_AT_ONCE, _PATIENCE = 32, 30.0
#: Seconds that what is under way gets at the end.
_LAST = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where events go."""

    url: str | None
    connected_url: str | None
    headers: Mapping[str, str]
    connected_headers: Mapping[str, str]
    verify: bool

    def of(self, item: Mapping[str, Any]) -> tuple[str | None, Mapping[str, str]]:
        """The address of an event, and the header fields that go with it."""
        if item["account"] is None:
            return self.url, self.headers
        return self.connected_url or self.url, self.connected_headers


class Forwarding:
    """Posts events, each in a thread of its own, so that a slow one holds up no other; tells what came of it."""

    def __init__(self, way: Way, json: bool) -> None:
        self._way = way
        self._json = json
        self._client = httpx.Client(verify=way.verify, timeout=_PATIENCE, trust_env=False, follow_redirects=False)
        self._places = threading.Semaphore(_AT_ONCE)
        self._under_way: set[threading.Thread] = set()
        self._telling = threading.Lock()

    def take(self, item: Mapping[str, Any]) -> None:
        """Show an event, and post it where it goes. Waits while too many are under way."""
        self._tell_event(item)
        url, headers = self._way.of(item)
        if url is None or item["delivery"] is None:
            return
        self._places.acquire()
        # A daemon: an application that never answers must not keep this process from ending.
        thread = threading.Thread(target=self._post, args=(item, url, headers), daemon=True)
        self._under_way.add(thread)
        thread.start()

    def _post(self, item: Mapping[str, Any], url: str, headers: Mapping[str, str]) -> None:
        try:
            sent = [(name, value) for name, value in item["delivery"]["headers"]]
            answer = self._client.post(url, content=item["delivery"]["body"], headers=[*sent, *headers.items()])
            self._tell_answer(item, url, answer.status_code, None)
        except (httpx.HTTPError, httpx.InvalidURL) as failed:
            self._tell_answer(item, url, None, str(failed) or type(failed).__name__)
        finally:
            self._under_way.discard(threading.current_thread())
            self._places.release()

    def _tell_event(self, item: Mapping[str, Any]) -> None:
        if self._json:
            told = {"at": _now(), **{name: item[name] for name in ("id", "type", "service", "account", "payload")}}
            return self._line(told, "")
        connect = "connect " if item["account"] is not None else ""
        return self._line(None, f"{_now()}   --> {connect}{item['type']} [{item['id']}]")

    def _tell_answer(self, item: Mapping[str, Any], url: str, status: int | None, error: str | None) -> None:
        if self._json:
            return self._line({"at": _now(), "id": item["id"], "url": url, "status": status, "error": error}, "")
        if status is None:
            return self._line(None, f"{_now()}  <--  [ERROR] POST {url} [{item['id']}]: {error}")
        return self._line(None, f"{_now()}  <--  [{status}] POST {url} [{item['id']}]")

    def _line(self, value: Any, text: str) -> None:
        with self._telling:
            if value is not None:
                terminal.emit_line(value)
            else:
                terminal.show_now(terminal.clean(text))

    def end(self) -> None:
        """Let those under way end, for a moment."""
        ends = time.monotonic() + _LAST
        for thread in list(self._under_way):
            thread.join(max(ends - time.monotonic(), 0))


def listen(
    name: Name,
    forward_to: Annotated[
        str | None, typer.Option("--forward-to", "-f", metavar="URL", help="Where events are posted.")
    ] = None,
    events: Annotated[
        str,
        typer.Option("--events", "-e", metavar="TYPES", help="Types or patterns, with commas: charge.*,payout.paid."),
    ] = "*",
    forward_connect_to: Annotated[
        str | None,
        typer.Option(
            "--forward-connect-to", "-c", metavar="URL", help="Where those of connected accounts go; as the others."
        ),
    ] = None,
    headers: Annotated[
        str | None,
        typer.Option("--headers", "-H", metavar="HEADERS", help='More header fields: "Key1:Value1, Key2:..."'),
    ] = None,
    connect_headers: Annotated[
        str | None, typer.Option("--connect-headers", metavar="HEADERS", help="Those of connected accounts' events.")
    ] = None,
    service: Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="Only this service.")] = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="ID", help="Begin after this event, and not with the next one.")
    ] = None,
    skip_verify: Annotated[
        bool, typer.Option("--skip-verify", help="Take any certificate of the application's.")
    ] = False,
    print_secret: Annotated[bool, typer.Option("--print-secret", help="Print what signs the events, and end.")] = False,
    json: Json = False,
) -> None:
    """Show an environment's events as they happen, and post them to an application on this machine, signed, until it is
    interrupted. A restart of the server loses none and doubles none. With --json each line is an event or an answer."""
    way = Way(
        url=_address(forward_to),
        connected_url=_address(forward_connect_to),
        headers=_fields(headers, "--headers"),
        connected_headers=_fields(connect_headers if connect_headers is not None else headers, "--connect-headers"),
        verify=not skip_verify,
    )
    control = Control()
    path = f"/environments/{segment(name)}/listen"
    query = {"service": service, "events": events, "url": way.url, "connected_url": way.connected_url}
    found = control.ask("GET", path, query=query)
    if print_secret:
        return _secrets(found["secrets"])
    signing = "; ".join(f"{each} signs with {secret}" for each, secret in found["secrets"].items())
    terminal.note(f"Ready: listening to {name}{'; ' + signing if signing else ''} (^C to quit)")
    forwarding = Forwarding(way, json)
    try:
        _go_on(control, path, {**query, "wait": _WAIT}, after or found["next"], forwarding)
    except KeyboardInterrupt:
        pass  # how it ends
    finally:
        forwarding.end()
    return None


def _go_on(control: Control, path: str, query: Mapping[str, Any], after: str, forwarding: Forwarding) -> None:
    lost = False
    while True:
        try:
            found = control.ask("GET", path, query={**query, "after": after})
        except Failure as failure:
            if failure.code not in (codes.UNREACHABLE, codes.FAILED):
                raise
            if not lost:
                terminal.note(f"{failure.message} Trying again until it does.")
            lost = True
            time.sleep(_RETRY)
            continue
        if lost:
            terminal.note("The server answers again; nothing was missed.")
            lost = False
        for item in found["items"]:
            forwarding.take(item)
        after = found["next"]


def _secrets(secrets: Mapping[str, str]) -> None:
    if len(secrets) == 1:
        return terminal.show(next(iter(secrets.values())))
    return terminal.facts(secrets.items())


def _now() -> str:
    # The clock of whoever looks, as every terminal shows it.
    return SystemClock().now().astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _address(given: str | None) -> str | None:
    """``localhost:3000/webhooks`` is an address too. Raises Failure."""
    if given is None:
        return None
    url = given if "://" in given else f"http://{given}"
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Failure(f"{given!r} is no address; write one like http://localhost:3000/webhooks.", codes.USAGE)
    return url


def _fields(given: str | None, option: str) -> dict[str, str]:
    """Raises Failure."""
    found = {}
    for each in filter(None, (part.strip() for part in (given or "").split(","))):
        name, colon, value = each.partition(":")
        if not colon or not name.strip():
            raise Failure(f'{option}: {each!r} is no header field; write "Key1:Value1, Key2:Value2".', codes.USAGE)
        found[name.strip()] = value.strip()
    return found
