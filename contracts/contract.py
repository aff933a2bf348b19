"""The promise of one provider's API, whatever document it was read from.

A contract matches a request to an operation, reads its parameters, writes an answer and checks one.
It holds facts only and knows neither environments nor behaviour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from contracts.exchange import Request, Response

#: Where in an exchange a violation was found.
Place = Literal["path", "query", "header", "body"]

#: Which promise was broken. Services map these to the provider's own error codes.
RuleName = Literal[
    "malformed",  # not decodable at all: broken JSON, form, XML, charset
    "required",  # missing
    "unknown",  # not part of the operation
    "type",  # another type than promised, and not coercible to it
    "enum",  # not one of the allowed values
    "minimum",
    "maximum",
    "min_length",
    "max_length",
    "min_items",
    "max_items",
    "pattern",
    "format",
    "conflict",  # parameters that exclude each other, or a union of which no variant fits
    "too_deep",  # nested deeper than the decoder accepts
    "status",  # an answer with a status that the operation does not name
    "content_type",
]

#: What an operation does to the resource that it names, as far as its shape tells.
Action = Literal["create", "retrieve", "update", "delete", "list", "search", "other"]

#: How the request's body is encoded on the wire.
Encoding = Literal["none", "form", "json", "xml", "multipart", "bytes"]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of an API: its name, where it is reached and what it is about.

    ``id`` is unique in the contract (``customers.create``, ``PutObject``, ``SendMail``); ``path`` is
    the template with ``{names}``. ``resource`` names the object that it works on when the contract
    tells (``customer``). Operations compare by identity, so they can key a dict.
    """

    id: str
    method: str
    path: str
    resource: str | None = None
    action: Action = "other"
    encoding: Encoding = "none"
    success_status: int = 200
    #: The body is opaque bytes: it is handed on as a stream and never held in memory.
    streams_request: bool = False
    streams_response: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A request's operation, with the path parameters percent-decoded."""

    operation: Operation
    path: Mapping[str, str]


@dataclass(slots=True)
class Params:
    """The parameters of one request, decoded, coerced and validated.

    By place in ``path``, ``query``, ``header`` and ``body`` (``None`` when there is none; opaque bodies
    stay in the request). ``params["name"]`` looks the name up in path, query, header and then the
    body's members, which is how handlers usually ask.
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    #: All of them by name, once nothing is added any more: see ``settle``.
    _all: dict[str, Any] | None = field(default=None, repr=False, compare=False)

    def settle(self) -> Params:
        """Nothing is added to any place from now on, so a name is looked up once."""
        own = self.body if isinstance(self.body, Mapping) else {}
        self._all = {**own, **self.header, **self.query, **self.path}
        return self

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter called ``name`` wherever it stands, else ``default``."""
        if self._all is not None:
            return self._all.get(name, default)
        for place in (self.path, self.query, self.header):
            if name in place:
                return place[name]
        if isinstance(self.body, Mapping) and name in self.body:
            return self.body[name]
        return default

    def __getitem__(self, name: str) -> Any:
        found = self.get(name, _MISSING)
        if found is _MISSING:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        if self._all is not None:
            return name in self._all
        return isinstance(name, str) and self.get(name, _MISSING) is not _MISSING

    def members(self) -> dict[str, Any]:
        """Query and body members together: what the caller asked for, without path and headers."""
        found = dict(self.query)
        if isinstance(self.body, Mapping):
            found.update(self.body)
        return found

    def __iter__(self) -> Iterator[str]:
        seen = {**self.path, **self.query, **self.header}
        if isinstance(self.body, Mapping):
            seen.update(self.body)
        return iter(seen)


_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: where, which rule, and in plain words what to do about it.

    ``pointer`` walks from the place inwards (``("items", 0, "price")``). ``message`` never repeats a
    value, which may be a secret; ``expected`` holds what the contract wants (a type name, the enum's
    members, a limit) and ``value`` what was there, for errors in the provider's own words.
    """

    place: Place
    pointer: tuple[str | int, ...]
    rule: RuleName
    message: str
    expected: Any = None
    value: Any = None

    @property
    def where(self) -> str:
        """``body.items[0].price``: the place for people."""
        text: str = self.place
        for step in self.pointer:
            text += f"[{step}]" if isinstance(step, int) else f".{step}"
        return text


class ContractViolation(Exception):
    """A request that its contract refuses. ``violations`` is never empty; the first one is the most telling. ``params``
    are as far as they could be read: of no promised type, and only for who sends the request on all the same."""

    def __init__(self, operation: Operation, violations: Sequence[Violation], params: Params | None = None) -> None:
        self.operation = operation
        self.violations = tuple(violations)
        self.params = params
        super().__init__(f"{operation.id}: " + "; ".join(f"{v.where}: {v.message}" for v in self.violations))


@dataclass(frozen=True, slots=True)
class ResourceShape:
    """A resource that a contract lets us recognise: its operations by action and how it is identified.

    ``id_field`` is the member of the object that carries its id, ``id_parameter`` the path parameter
    that does; ``parents`` are the other path parameters, outermost first. ``items`` is where a list
    answer keeps its objects (``("data",)``), and () when the answer itself is the array.
    """

    name: str
    id_field: str
    id_parameter: str | None
    parents: tuple[str, ...] = ()
    operations: Mapping[Action, Operation] = field(default_factory=dict)
    items: tuple[str, ...] = ("data",)


@runtime_checkable
class Contract(Protocol):
    """What every source of facts becomes. All methods are pure and safe to call concurrently."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def operations(self) -> Mapping[str, Operation]:
        """Every operation by id."""
        ...

    def match(self, request: Request) -> Match | None:
        """The operation that the request's method, path and query address, in constant time."""
        ...

    def methods(self, path: str) -> frozenset[str]:
        """The methods that some operation accepts at ``path``: empty when the path itself is unknown."""
        ...

    def read(self, match: Match, request: Request) -> Params:
        """Decode, coerce and validate; raises ContractViolation. The body must be in ``request.body``
        unless the operation streams it."""
        ...

    def write(self, operation: Operation, value: Any, status: int | None = None) -> Response:
        """The answer that carries ``value`` in this wire protocol, with ``Response.value`` set.
        ``status`` defaults to the operation's success status."""
        ...

    def check(self, operation: Operation, response: Response) -> Sequence[Violation]:
        """What the answer breaks: empty for a true one."""
        ...

    def resources(self) -> Mapping[str, ResourceShape]:
        """The resources that the contract's shape gives away, for the generic engine."""
        ...

    def example(self, operation: Operation, params: Params, seed: int = 0, now: datetime | None = None) -> Any:
        """A schema-true value of the operation's success answer; the same for the same arguments. Members that
        the path or the body names are echoed where the answer has room for them (contracts.generate says how);
        ``now`` fills what is a time by its name or format."""
        ...


@runtime_checkable
class Observing(Protocol):
    """A contract that says more of a real answer than what it breaks."""

    def observe(self, operation: Operation, response: Response, broken: Sequence[Violation]) -> Sequence[Violation]:
        """``broken``, which its check found, without what is somebody's data in pointers; and what the answer holds
        that the contract neither names nor forbids: members (``unknown``), words of open enums and codes of errors
        (``enum``). Not for the way of a call. The answer's ``value`` is used where it has one."""
        ...
