"""Bodies of exchanges as people read them: JSON as lines, forms as pairs, the rest as text; and a call as a command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import orjson

from broker.redact import HIDDEN

#: Header fields that the program which sends the command makes itself.
_MADE = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "expect"})
_STEP = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Body:
    """``value`` is what JSON comes to, the pairs of a form, or text; None where nothing is kept. ``note`` says what is
    missing."""

    kind: Literal["json", "form", "text", "none"]
    value: Any
    note: str = ""


def read(text: str | None, headers: Sequence[Sequence[str]], size: int) -> Body:
    """A body as the journal keeps it; ``size`` is that of the whole."""
    if text is None:
        return Body("none", None, "" if not size else "It is no text, or was streamed: the journal does not keep it.")
    cut = size > len(text.encode("utf-8", "surrogatepass")) and HIDDEN not in text
    note = f"The journal keeps the first {len(text)} characters of {size} bytes." if cut else ""
    media = next((value for name, value in headers if name.lower() == "content-type"), "").partition(";")[0].strip()
    if media == "application/x-www-form-urlencoded":
        return Body("form", parse_qsl(text, keep_blank_values=True, errors="replace"), note)
    if text.lstrip()[:1] in ("{", "["):
        try:
            return Body("json", orjson.loads(text), note)
        except orjson.JSONDecodeError:
            pass  # cut, or of another format
    return Body("text", text, note)


def marks(violations: Sequence[Mapping[str, Any]], side: str) -> Mapping[str, Sequence[str]]:
    """Messages by place, of one side."""
    found: dict[str, list[str]] = {}
    for each in violations:
        if each.get("side") == side:
            found.setdefault(str(each.get("where", "")), []).append(str(each.get("message", "")))
    return found


def place_of(name: str) -> str:
    """Where a violation finds a field of a form: ``body.items[0].price`` for ``items[0][price]``."""
    text = "body." + name.partition("[")[0]
    for step in _STEP.findall(name):
        text += f"[{step}]" if step.isdecimal() or not step else f".{step}"
    return text


def command(exchange: Mapping[str, Any], origin: str) -> str:
    """The call for curl; what the journal hides has to be filled in."""
    host = next((value for name, value in exchange["request_headers"] if name.lower() == "host"), "")
    address = f"{urlsplit(origin).scheme}://{host or urlsplit(origin).netloc}{exchange['path']}"
    lines = [f"curl -X {shlex.quote(exchange['method'])} {shlex.quote(address)}"]
    for name, value in exchange["request_headers"]:
        if name.lower() not in _MADE:
            lines.append("-H " + shlex.quote(f"{name}: {value}"))
    if exchange["request_body"]:
        lines.append("--data-raw " + shlex.quote(exchange["request_body"]))
    return " \\\n  ".join(lines)
