"""The control API of one server, over the standard library: what a test run needs of it and no more."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

#: Seconds for an answer; closing waits for the end of the teardown, a wait for what it waits for.
_TIMEOUT = 120.0


class Refused(RuntimeError):
    """The server refused a request, or was not there: its own sentence."""

    def __init__(self, message: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Control:
    """A server and its token. Each request has a connection of its own: tests run in threads, too."""

    url: str
    token: str

    def ask(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """The JSON of a successful answer below ``/_broker/v1``; raises Refused."""
        where = urlsplit(self.url)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        given = {name: _plain(value) for name, value in (query or {}).items() if value is not None}
        target = f"{where.path.rstrip('/')}/_broker/v1{path}" + ("?" + urlencode(given) if given else "")
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        payload = None
        if body is not None:
            payload, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        connection = kind(where.hostname or "", where.port, timeout=_TIMEOUT)
        try:
            connection.request(method, target, payload, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as lost:
            raise Refused(f"no broker answers at {self.url}: {lost}") from lost
        finally:
            connection.close()
        if answer.status >= 400:
            raise Refused(_sentence(text, answer.status), answer.status)
        return json.loads(text) if text else None

    def every(self, path: str, query: Mapping[str, Any]) -> list[Any]:
        """All entries of a list, page by page."""
        found: list[Any] = []
        after: str | None = None
        while True:
            page = self.ask("GET", path, query={**query, "after": after, "limit": 500})
            found += page["items"]
            after = page["next"]
            if after is None:
                return found


def segment(text: str) -> str:
    """A name or an id as one segment of a path."""
    return quote(text, safe="")


def _plain(value: Any) -> Any:
    return ("true" if value else "false") if isinstance(value, bool) else value


def _sentence(text: bytes, status: int) -> str:
    try:
        return str(json.loads(text)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {status} and not as a broker does"
