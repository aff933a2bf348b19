"""Policy text, YAML or JSON, to a plain value, with the place of every key noted. Imported when text is read."""

from __future__ import annotations

import math
from typing import Any

import yaml

from broker.policy.faults import Faults, Place

_MAX_DEPTH = 40
_MAX_VALUES = 20_000

#: What YAML calls the values that JSON has too. Everything else, times included, is taken as text or refused.
_TEXT_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value"}
_PLAIN_TAGS = {
    "tag:yaml.org,2002:null",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
}


def parse(raw: bytes, faults: Faults) -> Any:
    """The value of one document; what is wrong with it is noted in ``faults``, and then the value means nothing."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeError:
        faults.add((), "the text is not UTF-8")
        return None
    if text.lstrip().startswith("{"):
        # JSON may be indented with tabs, which YAML refuses; inside JSON strings they cannot stand unescaped.
        text = text.replace("\t", " ")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as wrong:
        problem = wrong.problem or "not readable"
        faults.add((), f"not valid YAML: {problem}", mark=wrong.problem_mark or wrong.context_mark)
        return None
    except yaml.YAMLError as wrong:
        faults.add((), "not valid YAML: " + " ".join(str(wrong).split())[:200])
        return None
    except RecursionError:
        faults.add((), "nested too deeply")
        return None
    if node is None:
        faults.add((), "the policy is empty; the smallest one is: version: 1")
        return None
    return _Builder(faults).build(node, ())


class _Builder:
    """Nodes to values. Bounded, because aliases let a short text name an endless value."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._count = 0
        self._scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node, place: Place) -> Any:
        """The node's value; faults are noted and leave None."""
        self._count += 1
        self._faults.marks.setdefault(place, node.start_mark)
        if len(place) > _MAX_DEPTH or self._count > _MAX_VALUES:
            if self._count <= _MAX_VALUES + 1:
                self._faults.add(place[:5], "nested too deeply, or too many values", mark=node.start_mark)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._faults.add(place, "a key must be text", mark=key_node.start_mark)
                continue
            key = str(key_node.value)
            here = (*place, key)
            if key in found:
                first = self._faults.marks[here].line + 1
                self._faults.add(here, f"stands twice (first on line {first}); keep one", mark=key_node.start_mark)
                continue
            self._faults.marks[here] = key_node.start_mark
            found[key] = self.build(value_node, here)
        return found

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        if node.tag in _TEXT_TAGS:
            return node.value
        if node.tag not in _PLAIN_TAGS:
            self._faults.add(place, f"the YAML tag {node.tag} is not supported; write plain text", mark=node.start_mark)
            return None
        try:
            value = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            self._faults.add(place, "not a readable number", mark=node.start_mark)
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._faults.add(place, "must be a finite number", mark=node.start_mark)
            return None
        return value
