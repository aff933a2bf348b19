"""A cassette becomes a probe (contracts/probes.py): its calls as steps, ids as captures of the answers that gave them.

What cannot be asked anew is left out and told: calls that need what nobody made, hidden values, bodies that were not
kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import yaml

from broker.cassettes.likeness import Path, leaves, named_ids
from broker.cassettes.matching import listed
from broker.cassettes.recorded import Body, Cassette, Recorded, pairs
from broker.errors import InvalidInput
from broker.redact import HIDDEN
from contracts import probes
from contracts.comparison import masked
from contracts.form import FormError, tree

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_PIECE = re.compile(r"[A-Za-z0-9_.-]{4,255}")
_WORD = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_USUAL = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
_UNSCENIC = re.compile(r"[^a-z0-9]+")


def probe(cassette: Cassette) -> tuple[str, list[str]]:
    """The probe's file, and what was left out of it, in words. Raises InvalidInput when nothing remains."""
    steps: list[dict[str, Any]] = []
    left_out: list[str] = []
    teller = _Teller(cassette.exchanges)
    for number, each in enumerate(cassette.exchanges, 1):
        why = teller.hindrance(each)
        if why is None:
            steps.append(teller.step(each, cassette.exchanges[number:]))
        else:
            left_out.append(f"exchange {number} ({each.method} {each.path}): {why}")
    if not steps:
        raise InvalidInput(
            f"{cassette.name}: none of its exchanges can be a step of a probe. " + "; ".join(left_out[:5])
        )
    name = _UNSCENIC.sub("-", cassette.name.lower()).strip("-") or "recording"
    scenario = {"about": f"From the cassette {cassette.name}.", "steps": steps}
    whole = {"version": 1, "service": cassette.service, "scenarios": {name: scenario}}
    text: str = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120)
    try:
        probes.parse(text, cassette.service, name)
    except probes.ProbeFault as wrong:
        raise InvalidInput(f"{cassette.name} makes no probe: {wrong}") from None
    return text, left_out


class _Teller:
    """Goes through the exchanges in order."""

    def __init__(self, exchanges: Sequence[Recorded]) -> None:
        self._named: set[str] = set()
        #: Recorded id -> the name of its capture.
        self._captured: dict[str, str] = {}
        for each in exchanges:
            if each.response.form == "json":
                self._named |= named_ids(each.response.value)

    def hindrance(self, one: Recorded) -> str | None:
        """Why it cannot be a step."""
        if one.method not in _METHODS:
            return f"probes have no {one.method}"
        if one.status == 401:
            return "its key was refused when it was recorded"
        if one.request.form in ("base64", "digest"):
            return "the recording has no text of its body"
        said = [one.path, *(value for _, value in pairs(one.query)), *_texts(one.request)]
        if any(HIDDEN in each for each in said):
            return "the recording hides a value of it"
        if any("${" in each for each in said):
            return "its values look like a probe's variables"
        for text in said:
            for piece in {text, *_PIECE.findall(unquote(text))}:
                if piece in self._named and piece not in self._captured:
                    return f"it needs {piece}, which no step before it makes"
        return None

    def step(self, one: Recorded, later: Sequence[Recorded]) -> dict[str, Any]:
        """The call, with captures of what later ones name."""
        made: dict[str, Any] = {"call": f"{one.method} {'/'.join(map(self._segment, one.path.split('/')))}"}
        if one.query:
            made["query"] = self._deep(_nested(one.query))
        if fields := self._headers(one):
            made["headers"] = fields
        if one.request.form == "form":
            made["form"] = self._deep(_nested(one.request.value))
        elif one.request.form == "json":
            made["json"] = self._deep(one.request.value)
        elif one.request.form != "none":
            made["body"] = self._filled(str(one.request.value))
        if captures := self._capture(one, later):
            made["capture"] = captures
        made["expect"] = one.status
        return made

    def _headers(self, one: Recorded) -> dict[str, str]:
        """Those that mean something: no type that is meant anyway, and nothing that was drawn by chance."""
        found = {}
        for name, value in pairs(one.request_headers):
            kind = value.partition(";")[0].strip().lower()
            if (name == "content-type" and kind == _USUAL.get(one.request.form)) or "${" in value:
                continue
            if masked(value) == value and HIDDEN not in value:
                found[name] = value
        return found

    def _capture(self, one: Recorded, later: Sequence[Recorded]) -> dict[str, str]:
        if one.status >= 400 or one.response.form != "json":
            return {}
        wanted = {
            piece
            for each in later
            for text in (each.path, *(value for _, value in pairs(each.query)), *_texts(each.request))
            for piece in (text, *_PIECE.findall(unquote(text)))
        }
        found: dict[str, str] = {}
        # The outermost place of an id is the plainest.
        for path, value in sorted(leaves(one.response.value), key=lambda each: len(each[0])):
            known = isinstance(value, str) and value in self._named and value in wanted
            if not known or value in self._captured or any("." in str(step) for step in path):
                continue
            name = self._name(path, value, one.response.value)
            self._captured[value] = name
            found[name] = ".".join(map(str, path))
        return found

    def _name(self, path: Path, value: str, answer: Any) -> str:
        """After the kind of the object, or what stands before the id."""
        holder = answer
        for step in path[:-1]:
            holder = holder[step]
        kind = holder.get("object") if isinstance(holder, Mapping) else None
        words = [str(kind), value.rpartition("_")[0], *(str(step) for step in reversed(path) if step != "id"), "made"]
        name = next(each for each in words if _WORD.fullmatch(each) and each != probes.RUN and kind != each + "s")
        taken = set(self._captured.values())
        number = 1
        while (whole := name if number == 1 else f"{name}_{number}") in taken:
            number += 1
        return whole

    def _filled(self, text: str) -> str:
        if text in self._captured:
            return f"${{{self._captured[text]}}}"
        return _PIECE.sub(
            lambda found: f"${{{self._captured[found.group()]}}}" if found.group() in self._captured else found.group(),
            text,
        )

    def _segment(self, text: str) -> str:
        """Of a path, percent-encoded as it was sent."""
        plain = unquote(text)
        filled = self._filled(plain)
        return text if filled == plain else filled

    def _deep(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._deep(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._deep(each) for each in value]
        return self._filled(value) if isinstance(value, str) else value


def _texts(body: Body) -> list[str]:
    if body.form == "form":
        return [value for _, value in pairs(body.value)]
    if body.form == "json":
        return [value for _, value in leaves(body.value) if isinstance(value, str)]
    return [str(body.value)] if body.form in ("xml", "text") else []


def _nested(found: Mapping[str, Any]) -> Any:
    """Bracketed names as the tree that they mean; as they stand, where they mean none."""
    try:
        return listed(tree(pairs(found)))
    except FormError:
        return dict(found)
