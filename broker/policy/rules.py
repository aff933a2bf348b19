"""What a line of a policy is about: an operation, or a method and path; and how long a wait is that it names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import translate
from typing import Any
from urllib.parse import unquote

from broker.settings import duration
from broker.storage.base import Mode

_MILLISECONDS = re.compile(r"(\d+)\s*ms")
_PLACEHOLDER = re.compile(r"\*\*|\*|\{[^/{}]*\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One override: of an operation, or of a method and path. Exactly one of the two is set."""

    mode: Mode
    operation: str | None
    request: str | None
    _method: str
    _pattern: re.Pattern[str]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Rule:
        """From a rule's normalised form."""
        operation, request = document.get("operation"), document.get("request")
        if operation is not None:
            return cls(document["mode"], operation, None, "*", re.compile(translate(operation)))
        method, _, path = str(request).partition(" ")
        return cls(document["mode"], None, request, method, re.compile(_path_pattern(_decoded(path))))

    @property
    def subject(self) -> str:
        """What it matches, as the author wrote it."""
        return self.operation or self.request or ""

    def matches(self, operation_id: str | None, method: str, path: str) -> bool:
        """Whether it decides for this call; an unknown operation matches no operation rule."""
        if self.operation is not None:
            return operation_id is not None and self._pattern.match(operation_id) is not None
        if self.mode == "refuse":
            return self._refuses(method, path)
        return self._method in ("*", method) and self._pattern.fullmatch(_decoded(path)) is not None

    def _refuses(self, method: str, path: str) -> bool:
        """A refusal holds in every reading of the path: some services take an encoded slash for a plain one (keys of
        objects). And what may not be read may not be asked about either: HEAD is GET without its body."""
        if self._method not in ("*", method) and not (self._method == "GET" and method == "HEAD"):
            return False
        if self._pattern.fullmatch(_decoded(path)) is not None:
            return True
        return "%" in path and self._pattern.fullmatch(unquote(path)) is not None


def _decoded(path: str) -> str:
    """Percent-decoded segment by segment, so that another spelling of a path meets the same rules. An encoded slash
    stays one: it is part of its segment."""
    if "%" not in path:
        return path
    return "/".join(unquote(segment).replace("/", "%2F") for segment in path.split("/"))


def _path_pattern(path: str) -> str:
    """``*`` and ``{name}`` stand for one segment or a part of it, ``**`` for anything."""
    out, end = [], 0
    for hole in _PLACEHOLDER.finditer(path):
        out += [re.escape(path[end : hole.start()]), ".*" if hole.group() == "**" else "[^/]+"]
        end = hole.end()
    return "(?s:" + "".join([*out, re.escape(path[end:])]) + ")"


def pause(text: str) -> timedelta:
    """A wait between attempts: a duration, or milliseconds (``250ms``)."""
    found = _MILLISECONDS.fullmatch(text.strip())
    return timedelta(milliseconds=int(found.group(1))) if found else duration(text)
