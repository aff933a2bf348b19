"""Other tools' recordings, told apart and read: VCR, vcrpy, HAR (Polly.js too), WireMock mappings, JSON lines.

What is read was written by others: values only, no objects; what cannot be understood is told, not guessed. Readers may
raise whatever a wrong shape leads to; broker/cassettes/importers.py makes one error of it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

Format = Literal["vcr", "vcrpy", "polly", "har", "wiremock", "jsonl", "cassette"]
FORMATS: tuple[Format, ...] = ("vcr", "vcrpy", "polly", "har", "wiremock", "jsonl", "cassette")

#: Bytes of a body that WireMock keeps in a file of its own.
_BESIDE = 16 << 20


@dataclass(slots=True, kw_only=True)
class Raw:
    """One exchange as the other tool kept it. ``url`` is whole; where the tool knows no host, a path."""

    method: str
    url: str
    status: int
    request_headers: list[tuple[str, str]] = field(default_factory=list)
    request: bytes = b""
    response_headers: list[tuple[str, str]] = field(default_factory=list)
    response: bytes = b""
    at: str = ""
    contract: str = ""


#: Reads a document's value: (value, its path, where to say what is left out).
Reader = Callable[[Any, Path, list[str]], Iterator[Raw]]


def told(value: Any) -> Format | None:
    """The format of a value, by its outermost members."""
    if isinstance(value, list):
        first = value[0] if value and isinstance(value[0], dict) else {}
        asked = first.get("request")
        if not isinstance(asked, dict) or "response" not in first:
            return None
        return "vcr" if "uri" in asked else "wiremock"
    if not isinstance(value, dict):
        return None
    if "cassette" in value:
        return "cassette"
    if "http_interactions" in value:
        return "vcr"
    if "interactions" in value:
        return "vcrpy"
    if isinstance(log := value.get("log"), dict) and "entries" in log:
        return "polly" if "_recordingName" in log else "har"
    return "wiremock" if "mappings" in value or ("request" in value and "response" in value) else None


def headers(found: Any) -> list[tuple[str, str]]:
    """From ``{name: value or values}`` or ``[{name, value}]``."""
    if isinstance(found, list):
        return [(str(each["name"]), str(each["value"])) for each in found]
    return [
        (str(name), text(each).decode("latin-1"))
        for name, value in (found or {}).items()
        for each in (value if isinstance(value, list) else [value])
    ]


def header(found: Sequence[tuple[str, str]], name: str) -> str:
    """The first of a name, "" where there is none."""
    return next((value for key, value in found if key.lower() == name), "")


def text(value: Any) -> bytes:
    """A body's text or bytes; none is empty."""
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode()


def _vcr(value: Any, path: Path, skipped: list[str]) -> Iterator[Raw]:
    """``http_interactions`` with ``string`` or ``base64_string`` bodies, or the bare list of version 1, whose keys are
    the same (https://andrewmcodes.gitbook.io/vcr/cassettes/format)."""
    for each in (value["http_interactions"] if isinstance(value, dict) else value) or ():
        asked, answered = each["request"], each["response"]
        yield Raw(
            method=str(asked["method"]).lstrip(":"),
            url=str(asked["uri"]),
            status=int(answered["status"]["code"]),
            request_headers=headers(asked.get("headers")),
            request=_body(asked.get("body")),
            response_headers=headers(answered.get("headers")),
            response=_body(answered.get("body")),
            at=str(each.get("recorded_at") or ""),
        )


def _body(body: Any) -> bytes:
    if isinstance(body, Mapping):
        if "base64_string" in body:
            return base64.b64decode(text(body["base64_string"]))
        return text(body.get("string"))
    return text(body)


