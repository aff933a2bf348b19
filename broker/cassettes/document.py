"""A cassette as text: readable YAML, an exchange after the other, so that more can be added at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from broker.cassettes.recorded import FORMS, Body, Cassette, Form, Recorded
from broker.cassettes.yaml_events import load
from broker.errors import InvalidInput

#: The version of the format.
VERSION = 1

_ABOUT = "# Recorded at the real provider. Secrets and personal data are masked: docs/cassettes.md.\n"
_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc]  # one of the two, as they are installed
    """Writes what occurs twice twice: anchors are not for people."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _as_text(dumper: Any, value: str) -> Any:
    """Several lines stand as such, where YAML lets them."""
    style = "|" if "\n" in value and not value.startswith((" ", "\n")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _as_text)


def head(cassette: Cassette) -> str:
    """What stands before the first exchange."""
    about = {"cassette": VERSION, "service": cassette.service, "name": cassette.name}
    if cassette.uid:
        about |= {"environment": cassette.environment, "uid": cassette.uid}
    return _ABOUT + _yaml(about) + "exchanges:\n"


def written(exchanges: Sequence[Recorded]) -> str:
    """Exchanges as items of the list that ends a cassette."""
    return _yaml([plain(each) for each in exchanges]) if exchanges else ""


def text(cassette: Cassette) -> str:
    """All of it."""
    return head(cassette) + written(cassette.exchanges)


def _yaml(value: Any) -> str:
    dumped: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=120
    )
    return dumped


def plain(one: Recorded) -> dict[str, Any]:
    """An exchange as a cassette's text holds it."""
    asked: dict[str, Any] = {"method": one.method, "path": one.path}
    if one.query:
        asked["query"] = dict(one.query)
    _put(asked, one.request_headers, one.request)
    answered: dict[str, Any] = {"status": one.status}
    _put(answered, one.response_headers, one.response)
    found: dict[str, Any] = {}
    if one.operation:
        found["operation"] = one.operation
    if one.recorded_at:
        found["recorded_at"] = one.recorded_at
    if one.contract:
        found["contract"] = one.contract
    return {**found, "request": asked, "response": answered}


def _put(side: dict[str, Any], headers: Mapping[str, Any], body: Body) -> None:
    if headers:
        side["headers"] = dict(headers)
    if body.form != "none":
        side[body.form] = body.value


def read(raw: bytes, name: str) -> Cassette:
    """A cassette's text; ``name`` is what errors call it. Raises InvalidInput."""
    value = load(raw, name)
    if not isinstance(value, dict) or value.get("cassette") != VERSION:
        raise InvalidInput(
            f"{name}: no cassette of this broker's (it begins with cassette: {VERSION}); import it first"
        )
    listed = value.get("exchanges") or []
    if not isinstance(listed, list):
        raise InvalidInput(f"{name}: exchanges must be a list")
    service, called = value.get("service"), value.get("name")
    if not isinstance(service, str) or not isinstance(called, str):
        raise InvalidInput(f"{name}: service and name are missing")
    exchanges = [_exchange(each, f"{name}: exchange {at}") for at, each in enumerate(listed, 1)]
    return Cassette(service, called, exchanges, _text(value, "environment"), _text(value, "uid"))


def _exchange(value: Any, place: str) -> Recorded:
    if not isinstance(value, dict):
        raise InvalidInput(f"{place} must be a mapping")
    asked, answered = _side(value, "request", place), _side(value, "response", place)
    method, path, status = asked.get("method"), asked.get("path"), answered.get("status")
    if not isinstance(method, str) or not isinstance(path, str) or not path.startswith("/"):
        raise InvalidInput(f"{place}: request needs a method and a path")
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise InvalidInput(f"{place}: response needs a status from 100 to 599")
    return Recorded(
        operation=_text(value, "operation") or None,
        method=method,
        path=path,
        query=_mapping(asked, "query", place),
        request_headers=_mapping(asked, "headers", place),
        request=_body(asked, place),
        status=status,
        response_headers=_mapping(answered, "headers", place),
        response=_body(answered, place),
        recorded_at=_text(value, "recorded_at"),
        contract=_text(value, "contract"),
    )


def _side(value: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    side = value.get(name)
    if not isinstance(side, dict):
        raise InvalidInput(f"{place}: {name} is missing")
    return side


def _mapping(side: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    found = side.get(name) or {}
    if not isinstance(found, dict):
        raise InvalidInput(f"{place}: {name} must be a mapping")
    return found


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return "" if found is None else str(found)


def _body(side: Mapping[str, Any], place: str) -> Body:
    present = [form for form in FORMS if form in side]
    if len(present) > 1:
        raise InvalidInput(f"{place}: one body at the most, not {' and '.join(present)}")
    if not present:
        return Body()
    form: Form = present[0]
    value = side[form]
    wanted: Any = {"form": dict, "digest": dict, "json": object}.get(form, str)
    if not isinstance(value, wanted) or (form == "digest" and not isinstance(value.get("size"), int)):
        raise InvalidInput(f"{place}: {form} does not hold what it should")
    return Body(form, value)
