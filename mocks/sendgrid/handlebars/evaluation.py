"""Renders a template that was read with the values that a mail brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mocks.sendgrid.handlebars import built_ins, values
from mocks.sendgrid.handlebars.built_ins import Turn
from mocks.sendgrid.handlebars.faults import TemplateFault, Work
from mocks.sendgrid.handlebars.tree import Block, Branch, Expression, Invocation, Literal, Node, Output, Path, Text


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a part of a template stands: its context, the scope of the context around it, what ``@`` names, the frame
    around that, and what ``as |...|`` names."""

    context: Any
    outer: _Scope | None
    at: Mapping[str, Any]
    outer_at: _At | None
    named: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _At:
    at: Mapping[str, Any]
    outer: _At | None


def evaluate(body: Sequence[Node], context: Any, work: Work) -> str:
    """The text of a template. Raises TemplateFault, for work that exceeds what is left of ``work``, too."""
    written: list[str] = []
    _render(body, _Scope(context, None, {"root": context}, None, {}), work, written)
    return "".join(written)


def _render(body: Sequence[Node], scope: _Scope, work: Work, written: list[str]) -> None:
    for node in body:
        if isinstance(node, Text):
            written.append(work.write(node.value))
        elif isinstance(node, Output):
            work.step()
            value = values.text(_value(node.call, scope, work), work.step)
            written.append(work.write(values.escaped(value) if node.escaped else value))
        elif isinstance(node, Block):
            work.step()
            _render_block(node, scope, work, written)


def _render_block(block: Block, scope: _Scope, work: Work, written: list[str]) -> None:
    """The first of the branches whose call says so, else the one without a call."""
    for place, branch in enumerate(block.branches):
        work.step()
        if branch.call is None:
            _render(branch.body, scope, work, written)
            return
        turns = _turns(branch.call, scope, work)
        if block.inverted:
            other = block.branches[place + 1].body if place + 1 < len(block.branches) else ()
            _render_turns(turns, replace_body(branch, other), scope, work, written)
            if turns is None:
                _render(branch.body, scope, work, written)
            return
        if turns is not None:
            _render_turns(turns, branch, scope, work, written)
            return


def replace_body(branch: Branch, body: Sequence[Node]) -> Branch:
    """The branch with another body: ``{{^a}}`` renders its own where there is no ``a``."""
    return replace(branch, body=list(body))


def _render_turns(turns: Iterator[Turn] | None, branch: Branch, scope: _Scope, work: Work, written: list[str]) -> None:
    for turn in turns or ():
        work.step()
        _render(branch.body, _inner(scope, turn, branch), work, written)


def _inner(scope: _Scope, turn: Turn, branch: Branch) -> _Scope:
    outer = scope.outer if values.same(turn.context, scope.context) else scope
    at, outer_at = scope.at, scope.outer_at
    if turn.at is not None:
        at, outer_at = {**scope.at, **turn.at}, _At(scope.at, scope.outer_at)
    named = {**scope.named, **dict(zip(branch.names, turn.named, strict=False))} if branch.names else scope.named
    return _Scope(turn.context, outer, at, outer_at, named)


def _turns(call: Invocation, scope: _Scope, work: Work) -> Iterator[Turn] | None:
    name = _name_of(call, scope)
    if name in built_ins.BLOCKS or name in built_ins.COMPARISONS:
        return built_ins.turns(name, _arguments(call, scope, work), _named(call, scope, work), scope.context, work)
    value = _value(call, scope, work)
    # {{#name}}: a list is walked, true keeps the context, anything else that is something becomes it.
    if isinstance(value, list):
        return built_ins.each(value) if value else None
    if value is None or value is False:
        return None
    return iter([Turn(scope.context if value is True else value)])


def _name_of(call: Invocation, scope: _Scope) -> str:
    """The name that a helper may have; empty for what cannot name one."""
    target = call.target
    if isinstance(target, Path) and target.simple and target.steps[0] not in scope.named:
        return target.steps[0]
    return ""


def _value(expression: Expression, scope: _Scope, work: Work) -> Any:
    if isinstance(expression, Literal):
        return expression.value
    work.step()
    if isinstance(expression, Path):
        work.step((len(expression.steps) + expression.depth) // 16)
        return _found(expression, scope)
    name = _name_of(expression, scope)
    if name in built_ins.VALUES:
        return built_ins.VALUES[name](_arguments(expression, scope, work), work)
    if name in built_ins.BLOCKS:
        raise TemplateFault(f"{name} needs a block: {{{{#{name} ...}}}}")
    if not expression.bare:
        raise TemplateFault(f'Missing helper: "{_written(expression.target)}"')
    if isinstance(expression.target, Literal):
        # {{"name"}} and {{1}} name a member of the context.
        return values.member(scope.context, expression.target.written)
    return _value(expression.target, scope, work)


def _written(target: Expression) -> str:
    return "(...)" if isinstance(target, Invocation) else target.written


def _arguments(call: Invocation, scope: _Scope, work: Work) -> list[Any]:
    return [_value(argument, scope, work) for argument in call.arguments]


def _named(call: Invocation, scope: _Scope, work: Work) -> dict[str, Any]:
    return {name: _value(value, scope, work) for name, value in call.named.items()}


def _found(path: Path, scope: _Scope) -> Any:
    steps = path.steps
    if path.at:
        frame: _At | None = _At(scope.at, scope.outer_at)
        for _ in range(path.depth):
            frame = frame.outer if frame is not None else None
        value: Any = frame.at if frame is not None else None
    elif not path.depth and not path.scoped and steps and steps[0] in scope.named:
        value = scope.named
    else:
        place: _Scope | None = scope
        for _ in range(path.depth):
            place = place.outer if place is not None else None
        value = place.context if place is not None else None
    for step in steps:
        value = values.member(value, step)
    return value
