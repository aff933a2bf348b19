"""The stripe SDK's files as syntax trees: modules, the scopes that names are looked up in, and what classes hold.

Knows how the SDK is written, and nothing of schemas.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Module:
    """One SDK file: its classes by name, what it imports, and TypedDicts that are made by a call."""

    name: str
    tree: ast.Module
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: dict[str, ast.Call] = field(default_factory=dict)


class Package:
    """The SDK's files, parsed when they are first asked for; ``read`` keeps what was read, for the digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read: dict[str, bytes] = {}
        self._modules: dict[str, Module] = {}

    def module(self, name: str) -> Module:
        """The module with this dotted name (``stripe._customer``)."""
        found = self._modules.get(name)
        if found is None:
            found = self._modules[name] = self._parse(name)
        return found

    def _parse(self, name: str) -> Module:
        inner = "/".join(name.split(".")[1:])
        path = self.folder / f"{inner}.py"
        if not path.is_file():
            path = self.folder / inner / "__init__.py"
        content = path.read_bytes()
        self.read[path.relative_to(self.folder).as_posix()] = content
        module = Module(name, ast.parse(content))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    module.imports[alias.asname or alias.name] = (node.module, alias.name)
        for statement in module.tree.body:
            if isinstance(statement, ast.ClassDef):
                module.classes[statement.name] = statement
            elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        module.calls[target.id] = statement.value
        return module


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an annotation stands: its module and the classes around it, outermost first."""

    module: Module
    classes: tuple[ast.ClassDef, ...] = ()

    def inside(self, definition: ast.ClassDef) -> Scope:
        """The scope of a class that is defined here."""
        return Scope(self.module, (*self.classes, definition))


def elements(node: ast.expr) -> list[ast.expr]:
    """The parts of ``X[a, b]``'s brackets."""
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def alternatives(node: ast.expr) -> list[ast.expr]:
    """The parts of ``a | b | c``."""
    if isinstance(node, ast.BinOp):
        return [*alternatives(node.left), *alternatives(node.right)]
    return [node]


def nested(definition: ast.ClassDef, name: str) -> ast.ClassDef | None:
    """The class called ``name`` that is defined inside another."""
    for statement in definition.body:
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            return statement
    return None


def table(definition: ast.ClassDef, name: str) -> dict[str, Any]:
    """A dict that a class keeps under ``name``, such as ``_field_encodings``; empty when it has none."""
    for statement in definition.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in statement.targets
        ):
            table = ast.literal_eval(statement.value)
            return dict(table)
    return {}


def has_deleted(definition: ast.ClassDef) -> bool:
    """Whether the answer to the object's deletion is a shorter object that says ``deleted``."""
    return any(name == "deleted" for name, _ in annotated(definition))


def object_name(definition: ast.ClassDef, module: Module) -> str:
    """``OBJECT_NAME`` where the SDK says one, else a name made of module and class (``v2.amount``)."""
    for statement in definition.body:
        if isinstance(statement, ast.AnnAssign | ast.Assign) and isinstance(statement.value, ast.Constant):
            targets = [statement.target] if isinstance(statement, ast.AnnAssign) else statement.targets
            if any(isinstance(target, ast.Name) and target.id == "OBJECT_NAME" for target in targets):
                return str(statement.value.value)
    parts = [part.lstrip("_") for part in module.name.split(".")[1:]]
    return ".".join(parts)


def is_typed_dict(definition: ast.ClassDef, module: Module) -> bool:
    """Whether a class describes parameters."""
    bases = {ast.unparse(base).split(".")[-1] for base in definition.bases}
    return bool(bases & {"TypedDict", "RequestOptions"}) or any(base in module.calls for base in bases)


def typed_members(definition: ast.ClassDef, module: Module) -> list[tuple[str, ast.expr]]:
    """Name and annotation of every member, those of a base made by ``TypedDict("X", {...})`` first: the SDK uses that
    form for names that Python reserves (``from``, ``in``)."""
    members: list[tuple[str, ast.expr]] = []
    for base in definition.bases:
        call = module.calls.get(ast.unparse(base))
        if call is not None and isinstance(call.args[1], ast.Dict):
            table = call.args[1]
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant):
                    members.append((str(key.value), value))
    members += [(name, statement.annotation) for name, statement in annotated(definition)]
    return members


def annotated(definition: ast.ClassDef) -> Iterator[tuple[str, ast.AnnAssign]]:
    """Every annotated name of a class, in order."""
    for statement in definition.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement
