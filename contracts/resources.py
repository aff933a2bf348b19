"""Which resources an API has, read off the shape of its operations alone.

``POST /things`` beside ``GET /things/{thing_id}`` is a resource; ``GET`` and ``PATCH /user/profile`` a
single one that is always there; ``/things/{thing_id}/parts/{id}`` a resource with a parent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from contracts.contract import Action, Operation, ResourceShape
from contracts.generate import Schema, flattened, types

_PARAMETER: Final = re.compile(r"\{([^}]+)\}")
#: A path segment that names a version of the API and nothing else.
_VERSION: Final = re.compile(r"v?\d[\d.-]*$|v\d\w*$")
#: Suffixes that some APIs write behind the last segment (``/Messages.json``).
_SUFFIX: Final = re.compile(r"\.(json|xml)$")

_BLANK: Final = "{}"
#: The words of a name like contactId or userEmail.
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")

#: Members that carry an object's id where no parameter says so, the likeliest first.
_IDS: Final = ("id", "sid", "uuid", "uid", "username", "name", "key", "email", "hostname")
#: Members under which lists keep their objects, the likeliest first.
_ITEMS: Final = ("data", "result", "results", "items", "values", "records")

#: Members of an answer that holds one object and little beside it.
_LITTLE: Final = 4
#: Members that say something about the object, and are never it.
_ABOUT: Final = ("metadata", "meta", "_metadata", "_meta", "links", "_links", "pagination")

#: Which method changes a resource, the likeliest first.
_UPDATES: Final = ("PATCH", "POST", "PUT")

#: The schema of an operation's success answer, None when it has no body.
Answers = Callable[[Operation], Schema | None]
_Methods = dict[str, Operation]


def recognise(
    operations: Iterable[Operation], answers: Answers, schemas: Mapping[str, Schema], *, wrapped: bool = False
) -> dict[str, ResourceShape]:
    """The resources of an API by name.

    An operation that names its resource (``Operation.resource``) decides the name; others are called after
    the fixed segments of their path (``asm.group``). With ``wrapped`` an object may stand in a member of its answer
    as well (``{"thing": {"id": ...}}``).
    """
    paths: dict[str, _Methods] = {}
    for operation in operations:
        # The same place may be written with other parameter names (/transfers/{id}, /transfers/{transfer}/...).
        blank = _PARAMETER.sub(_BLANK, _plain(operation.path))
        paths.setdefault(blank, {})[operation.method] = operation
    reader = _Reader(answers, schemas, wrapped=wrapped)
    found: list[tuple[str, ResourceShape]] = []
    used: set[str] = set()
    for blank, methods in paths.items():
        collection, _, last = blank.rpartition("/")
        if last == _BLANK:
            used.add(collection)
            path = _plain(next(iter(methods.values())).path)
            if shape := reader.item(path, methods, paths.get(collection, {})):
                found.append((path, shape))
    for blank, methods in paths.items():
        if blank not in used and not blank.endswith(_BLANK):
            path = _plain(next(iter(methods.values())).path)
            if shape := reader.single(path, methods):
                found.append((path, shape))
    return _named(found)


def _named(found: Sequence[tuple[str, ResourceShape]]) -> dict[str, ResourceShape]:
    """The shapes by name. Of two that are called alike, the one that can be made and stands nearer to the root keeps
    the name; the other is called after its path."""
    shapes: dict[str, ResourceShape] = {}
    for path, shape in sorted(found, key=lambda pair: ("create" not in pair[1].operations, len(pair[1].parents))):
        name = next(name for name in (shape.name, path_name(path), path) if name not in shapes)
        shapes[name] = shape if name == shape.name else _renamed(shape, name)
    return shapes


def _renamed(shape: ResourceShape, name: str) -> ResourceShape:
    return ResourceShape(name, shape.id_field, shape.id_parameter, shape.parents, shape.operations, shape.items)


class _Reader:
    """Looks into the answers of the operations at one path."""

    def __init__(self, answers: Answers, schemas: Mapping[str, Schema], *, wrapped: bool) -> None:
        self.answers = answers
        self.schemas = schemas
        self.wrapped = wrapped

    def item(self, path: str, item: _Methods, collection: _Methods) -> ResourceShape | None:
        """The resource whose objects stand at ``path`` and whose collection is one segment above."""
        found: dict[Action, Operation] = {}
        if "POST" in collection:
            found["create"] = collection["POST"]
        if "GET" in item:
            found["retrieve"] = item["GET"]
        if update := next((item[method] for method in _UPDATES if method in item), None):
            found["update"] = update
        if "DELETE" in item:
            found["delete"] = item["DELETE"]
        items: tuple[str, ...] | None = None
        if "GET" in collection and (items := self.items(collection["GET"], path)) is not None:
            found["list"] = collection["GET"]
        if not found:
            return None
        *parents, parameter = _PARAMETER.findall(path)
        noun = path_name(path).rpartition(".")[2]
        id_field = _id_field(self._object(found, noun), parameter, noun, parents)
        self._addressable(found, id_field, noun)
        return ResourceShape(
            name=_resource(found) or path_name(path),
            id_field=id_field,
            id_parameter=parameter,
            parents=tuple(parents),
            operations=found,
            items=items if items is not None else ("data",),
        )

    def single(self, path: str, methods: _Methods) -> ResourceShape | None:
        """What stands at a path without an item below it: settings that are always there, or a collection
        whose objects cannot be addressed one by one."""
        get = methods.get("GET")
        update = next((methods[method] for method in _UPDATES if method in methods), None)
        if get is None or update is None:
            return None
        parents = tuple(_PARAMETER.findall(path))
        name = get.resource or path_name(path)
        items = self.items(get, path)
        if items is not None and "POST" in methods:
            operations: dict[Action, Operation] = {"list": get, "create": methods["POST"]}
            id_field = _id_field(self._object(operations), "", "", parents)
            self._addressable(operations, id_field)
            return ResourceShape(name, id_field, None, parents, operations, items) if "create" in operations else None
        if items is not None:
            return None
        operations = {"retrieve": get, "update": update}
        if "DELETE" in methods:
            operations["delete"] = methods["DELETE"]
        return ResourceShape(name, "", None, parents, operations, ())

    def items(self, operation: Operation, path: str) -> tuple[str, ...] | None:
        """Where a list answer keeps its objects, None when the answer is no list."""
        schema = self.answers(operation)
        if schema is None:
            return None
        flat = flattened(schema, self.schemas)
        if "array" in types(flat):
            return ()
        arrays = [
            name for name, part in flat.get("properties", {}).items() if "array" in types(flattened(part, self.schemas))
        ]
        plural = _words(path)[-1:]
        for name in (*_ITEMS, *plural):
            if name in arrays:
                return (name,)
        # One array and little beside it is a list; one among many members is just a member.
        return (arrays[0],) if len(arrays) == 1 and len(flat.get("properties", {})) <= 4 else None

    def _addressable(self, found: dict[Action, Operation], id_field: str, noun: str = "") -> None:
        """Drop a create whose answer does not tell the id of what was made: nobody could ask for it again."""
        if "create" in found and id_field not in self._properties(self.answers(found["create"]), noun):
            del found["create"]

    def _object(self, found: Mapping[Action, Operation], noun: str = "") -> Mapping[str, Any]:
        """The members of the object that these operations answer with."""
        known: dict[str, Any] = {}
        for action in ("update", "create", "retrieve"):
            if action in found:
                known.update(self._properties(self.answers(found[action]), noun))
        return known

    def _properties(self, schema: Schema | None, noun: str = "") -> Mapping[str, Any]:
        properties: Mapping[str, Any] = {} if schema is None else flattened(schema, self.schemas).get("properties", {})
        if not self.wrapped or not noun or not properties or not properties.keys().isdisjoint(_IDS):
            return properties
        inside = {
            name: flat["properties"]
            for name, part in properties.items()
            if (flat := flattened(part, self.schemas)).get("properties") and "array" not in types(flat)
        }
        # The member that is called like the resource, or the only one that is an object.
        wanted = next((name for name in inside if _alike(name, noun)), None)
        if wanted is None and len(inside) == 1 and len(properties) <= _LITTLE and inside.keys().isdisjoint(_ABOUT):
            wanted = next(iter(inside))
        return properties if wanted is None else inside[wanted]


def _alike(name: str, noun: str) -> bool:
    return "".join(_CAMEL.findall(name)).lower() == "".join(_CAMEL.findall(noun)).lower()


def _resource(found: Mapping[Action, Operation]) -> str | None:
    for action in ("retrieve", "create", "update", "delete", "list"):
        if action in found and found[action].resource:
            return found[action].resource
    return None


def _id_field(known: Mapping[str, Any], parameter: str, noun: str, parents: Sequence[str]) -> str:
    """The member of an object that ``parameter`` of its path means; a parent's id is never it."""
    named = parameter.rpartition("_")[2]
    # userEmail of a path is the member email, and contactId may be called contact_id.
    words = [word.lower() for word in _CAMEL.findall(parameter)]
    snake = "_".join(words)
    # org_name of /orgs/{org_name} is the org's name.
    own = parameter.removeprefix(f"{noun}_") if noun else parameter
    last = words[-1] if len(words) > 1 and ("_" not in parameter or own != parameter) and words[-1] != "id" else ""
    for name in (parameter, snake, f"{noun}_id" if noun else "", f"{noun}Id" if noun else "", last, *_IDS, named):
        if name and name in known and name not in parents:
            return name
    return parameter or "id"


