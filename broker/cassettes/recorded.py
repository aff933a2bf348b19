"""What a cassette holds: exchanges with a real provider, decoded so that people can read and review them.

Knows HTTP bodies and nothing else: no files, no environments, no provider.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import orjson

#: How a body is written down. ``digest`` is of one that was too long to keep: ``{"sha256": ..., "size": ...}``.
Form = Literal["none", "form", "json", "xml", "text", "base64", "digest"]
FORMS: tuple[Form, ...] = ("form", "json", "xml", "text", "base64", "digest")

#: Header fields that say nothing about the provider: of the connection, of the client, of caches and proxies, of the
#: broker. Secret ones never get as far as a cassette.
_NOISE = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "age", "alt-svc", "authorization",
        "cache-control", "connection", "content-length",
        "content-security-policy", "cookie",
        "date", "expect", "expires", "forwarded", "host", "keep-alive", "nel", "origin", "pragma",
        "proxy-authorization", "referer", "referrer-policy", "report-to", "reporting-endpoints", "server",
        "set-cookie", "te", "trailer",
        "transfer-encoding", "upgrade", "user-agent", "vary", "via", "x-api-key", "x-content-type-options",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-frame-options", "x-powered-by",
        "strict-transport-security", "x-xss-protection",
    }
)  # fmt: skip
_NOISE_STARTS = ("access-control-", "broker-", "sec-", "cf-", "x-b3-", "traceparent", "tracestate")
_NOISE_PARTS = ("user-agent", "telemetry", "security-token", "signature")

#: Encodings of a body that can be taken off here.
_GZIP = b"\x1f\x8b\x08"

#: Bytes of a body that is kept as it is.
KEPT = 1 << 20
#: Steps of nesting of a JSON body that is kept as one; a deeper one is kept as text.
DEPTH = 60


def telling(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The header fields that are worth keeping, in lower case."""
    found = []
    for name, value in headers:
        low = name.lower()
        if low in _NOISE or low.startswith(_NOISE_STARTS) or any(part in low for part in _NOISE_PARTS):
            continue
        found.append((low, value))
    return found


@dataclass(frozen=True, slots=True)
class Body:
    """A body by its form: ``form`` holds ``{name: text or list of texts}``, ``json`` the JSON value; others text."""

    form: Form = "none"
    value: Any = None

    @classmethod
    def of(cls, raw: bytes, content_type: str = "", *, opaque: bool = False) -> Body:
        """Decoded as far as it says, or shows, what it is; an ``opaque`` one keeps every byte, because sums of it
        travel elsewhere."""
        if not raw:
            return cls()
        if len(raw) > KEPT:
            return cls.digest(hashlib.sha256(raw).hexdigest(), len(raw))
        kind = content_type.partition(";")[0].strip().lower()
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return cls("base64", base64.b64encode(raw).decode())
        if opaque:
            return cls("text", text)
        if kind.endswith("json") or text[:1] in ("{", "["):
            try:
                value = orjson.loads(raw)
            except orjson.JSONDecodeError:
                return cls("text", text)
            return cls("json", value) if _is_shallow(value) else cls("text", text)
        if kind == "application/x-www-form-urlencoded":
            return cls("form", joined(parse_qsl(text, keep_blank_values=True)))
        if kind.endswith("xml") or text.startswith("<?xml"):
            return cls("xml", text)
        return cls("text", text)

    @classmethod
    def digest(cls, sha256: str, size: int) -> Body:
        """Of a body that was not kept."""
        return cls("digest", {"sha256": sha256, "size": size})

    def raw(self) -> bytes:
        """The bytes again: the same value, if not the same spelling. Of a digest, as many zeros, up to ``KEPT``."""
        match self.form:
            case "none":
                return b""
            case "json":
                return orjson.dumps(self.value)
            case "form":
                return urlencode(list(pairs(self.value))).encode()
            case "base64":
                try:
                    return base64.b64decode(self.value)
                except (binascii.Error, ValueError):
                    return b""
            case "digest":
                return bytes(min(int(self.value["size"]), KEPT))
            case _:
                return str(self.value).encode()


def _is_shallow(value: Any) -> bool:
    """Whether a cassette with it in can be read again."""
    level, depth = [value], 0
    while level and depth <= DEPTH:
        depth += 1
        level = [
            member
            for each in level
            if isinstance(each, dict | list)
            for member in (each.values() if isinstance(each, dict) else each)
        ]
    return not level


class Kept:
    """A body that passes: its first part, and the digest of all of it."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._kept = bytearray()
        self._size = 0

    @property
    def held(self) -> int:
        """Bytes that it holds in memory."""
        return len(self._kept)

    def take(self, piece: bytes) -> None:
        """The next piece."""
        self._digest.update(piece)
        self._size += len(piece)
        if self._size <= KEPT:
            self._kept += piece
        else:
            self._kept.clear()

    def body(self, content_type: str, *, opaque: bool = False) -> Body:
        """As a cassette holds it."""
        if self._size > KEPT:
            return Body.digest(self._digest.hexdigest(), self._size)
        return Body.of(bytes(self._kept), content_type, opaque=opaque)


def inside(raw: bytes) -> bytes | None:
    """What a compressed body holds, up to eight times ``KEPT``; None where it is not compressed, or broken."""
    if not raw.startswith(_GZIP):
        return None
    opener = zlib.decompressobj(wbits=31)
    try:
        found = opener.decompress(raw, 8 * KEPT)
    except zlib.error:
        return None
    return found if opener.eof and not opener.unused_data else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One exchange. ``query`` is the decoded query as ``{name: text or list of texts}``; headers are in lower case, a
    repeated one holds a list. ``recorded_at`` is ISO 8601 in UTC, "" where nobody knows."""

    operation: str | None
    method: str
    #: Relative to the service, percent-encoded as sent.
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    request_headers: Mapping[str, Any] = field(default_factory=dict)
    request: Body = field(default_factory=Body)
    status: int
    response_headers: Mapping[str, Any] = field(default_factory=dict)
    response: Body = field(default_factory=Body)
    recorded_at: str = ""
    #: The version of the contract, or of the provider's API, that was in use.
    contract: str = ""

    @property
    def target(self) -> str:
        """Method, path and query, for people."""
        query = urlencode(list(pairs(self.query)))
        return f"{self.method} {self.path}{'?' + query if query else ''}"


@dataclass(slots=True)
class Cassette:
    """Exchanges in the order in which they happened: one scenario."""

    service: str
    name: str
    exchanges: list[Recorded] = field(default_factory=list)
    #: Who recorded it: an environment's name, and the uid that tells it from earlier ones of that name. Both are
    #: empty for one that was imported.
    environment: str = ""
    uid: str = ""


def joined(found: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Pairs by name; a name that occurs more than once holds a list."""
    out: dict[str, Any] = {}
    for name, value in found:
        if name not in out:
            out[name] = value
        elif isinstance(out[name], list):
            out[name].append(value)
        else:
            out[name] = [out[name], value]
    return out


def pairs(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The pairs again."""
    for name, value in found.items():
        for each in value if isinstance(value, list) else [value]:
            yield str(name), "" if each is None else str(each)


def query_of(text: str) -> dict[str, Any]:
    """A query string as a cassette holds it."""
    return joined(parse_qsl(text, keep_blank_values=True))
