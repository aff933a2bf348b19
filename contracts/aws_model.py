"""The shapes and operations of an AWS service model (botocore's rest-xml form), resolved on first use.

Only what the wire needs: where each member travels, its type and its limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ShapeType = Literal["structure", "list", "map", "string", "integer", "long", "boolean", "timestamp", "blob"]
Location = Literal["uri", "querystring", "header", "headers", "body"]

#: Enums that the service itself keeps open, so a value outside the model is no violation.
#: BucketLocationConstraint: regions are added faster than models; the service answers InvalidLocationConstraint itself.
#: BucketCannedACL: lacks log-delivery-write and those that S3 ignores (docs.aws.amazon.com/AmazonS3/latest/userguide/
#: acl-overview.html, Canned ACL); the service refuses others itself.
#: ChecksumMode, RequestPayer: only their one value has an effect, others are ignored
#: (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html: "must be ENABLED to retrieve the checksum").
#: FilterRuleName: capitals are taken, and S3 itself tells "Prefix" (aws/aws-sdk issue 389); others it refuses itself.
#: Protocol, of a website's redirects: the service refuses others itself.
OPEN_ENUMS = frozenset(
    ("BucketCannedACL", "BucketLocationConstraint", "ChecksumMode", "FilterRuleName", "Protocol", "RequestPayer")
)

#: Dates that a recipient must ignore when it cannot read them: RFC 9110, 13.1.3 and 13.1.4.
LENIENT_DATES = frozenset({"if-modified-since", "if-unmodified-since"})


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One type of the model. ``element`` is a list's item, ``value`` a map's."""

    name: str
    type: ShapeType
    members: tuple[Member, ...] = ()
    required: tuple[str, ...] = ()
    payload: str | None = None
    enum: frozenset[str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    timestamp_format: str | None = None
    element: Reference | None = None
    flattened: bool = False
    event_stream: bool = False
    #: A structure's members by their name on the wire.
    by_wire: Mapping[str, Member] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One member of a structure: ``name`` for people and handlers, ``wire`` on the wire."""

    name: str
    wire: str
    location: Location
    reference: Reference
    streaming: bool = False
    flattened: bool = False
    attribute: bool = False

    @property
    def shape(self) -> Shape:
        """The member's type."""
        return self.reference.shape


class Reference:
    """A shape by name, looked up on first use: shapes may contain themselves."""

    __slots__ = ("_model", "_shape", "name", "wire")

    def __init__(self, model: Model, name: str, wire: str | None = None) -> None:
        self._model = model
        self.name = name
        self.wire = wire
        self._shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        """The named shape."""
        if self._shape is None:
            self._shape = self._model.shape(self.name)
        return self._shape


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The input or output of an operation, members sorted by where they travel.

    ``headers`` is keyed by lower-case field name, ``query`` by parameter name. ``prefixed`` are maps that
    take every field with their prefix (``x-amz-meta-``). ``payload`` is the member that is the whole body;
    without one, ``body`` are the members of the XML document ``root``.
    """

    shape: Shape
    root: str
    uri: Mapping[str, Member] = field(default_factory=dict)
    query: Mapping[str, Member] = field(default_factory=dict)
    headers: Mapping[str, Member] = field(default_factory=dict)
    prefixed: tuple[Member, ...] = ()
    payload: Member | None = None
    body: Mapping[str, Member] = field(default_factory=dict)
    required: tuple[Member, ...] = ()


class Model:
    """A compiled service model: ``document`` as ``broker contracts compile`` wrote it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._shapes: Mapping[str, Any] = document["shapes"]
        self._roots: Mapping[str, str] = document["roots"]
        self.namespace: str = document["namespace"]
        self.operations: Mapping[str, Any] = document["operations"]
        self._resolved: dict[str, Shape] = {}
        self._sides: dict[tuple[str, str], Side | None] = {}

    def shape(self, name: str) -> Shape:
        """The shape called ``name``."""
        found = self._resolved.get(name)
        if found is None:
            found = self._resolved[name] = self._resolve(name, self._shapes[name])
        return found

    def input(self, operation: str) -> Side | None:
        """What ``operation`` takes, None when it takes nothing."""
        return self._side(operation, "input")

    def output(self, operation: str) -> Side | None:
        """What ``operation`` answers, None when it answers nothing."""
        return self._side(operation, "output")

    def _side(self, operation: str, which: str) -> Side | None:
        key = (operation, which)
        if key not in self._sides:
            reference = self.operations[operation].get(which)
            self._sides[key] = None if reference is None else self._sorted(operation, which, reference)
        return self._sides[key]

    def _sorted(self, operation: str, which: str, reference: Mapping[str, Any]) -> Side:
        shape = self.shape(reference["shape"])
        at: dict[str, list[Member]] = {}
        for member in shape.members:
            at.setdefault(member.location, []).append(member)
        body: Sequence[Member] = at.get("body", ())
        payload = next((m for m in body if m.name == shape.payload), None)
        return Side(
            shape=shape,
            root=self._root(operation, which, reference, payload),
            uri={m.wire: m for m in at.get("uri", ())},
            query={m.wire: m for m in at.get("querystring", ())},
            headers={m.wire.lower(): m for m in at.get("header", ())},
            prefixed=tuple(at.get("headers", ())),
            payload=payload,
            body={} if payload is not None else {m.wire: m for m in body},
            required=tuple(m for m in shape.members if m.name in shape.required),
        )

    def _root(self, operation: str, which: str, reference: Mapping[str, Any], payload: Member | None) -> str:
        """The name of the body's outermost element."""
        if which == "output" and operation in self._roots:
            return self._roots[operation]
        if payload is not None:
            return payload.wire
        return str(reference.get("locationName") or reference["shape"])

    def _resolve(self, name: str, raw: Mapping[str, Any]) -> Shape:
        element = raw.get("member") or raw.get("value")
        members = tuple(self._member(key, value) for key, value in raw.get("members", {}).items())
        return Shape(
            name=name,
            type=raw["type"],
            members=members,
            by_wire={member.wire: member for member in members},
            required=tuple(raw.get("required", ())),
            payload=raw.get("payload"),
            enum=frozenset(raw["enum"]) if "enum" in raw and name not in OPEN_ENUMS else None,
            minimum=raw.get("min"),
            maximum=raw.get("max"),
            timestamp_format=raw.get("timestampFormat"),
            element=None if element is None else Reference(self, element["shape"], element.get("locationName")),
            flattened=raw.get("flattened", False),
            event_stream=raw.get("eventstream", False),
        )

    def _member(self, name: str, raw: Mapping[str, Any]) -> Member:
        # A flattened list takes its element's name when the member has none (botocore/serialize.py).
        wire = raw.get("locationName")
        target = self._shapes[raw["shape"]]
        flattened = bool(raw.get("flattened") or target.get("flattened"))
        if wire is None and flattened and target["type"] == "list":
            wire = target["member"].get("locationName")
        return Member(
            name=name,
            wire=wire or name,
            location=raw.get("location", "body"),
            reference=Reference(self, raw["shape"]),
            streaming=bool(raw.get("streaming") or target.get("streaming")),
            flattened=flattened,
            attribute=bool(raw.get("xmlAttribute")),
        )
