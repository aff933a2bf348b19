"""The commands' way to the server: HTTP to the control API, and refusals turned into exit codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx

from broker.cli import codes
from broker.settings import InvalidSetting, Settings, from_environment

#: Seconds; closing waits for the end of the teardown.
_TIMEOUT = httpx.Timeout(30.0, read=600.0)
_ADDRESS = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?/?")


class Failure(Exception):
    """Ends the command: a sentence for people, further lines, and the exit code."""

    def __init__(self, message: str, code: int = codes.FAILED, details: tuple[str, ...] = ()) -> None:
        self.message = message
        self.code = code
        self.details = details
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Token:
    """The control token and where it was found."""

    value: str
    source: str


def settings() -> Settings:
    """From ``BROKER_*``; raises Failure."""
    try:
        return from_environment()
    except InvalidSetting as wrong:
        raise Failure(str(wrong), codes.USAGE) from wrong


def find_token(found: Settings) -> Token | None:
    """BROKER_TOKEN, else the file that a server on this machine made in the data folder."""
    if found.token:
        return Token(found.token, "BROKER_TOKEN")
    path = Path(found.data) / "token"
    try:
        text = path.read_text().strip()
    except (OSError, UnicodeError):
        return None
    return Token(text, str(path)) if text else None


def connect(found: Settings, headers: Mapping[str, str]) -> httpx.Client:
    """The HTTP client; tests put the application itself in its place."""
    # trust_env would send a call to this machine through the proxy of a CI runner.
    return httpx.Client(base_url=found.url.rstrip("/"), headers=headers, timeout=_TIMEOUT, trust_env=False)


class Control:
    """The control API of one server."""

    def __init__(self, found: Settings | None = None) -> None:
        self.settings = found or settings()
        self.token = find_token(self.settings)
        headers = {"authorization": f"Bearer {self.token.value}"} if self.token else {}
        if not _ADDRESS.fullmatch(self.settings.url):
            raise Failure(
                f"BROKER_URL: {self.settings.url!r} is no address; write one like http://127.0.0.1:4600.", codes.USAGE
            )
        self._http = connect(self.settings, headers)

    def ask(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """The JSON of a successful answer; raises Failure."""
        return self.send(method, "/_broker/v1" + path, query=query, body=body).json()

    def send(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> httpx.Response:
        """A successful answer; raises Failure."""
        wanted = {name: _plain(value) for name, value in (query or {}).items() if value is not None}
        try:
            answer = self._http.request(method, path, params=wanted, json=body)
        except httpx.TransportError as lost:
            raise self._unreachable(lost) from lost
        if answer.is_success:
            return answer
        raise self._refused(answer)

    def upload(self, path: str, content: bytes, *, media: str, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON of a successful answer to bytes; raises Failure."""
        wanted = {name: _plain(value) for name, value in (query or {}).items() if value is not None}
        try:
            answer = self._http.post(
                "/_broker/v1" + path, params=wanted, content=content, headers={"content-type": media}
            )
        except httpx.TransportError as lost:
            raise self._unreachable(lost) from lost
        if answer.is_success:
            return answer.json()
        raise self._refused(answer)

    def save(self, path: str, out: BinaryIO) -> None:
        """The bytes of a successful answer, as they come; raises Failure."""
        try:
            with self._http.stream("GET", path) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._refused(answer)
                out.writelines(answer.iter_bytes())
        except httpx.TransportError as lost:
            raise self._unreachable(lost) from lost

    def every(self, path: str, *, query: Mapping[str, Any] | None = None, limit: int | None = None) -> Iterator[Any]:
        """The entries of a list over all its pages, at most ``limit``."""
        after: str | None = None
        left = limit
        while left is None or left > 0:
            page = self.ask("GET", path, query={**(query or {}), "after": after, "limit": min(left or 500, 500)})
            yield from page["items"]
            after = page["next"]
            if after is None:
                return
            left = None if left is None else left - len(page["items"])

    def _unreachable(self, lost: httpx.TransportError) -> Failure:
        if isinstance(lost, httpx.ReadTimeout):
            return Failure(f"The server at {self.settings.url} took too long to answer.", codes.UNREACHABLE)
        return Failure(
            f"No server answers at {self.settings.url} ({lost}). Start one with `broker serve`, or point BROKER_URL "
            "at the one you mean.",
            codes.UNREACHABLE,
        )

    def _refused(self, answer: httpx.Response) -> Failure:
        code = codes.BY_STATUS.get(answer.status_code, codes.FAILED)
        try:
            problem = answer.json()
            detail = str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            return Failure(
                f"{self.settings.url} answered {answer.status_code} and not as a broker does; is BROKER_URL right?",
                code,
            )
        if code == codes.UNAUTHORISED:
            where = f"the token from {self.token.source} is not this server's" if self.token else "no token is set"
            detail = f"{where}: set BROKER_TOKEN to the server's, or BROKER_DATA to its data folder."
        return Failure(detail[:1].upper() + detail[1:], code)


def segment(text: str) -> str:
    """A name or an id as one segment of a path. Raises Failure for what would change the path's shape; what else is
    wrong with it, the server words."""
    if "/" in text or text in ("", ".", ".."):
        raise Failure(f"{text!r} cannot name an environment, or anything in one.")
    return quote(text, safe="")


def _plain(value: Any) -> Any:
    return ("true" if value else "false") if isinstance(value, bool) else value
