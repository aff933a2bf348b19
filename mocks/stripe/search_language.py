"""Stripe's search query language: ``email~"amy" AND -metadata["tier"]:"gold" AND created>1700000000``.

https://docs.stripe.com/search#search-query-language (2026-11): clauses are joined by a space or AND, or all of them by
OR; never both, and there are no parentheses. Matches are case insensitive. Pure: text in, a question to objects out.
The page says what is refused, and not in which words: wording ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from mocks.stripe.errors import invalid

#: What a field holds: a ``token`` is matched whole, a ``string`` also in part, a ``numeric`` compared.
Type = Literal["token", "string", "numeric"]
#: Field -> type; a ``*`` stands for one step of a path (``payment_method_details.*.last4``).
Fields = Mapping[str, Type]

MOST_CLAUSES = 10
SHORTEST_PART = 3

TEXT = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
CLAUSE = re.compile(
    rf"(?P<no>-)?(?P<field>[A-Za-z_][\w.]*)(?:\[\s*(?P<key>{TEXT})\s*\])?\s*(?P<op>>=|<=|[:~><=])\s*"
    rf"(?P<value>{TEXT}|-?\d+(?:\.\d+)?|null|true|false)(?=\s|\Z)",
    re.IGNORECASE,
)
JOINT = re.compile(r"\s+(?:(and|or)\s+)?", re.IGNORECASE)

COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    ":": lambda have, want: have == want,
    "=": lambda have, want: have == want,
    ">": lambda have, want: have > want,
    "<": lambda have, want: have < want,
    ">=": lambda have, want: have >= want,
    "<=": lambda have, want: have <= want,
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. ``value`` None asks for what is not there (``null``)."""

    path: tuple[str, ...]
    type: Type
    op: str
    value: str | None
    negated: bool

    def holds(self, object: Mapping[str, Any]) -> bool:
        """Whether an object meets it."""
        return self._meets(_at(object, self.path)) != self.negated

    def _meets(self, found: Any) -> bool:
        if self.value is None or found is None:
            return self.value is None and found is None
        if self.type == "numeric":
            return COMPARE[self.op](Decimal(str(found)), Decimal(self.value))
        text = _text(found).casefold()
        wanted = self.value.casefold()
        return wanted in text if self.op == "~" else wanted == text


@dataclass(frozen=True, slots=True)
class Query:
    """All clauses, joined by AND, or by OR when ``any``."""

    clauses: Sequence[Clause]
    any: bool

    def matches(self, object: Mapping[str, Any]) -> bool:
        """Whether an object is found by it."""
        answers = (clause.holds(object) for clause in self.clauses)
        return any(answers) if self.any else all(answers)


def parse(text: str, fields: Fields, resource: str) -> Query:
    """The query in ``text`` over a resource (``payment_intents``); raises ServiceError as Stripe refuses it."""
    text = text.strip()
    clauses: list[Clause] = []
    joints: set[str] = set()
    place = 0
    while True:
        match = CLAUSE.match(text, place)
        if match is None:
            raise _unreadable()
        clauses.append(_clause(match, fields, resource))
        place = match.end()
        if place == len(text):
            break
        joint = JOINT.match(text, place)
        if joint is None:
            raise _unreadable()
        joints.add((joint[1] or "and").lower())
        place = joint.end()
    if len(joints) > 1:
        raise invalid("You cannot use both `AND` and `OR` in the same search query.")
    if len(clauses) > MOST_CLAUSES:
        raise invalid(f"You can use up to {MOST_CLAUSES} clauses in a search query.")
    return Query(clauses, joints == {"or"})


def _clause(match: re.Match[str], fields: Fields, resource: str) -> Clause:
    field, op = match["field"], match["op"]
    key = None if match["key"] is None else _unquoted(match["key"])
    kind = _type(field, key, fields, resource)
    raw = match["value"]
    quoted = raw[0] in "\"'"
    value = None if raw.lower() == "null" else _unquoted(raw) if quoted else raw
    allowed = {"token": ":", "string": ":~", "numeric": ":=<=>="}[kind]
    if op not in allowed:
        raise invalid(f"Field `{field}` does not support the operator `{op}`.")
    if value is not None:
        _check_value(field, kind, op, value, quoted)
    path = tuple(field.split(".")) if key is None else (field, key)
    return Clause(path, kind, op, value, match["no"] is not None)


def _type(field: str, key: str | None, fields: Fields, resource: str) -> Type:
    if field == "metadata":
        if key is None:
            raise _unreadable()
        return "token"
    found = None if key is not None else fields.get(field) or fields.get(_wild(field))
    if found is None:
        page = resource.replace("_", "-")
        raise invalid(
            f"`{field}` is no field that {resource} can be searched by: "
            f"https://docs.stripe.com/search#query-fields-for-{page} lists them."
        )
    return found


def _wild(field: str) -> str:
    steps = field.split(".")
    return ".".join([steps[0], "*", *steps[2:]]) if len(steps) > 2 else field


def _check_value(field: str, type: Type, op: str, value: str, quoted: bool) -> None:
    if type == "numeric":
        try:
            Decimal(value)
        except InvalidOperation:
            raise invalid(f"Field `{field}` is numeric; `{value}` is not a number.") from None
    elif not quoted and value.lower() not in ("true", "false"):
        raise _unreadable()
    elif op == "~" and len(value) < SHORTEST_PART:
        raise invalid(f"The `~` operator needs at least {SHORTEST_PART} characters.")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _unreadable() -> Exception:
    return invalid(
        'This search query cannot be read. Its clauses look like `email:"amy@example.com"` or '
        '`metadata["tier"]:"gold"`: https://docs.stripe.com/search#search-query-language.'
    )


def _at(object: Mapping[str, Any], path: Sequence[str]) -> Any:
    """The value at a path, None where it ends early. What is empty is not there."""
    found: Any = object
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return None if found == "" else found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
