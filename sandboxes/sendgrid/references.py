"""Which ids a call mentions, and which ones its answer brings into being. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

from contracts.exchange import Response
from sandboxes.base import Outgoing, Reference, Resource
from sandboxes.sendgrid import mail, wire

#: Operation -> where, beside its rule's own id, it mentions ids: (place, name, kind). A name in the body may have dots;
#: ``list`` is a text of several, divided by commas.
_Place = Literal["path", "query", "list", "body"]
MENTIONS: Final[Mapping[str, Sequence[tuple[_Place, str, str]]]] = {
    "POST_mail-send": (
        ("body", "template_id", "template"),
        ("body", "batch_id", "batch"),
        ("body", "asm.group_id", "group"),
        ("body", "asm.groups_to_display", "group"),
    ),
    "POST_templates-template_id": (("path", "template_id", "template"),),
    "POST-design": (("path", "id", "design"),),
    "GET_asm-groups": (("query", "id", "group"),),
    "GET_segments": (("list", "parent_list_ids", "list"),),
    "POST_segments": (("body", "parent_list_ids", "list"),),
    "GET_marketing-segments": (("list", "parent_list_ids", "list"),),
    "POST_marketing-segments": (("body", "parent_list_ids", "list"), ("body", "parent_list_id", "list")),
    "PATCH_marketing-segments-segment_id": (("body", "parent_list_ids", "list"),),
    "PUT_mc-contacts": (("body", "list_ids", "list"),),
}


def references(call: Outgoing) -> Sequence[Reference]:
    """The object that the call works on, then what it mentions besides."""
    found: list[Reference] = []
    own = call.rule.id_param
    if own and own in call.params:
        in_path = own in call.params.path
        found.append(Reference(str(call.params[own]), own, call.rule.kind, in_path=in_path, subject=True))
    for place, name, kind in MENTIONS.get(call.operation.id, ()):
        # The original of a duplicate stands in the path too, and is not what is made.
        found += [Reference(each, name, kind, in_path=place == "path") for each in _values(call, place, name)]
    return found


def _values(call: Outgoing, place: _Place, name: str) -> Iterator[str]:
    if place == "path":
        if name in call.params.path:
            yield str(call.params.path[name])
        return
    if place == "body":
        yield from _each(_within(call.params.body, name.split(".")))
        return
    # Of a repeated parameter the contract reads one value, SendGrid all.
    texts = [value for key, value in parse_qsl(call.request.query) if key == name]
    for text in texts:
        yield from (part.strip() for part in (text.split(",") if place == "list" else [text]) if part.strip())


def _within(value: Any, path: Iterable[str]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _each(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _each(item)
    elif isinstance(value, float) and value.is_integer():
        yield str(int(value))
    elif isinstance(value, str | int) and value != "" and not isinstance(value, bool):
        yield str(value)


def made(call: Outgoing, response: Response) -> Sequence[Resource]:
    """The object that a successful create made; of a mail that was scheduled, its batch that waits."""
    if call.operation.id == mail.OPERATION:
        return mail.scheduled(call, response)
    if call.rule.effect != "create" or not 200 <= response.status < 300:
        return ()
    value = wire.decoded(response.body)
    for step in call.rule.id_pointer:
        value = value.get(step) if isinstance(value, Mapping) and isinstance(step, str) else None
    return [Resource(call.rule.kind, each) for each in _each(value)]