def _vcrpy(value: Any, path: Path, skipped: list[str]) -> Iterator[Raw]:
    """``interactions``; a request's body is text, bytes or nothing (https://vcrpy.readthedocs.io/en/latest/usage.html).
    It keeps no times."""
    for each in value["interactions"] or ():
        asked, answered = each["request"], each["response"]
        yield Raw(
            method=str(asked["method"]),
            url=str(asked["uri"]),
            status=int(answered["status"]["code"]),
            request_headers=headers(asked.get("headers")),
            request=_body(asked.get("body")),
            response_headers=headers(answered.get("headers")),
            response=_body(answered.get("body")),
        )


def _har(value: Any, path: Path, skipped: list[str]) -> Iterator[Raw]:
    """HAR 1.2 (https://w3c.github.io/web-performance/specs/HAR/Overview.html), as browsers write it, and Polly.js
    (https://www.npmjs.com/package/@pollyjs/persister)."""
    for number, each in enumerate(value["log"]["entries"], 1):
        asked, answered = each["request"], each["response"]
        if not int(answered["status"]):
            skipped.append(f"{path}: entry {number}: it has no answer (blocked, or broken off)")
            continue
        posted = asked.get("postData") or {}
        body = text(posted.get("text"))
        if not body and posted.get("params"):
            body = urlencode([(one["name"], one.get("value", "")) for one in posted["params"]]).encode()
        sent = headers(asked.get("headers"))
        if posted.get("mimeType") and not header(sent, "content-type"):
            sent.append(("content-type", str(posted["mimeType"])))
        yield Raw(
            method=str(asked["method"]),
            url=str(asked["url"]),
            status=int(answered["status"]),
            request_headers=sent,
            request=body,
            response_headers=headers(answered.get("headers")),
            response=_content(answered),
            at=str(each.get("startedDateTime") or ""),
        )


def _content(answered: Mapping[str, Any]) -> bytes:
    content = answered.get("content") or {}
    kept = text(content.get("text"))
    coded = header(headers(answered.get("headers")), "content-encoding")
    if coded and kept[:2] in (b'["', b"[]"):
        # Polly.js keeps a compressed body in the pieces in which it came: in base64, older versions in hexadecimal.
        pieces = [str(each) for each in json.loads(kept)]
        if content.get("encoding") == "base64":
            return b"".join(base64.b64decode(each) for each in pieces)
        return b"".join(bytes.fromhex(each) for each in pieces)
    return base64.b64decode(kept) if content.get("encoding") == "base64" else kept


def _wiremock(value: Any, path: Path, skipped: list[str]) -> Iterator[Raw]:
    """https://wiremock.org/docs/stubbing/ and https://wiremock.org/docs/request-matching/: one mapping, a list of them,
    or ``{"mappings": [...]}``. A mapping is no exchange: only one that says exactly what it answers can become one."""
    listed = value["mappings"] if isinstance(value, dict) and "mappings" in value else value
    for number, each in enumerate(listed if isinstance(listed, list) else [listed], 1):
        asked, answered = each["request"], each["response"]
        why = _vague(asked, answered)
        if why is not None:
            skipped.append(f"{path}: mapping {number}: {why}")
            continue
        address = str(asked.get("url") or asked.get("urlPath"))
        if query := _exactly(asked.get("queryParameters")):
            address += ("&" if "?" in address else "?") + urlencode(query)
        host = (asked.get("host") or {}).get("equalTo", "")
        answer, kind = _wiremock_answer(answered, path)
        body, sent = _wiremock_body(asked)
        given = headers(answered.get("headers"))
        yield Raw(
            method=str(asked["method"]),
            url=f"https://{host}{address}" if host else address,
            status=int(answered.get("status", 200)),
            request_headers=[*_exactly(asked.get("headers")), *([("content-type", sent)] if sent else [])],
            request=body,
            response_headers=given if header(given, "content-type") or not kind else [*given, ("content-type", kind)],
            response=answer,
        )


