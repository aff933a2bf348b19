"""YAML from elsewhere to plain values: no tags that make objects, no recursion, bounded in size, depth and aliases."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import yaml

from broker.errors import InvalidInput

#: Bytes of a document, steps of nesting, values in it (each alias counts all that it repeats).
MAX_BYTES = 64 << 20
MAX_DEPTH = 100
MAX_VALUES = 2_000_000

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,300})\Z")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]{1,3})?\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None, "True": True, "False": False, "Null": None}
_TEXT, _BINARY = "tag:yaml.org,2002:str", ("tag:yaml.org,2002:binary", "!binary")
_PLAIN = {
    None,
    "!",
    _TEXT,
    "tag:yaml.org,2002:map",
    "tag:yaml.org,2002:seq",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:null",
}

#: ``!ruby/object:URI::HTTP``, ``!str:SafeBuffer``, ``!!python/unicode``: classes of other languages.
_FOREIGN = re.compile(r"!(?:ruby/|str\b|string\b|map:|seq:)|tag:yaml\.org,2002:python/|tag:ruby\.yaml\.org,2002:")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(raw: bytes, name: str, *, foreign: bool = False) -> Any:
    """The value of the first document. Raises InvalidInput, with ``name`` and the line. In a ``foreign`` one the tags
    with which Ruby and Python name their own classes are passed over: nothing is made of them."""
    if len(raw) > MAX_BYTES:
        raise InvalidInput(f"{name}: a cassette has at most {MAX_BYTES >> 20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"{name}: the text is not UTF-8") from None
    builder = _Builder(name, foreign)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if builder.take(event):
                break
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else "?"
        raise InvalidInput(f"{name}, line {line}: not valid YAML: {wrong.problem}") from None
    except yaml.YAMLError as wrong:
        raise InvalidInput(f"{name}: not valid YAML: {' '.join(str(wrong).split())[:200]}") from None
    return builder.value


class _Builder:
    """Events to values: a stack of what is open, instead of calls."""

    def __init__(self, name: str, foreign: bool = False) -> None:
        self.value: Any = None
        self._name = name
        self._foreign = foreign
        #: Open collections with the key that waits for its value, and the number of values when they began.
        self._open: list[tuple[Any, list[Any], str | None, int]] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def take(self, event: Any) -> bool:
        """Whether the document is over."""
        match event:
            case yaml.ScalarEvent():
                self._counted(event, 1)
                # Keys are text, whatever they look like.
                self._add(event, event.value if self._at_key() else self._scalar(event), event.anchor, 1)
            case yaml.AliasEvent():
                if event.anchor not in self._anchors:
                    raise self._wrong(event, f"*{event.anchor} stands before its end")
                value, size = self._anchors[event.anchor]
                self._counted(event, size)
                self._add(event, value, None, size)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._counted(event, 1)
                self._known(event)
                if len(self._open) >= MAX_DEPTH:
                    raise self._wrong(event, "nested too deeply")
                made: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
                self._open.append((made, [], event.anchor, self._count))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                value, _, anchor, begun = self._open.pop()
                self._add(event, value, anchor, self._count - begun + 1)
            case yaml.DocumentEndEvent():
                return True
        return False

    def _at_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1][0], dict) and not self._open[-1][1]

    def _counted(self, event: Any, size: int) -> None:
        self._count += size
        if self._count > MAX_VALUES:
            raise self._wrong(event, "too many values")

    def _add(self, event: Any, value: Any, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._open:
            self.value = value
            return
        holder, waiting, _, _ = self._open[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif waiting:
            holder[waiting.pop()] = value
        else:
            if not isinstance(value, str):
                raise self._wrong(event, "a key must be text")
            if value in holder:
                raise self._wrong(event, f"the key {value[:60]} stands twice")
            waiting.append(value)

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.tag in _BINARY:
            try:
                return base64.b64decode(text)
            except (binascii.Error, ValueError):
                raise self._wrong(event, "not base64") from None
        if self._known(event) or event.style or event.tag in ("!", _TEXT):
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text):
            return int(text)
        return float(text) if _FLOAT.match(text) else text

    def _known(self, event: Any) -> bool:
        """Whether a tag is passed over. Raises InvalidInput for one that means something else here."""
        if event.tag in _PLAIN:
            return False
        if self._foreign and _FOREIGN.match(event.tag):
            return True
        raise self._wrong(event, f"the tag {event.tag} is not supported")

    def _wrong(self, event: Any, problem: str) -> InvalidInput:
        return InvalidInput(f"{self._name}, line {event.start_mark.line + 1}: {problem}")
