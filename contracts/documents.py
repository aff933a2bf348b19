"""Reads OpenAPI documents that nobody here has looked at: JSON or YAML, bounded in size, depth and number of values.

Nothing is fetched. What a document refers to in other files is asked from ``beside``, which the caller bounds to a
folder or to a bundle; all of it becomes one document, whose references lead inside it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

import orjson
import yaml

from contracts.compile.document import CompileError

#: Bytes of a document, with all the files that it refers to.
MAX_BYTES: Final = 20 * 1024 * 1024
#: How deep it may nest: what is compiled later is walked recursively.
MAX_DEPTH: Final = 200
#: Values in it; an alias counts as all that it stands for.
MAX_VALUES: Final = 3_000_000
#: Files that it may refer to.
MAX_FILES: Final = 200

#: Where the other files of a document stand in the one that is made of them.
FILES: Final = "x-files"

#: The content of another file by its path from the document's folder; None when there is none that may be read.
Beside = Callable[[str], bytes | None]

_CORE: Final = "tag:yaml.org,2002:"
_FLOAT: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


def nothing_beside(name: str) -> bytes | None:
    """The ``beside`` of a document that stands alone."""
    return None


def read(content: bytes, *, beside: Beside = nothing_beside, name: str = "") -> dict[str, Any]:
    """The document called ``name`` (a path, when it refers to other files), whole.

    Raises CompileError, which says where: for what is neither JSON nor YAML, no OpenAPI 3.0 or 3.1, or too much.
    """
    document = parse(content)
    version = str(document.get("openapi", ""))
    if not re.match(r"3\.\d", version):
        found = "Swagger 2.0" if str(document.get("swagger", "")).startswith("2") else "no `openapi: 3.x`"
        raise CompileError(f"no OpenAPI 3 document: {found}")
    if not isinstance(document.get("paths", {}), dict):
        raise CompileError("paths: must be a mapping")
    return _Bundle(beside, len(content)).whole(document, name)


def parse(content: bytes) -> dict[str, Any]:
    """A mapping from JSON or YAML. Raises CompileError."""
    if len(content) > MAX_BYTES:
        raise CompileError(f"a document has at most {MAX_BYTES >> 20} MiB")
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as wrong:
        if "depth limit" in wrong.msg or "recursion" in wrong.msg:
            raise CompileError(f"nested deeper than {MAX_DEPTH} levels") from wrong
        if content.lstrip()[:1] == b"{" and b"\n#" not in content:
            raise CompileError(f"not JSON: {wrong.msg} at line {wrong.lineno}, column {wrong.colno}") from wrong
        value = _from_yaml(content)
    if not isinstance(value, dict):
        raise CompileError("neither JSON nor YAML of an OpenAPI document: it is no mapping")
    _bound(value)
    return value


def _bound(value: Any) -> None:
    """Level by level, without recursion: too deep, or too much."""
    level, depth, count = [value], 0, 0
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_DEPTH:
            raise CompileError(f"nested deeper than {MAX_DEPTH} levels")
        if count > MAX_VALUES:
            raise CompileError(f"more than {MAX_VALUES:,} values")
        level = [
            inner
            for node in level
            if type(node) is dict or type(node) is list
            for inner in (node.values() if type(node) is dict else node)
        ]


def _from_yaml(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeError as wrong:
        raise CompileError("the text is not UTF-8") from wrong
    try:
        return _YamlReader(text).value()
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise CompileError(f"neither JSON nor YAML: {wrong.problem or 'not readable'}{place}") from wrong
    except yaml.YAMLError as wrong:
        raise CompileError("neither JSON nor YAML: " + " ".join(str(wrong).split())[:200]) from wrong


class _YamlReader:
    """YAML's events to values, as JSON has them: keys and dates are text. Aliases share what they stand for, and are
    counted as if they did not."""

    def __init__(self, text: str) -> None:
        self._loader: Any = yaml.SafeLoader(text)
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def value(self) -> Any:
        """The one document of the text."""
        loader = self._loader
        while not loader.check_event(yaml.DocumentStartEvent, yaml.StreamEndEvent):
            loader.get_event()
        if loader.check_event(yaml.StreamEndEvent):
            return None
        loader.get_event()
        return self._node(0)

    def _node(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise CompileError(f"nested deeper than {MAX_DEPTH} levels at line {self._line()}")
        event = self._loader.get_event()
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise CompileError(f"line {self._line()}: the alias {str(event.anchor)[:80]} stands for nothing")
            found, size = self._anchors[event.anchor]
            self._counted(size)
            return found
        before = self._count
        self._counted(1)
        made: Any
        if isinstance(event, yaml.ScalarEvent):
            made = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            made = []
            while not self._loader.check_event(yaml.SequenceEndEvent):
                made.append(self._node(depth + 1))
            self._loader.get_event()
        else:
            made = self._mapping(depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (made, self._count - before)
        return made

    def _mapping(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: list[Any] = []
        while not self._loader.check_event(yaml.MappingEndEvent):
            key = self._loader.get_event()
            if not isinstance(key, yaml.ScalarEvent):
                raise CompileError(f"line {key.start_mark.line + 1}: a member's name must be text")
            value = self._node(depth + 1)
            if key.value == "<<" and key.implicit[0]:
                merged += value if isinstance(value, list) else [value]
            else:
                made[key.value] = value
        self._loader.get_event()
        for part in merged:
            if isinstance(part, dict):
                made = {**part, **made}
        return made

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        tag = event.tag or (
            self._loader.resolve(yaml.ScalarNode, text, (True, False)) if event.implicit[0] else _CORE + "str"
        )
        if tag == _CORE + "null":
            return None
        if tag == _CORE + "bool":
            return text.lower() in ("yes", "true", "on")
        if tag == _CORE + "int" and re.fullmatch(r"[-+]?\d{1,18}", text):
            return int(text)
        if tag == _CORE + "float" and _FLOAT.fullmatch(text):
            return float(text)
        return text

    def _counted(self, size: int) -> None:
        self._count += size
        if self._count > MAX_VALUES:
            raise CompileError(f"more than {MAX_VALUES:,} values at line {self._line()}")

    def _line(self) -> int:
        return int(self._loader.line) + 1


class _Bundle:
    """One document made of several files."""

    def __init__(self, beside: Beside, size: int) -> None:
        self._beside = beside
        self._size = size
        self._files: dict[str, Any] = {}
        self._waiting: list[tuple[str, Any]] = []

    def whole(self, document: dict[str, Any], name: str) -> dict[str, Any]:
        self._waiting.append(("", document))
        while self._waiting:
            path, node = self._waiting.pop()
            self._rewrite(node, path, name)
        return {**document, FILES: self._files} if self._files else document

    def _rewrite(self, node: Any, path: str, main: str) -> None:
        """Every reference below ``node``, which stands in the file ``path`` (empty for the main one), to a place in the
        whole document."""
        seen: set[int] = set()
        level = [node]
        while level:
            part = level.pop()
            if type(part) is list:
                level += part
            elif type(part) is dict and id(part) not in seen:
                seen.add(id(part))
                reference = part.get("$ref")
                if isinstance(reference, str):
                    part["$ref"] = self._place(reference, path, main)
                level += part.values()

    def _place(self, reference: str, path: str, main: str) -> str:
        file, _, pointer = reference.partition("#")
        if not file:
            return reference if not path else f"#/{FILES}/{_step(path)}{_pointer(pointer)}"
        if "://" in file or file.startswith("//"):
            raise CompileError(f"{reference[:200]} leads to another address; documents are read without the network")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path or main), unquote(file)))
        if target == posixpath.normpath(main or "."):
            return f"#{_pointer(pointer)}"
        if target.startswith(("/", "..")) or "\x00" in target or "\\" in target:
            raise CompileError(f"{reference[:200]} leads out of the folder of documents")
        if target not in self._files:
            self._files[target] = self._fetched(target, reference)
            self._waiting.append((target, self._files[target]))
        return f"#/{FILES}/{_step(target)}{_pointer(pointer)}"

    def _fetched(self, target: str, reference: str) -> Any:
        if len(self._files) >= MAX_FILES:
            raise CompileError(f"the document refers to more than {MAX_FILES} files")
        content = self._beside(target)
        if content is None:
            raise CompileError(f"{reference[:200]} leads to a file that is not there")
        self._size += len(content)
        if self._size > MAX_BYTES:
            raise CompileError(f"a document has at most {MAX_BYTES >> 20} MiB with all its files")
        try:
            return parse(content)
        except CompileError as wrong:
            raise CompileError(f"{target}: {wrong}") from wrong


def _step(text: str) -> str:
    """One step of a JSON pointer (RFC 6901, section 3)."""
    return text.replace("~", "~0").replace("/", "~1")


def _pointer(text: str) -> str:
    return text if text.startswith("/") or not text else "/" + text


def known_step(step: str) -> str:
    """A step of a JSON pointer in a URI fragment as the member's name that it means (RFC 6901, section 6)."""
    return unquote(step).replace("~1", "/").replace("~0", "~")


def at(document: Mapping[str, Any], reference: str) -> Any:
    """What a reference inside the document leads to. Raises CompileError."""
    node: Any = document
    for step in reference.removeprefix("#").split("/")[1:]:
        name = known_step(step)
        if isinstance(node, Mapping) and (name in node or step in node):
            node = node[name] if name in node else node[step]
        elif isinstance(node, list) and name.isdecimal() and len(name) < 8 and int(name) < len(node):
            node = node[int(name)]
        else:
            raise CompileError(f"{reference[:200]} leads nowhere")
    return node