def _vague(asked: Mapping[str, Any], answered: Mapping[str, Any]) -> str | None:
    if not (asked.get("url") or asked.get("urlPath")) or asked.get("method", "ANY") == "ANY":
        return "only an exact method and url can be replayed, no pattern"
    if "proxyBaseUrl" in answered or "fault" in answered:
        return "it answers nothing of its own (a proxy, or a fault)"
    if answered.get("transformers") or "{{" in json.dumps([answered.get("body"), answered.get("jsonBody")]):
        return "its answer is a template"
    return None


def _exactly(rules: Any) -> list[tuple[str, str]]:
    """What is said exactly; a pattern says nothing that could be sent."""
    return [
        (str(name), str(rule["equalTo"]))
        for name, rule in (rules or {}).items()
        if isinstance(rule, Mapping) and "equalTo" in rule
    ]


def _wiremock_answer(answered: Mapping[str, Any], path: Path) -> tuple[bytes, str]:
    if "jsonBody" in answered:
        return json.dumps(answered["jsonBody"]).encode(), "application/json"
    if "base64Body" in answered:
        return base64.b64decode(answered["base64Body"]), ""
    if "bodyFileName" in answered:
        return _beside(path, str(answered["bodyFileName"])), ""
    return text(answered.get("body")), ""


def _beside(path: Path, name: str) -> bytes:
    """A body from WireMock's folder ``__files``, which stands beside ``mappings``; never from anywhere else."""
    folder = (path.parent.parent / "__files").resolve()
    wanted = (folder / name).resolve()
    if not wanted.is_relative_to(folder) or not wanted.is_file() or wanted.stat().st_size > _BESIDE:
        raise ValueError(f"bodyFileName {name[:100]!r} is not in the folder __files")
    return wanted.read_bytes()


def _wiremock_body(asked: Mapping[str, Any]) -> tuple[bytes, str]:
    if form := _exactly(asked.get("formParameters")):
        return urlencode(form).encode(), "application/x-www-form-urlencoded"
    for pattern in asked.get("bodyPatterns") or ():
        if "equalToJson" in pattern:
            wanted = pattern["equalToJson"]
            return (text(wanted) if isinstance(wanted, str) else json.dumps(wanted).encode()), "application/json"
        if "equalToXml" in pattern:
            return text(pattern["equalToXml"]), "application/xml"
        if "equalTo" in pattern:
            return text(pattern["equalTo"]), "application/x-www-form-urlencoded"
    return b"", ""


READERS: Mapping[Format, Reader] = {"vcr": _vcr, "vcrpy": _vcrpy, "polly": _har, "har": _har, "wiremock": _wiremock}


def line(one: Mapping[str, Any]) -> tuple[str, int, Raw]:
    """One exchange of JSON lines: the scenario that it belongs to, its place there (-1 where it says none), and itself.

    Its members: ``source_repo, cassette, seq, api_version, request {method, host, path, query, headers, body,
    body_base64}, response {status, headers, json | body, body_base64}``.
    """
    asked, answered = one["request"], one["response"]
    answer = answered.get("json")
    given = headers(answered.get("headers"))
    if answer is not None and not header(given, "content-type"):
        given.append(("content-type", "application/json"))
    sent = headers(asked.get("headers"))
    body = _wire(asked.get("body"), asked.get("body_base64"))
    if body and not header(sent, "content-type") and body[:1] not in (b"{", b"["):
        sent.append(("content-type", "application/x-www-form-urlencoded"))
    query = asked.get("query") or ""
    raw = Raw(
        method=str(asked["method"]),
        url=f"https://{asked.get('host', '')}{asked['path']}{'?' + query if query else ''}",
        status=int(answered["status"]),
        request_headers=sent,
        request=body,
        response_headers=given,
        response=_wire(answered.get("body"), answered.get("body_base64")) if answer is None else _dumped(answer),
        contract=str(one.get("api_version") or ""),
    )
    scenario = f"{one.get('source_repo') or ''}/{one.get('cassette') or ''}".strip("/")
    return scenario, int(one.get("seq", -1)), raw


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def _wire(body: Any, encoded: Any) -> bytes:
    return base64.b64decode(text(body)) if encoded else text(body)