def told(shape: ResourceShape) -> dict[str, Any]:
    """``shape`` as facts: its operations by id."""
    return {
        "name": shape.name,
        "id_field": shape.id_field,
        "id_parameter": shape.id_parameter,
        "parents": list(shape.parents),
        "operations": {action: operation.id for action, operation in shape.operations.items()},
        "items": list(shape.items),
    }


def read(facts: Mapping[str, Any], operations: Mapping[str, Operation]) -> ResourceShape:
    """The shape that ``told`` wrote down."""
    return ResourceShape(
        name=facts["name"],
        id_field=facts["id_field"],
        id_parameter=facts["id_parameter"],
        parents=tuple(facts["parents"]),
        operations={action: operations[name] for action, name in facts["operations"].items()},
        items=tuple(facts["items"]),
    )


def success_schema(responses: Mapping[str, Any], status: int) -> Schema | None:
    """The schema of a success answer among an operation's compiled ``responses``: by status, range or default."""
    for name in (str(status), f"{status // 100}XX", "default"):
        if name in responses:
            schema: Schema | None = responses[name].get("schema")
            return schema
    return None


def path_name(path: str) -> str:
    """``asm.group`` for ``/v3/asm/groups/{group_id}``: its last two fixed segments in the singular."""
    words = [singular(word) for word in _words(path)]
    return ".".join(words[-2:]) or path


def _words(path: str) -> Sequence[str]:
    segments = [segment for segment in path.strip("/").split("/") if not _PARAMETER.search(segment)]
    return [word for word in segments if not _VERSION.fullmatch(word)] or segments


def _plain(path: str) -> str:
    return _SUFFIX.sub("", path.rstrip("/"))


def singular(word: str) -> str:
    """``companies`` -> ``company``, ``addresses`` -> ``address``, ``lists`` -> ``list``."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "uses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
