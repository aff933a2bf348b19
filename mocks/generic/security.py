"""A document's security schemes as virtual credentials: where the key is, and whether an operation lets it in."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from contracts.exchange import Request
from mocks.base import Presented

#: Where a scheme has its credential: ``{"in": "header", "name": "X-Key"}``, as compiled.
Schemes = Mapping[str, Mapping[str, str]]

#: What stands between the service's name and the random rest of a key, by which journals recognise one, too.
SIGN: Final = "_vk_"
KEY_LENGTH: Final = 32
_KEY: Final = re.compile(rf"[a-z][a-z0-9-]{{0,39}}{SIGN}[0-9A-Za-z]{{{KEY_LENGTH}}}")
#: How many texts of one request are looked at for a key.
_MOST: Final = 20
#: What carries keys where a document names no scheme.
_USUAL: Final[Schemes] = {
    "bearer": {"in": "bearer", "name": "authorization"},
    "key": {"in": "header", "name": "x-api-key"},
}


def presented(request: Request, name: str, schemes: Schemes) -> Presented | None:
    """The key of the service ``name`` in one of its schemes; another text there when there is no key."""
    prefix = f"{name}{SIGN}"
    usual = request.headers.get("authorization")
    if usual is not None and usual.startswith(f"Bearer {prefix}") and any(map(_bears, (schemes or _USUAL).values())):
        return _presented(usual[7:].strip(), prefix)
    first: str | None = None
    for scheme in (schemes or _USUAL).values():
        for text in _texts(request, scheme):
            if text.startswith(prefix):
                return _presented(text, prefix)
            first = first or text
    return None if first is None else _presented(first, prefix)


def _bears(scheme: Mapping[str, str]) -> bool:
    return scheme["in"] == "bearer"


def _presented(key: str, prefix: str) -> Presented:
    return Presented(key, familiar=key.startswith(prefix), mask=lambda key: f"{prefix}****{key[-4:]}")


def _texts(request: Request, scheme: Mapping[str, str]) -> Iterator[str]:
    """What stands where a scheme has its credential."""
    place, name = scheme["in"], scheme["name"]
    if place == "header":
        value = (request.headers.get(name.lower()) or "").strip()
        # Many documents call a bearer token a key in the header Authorization.
        yield from filter(None, (value.partition(" ")[2].strip() if " " in value else value,))
    elif place == "query" and name in request.query:
        pairs = parse_qsl(request.query, keep_blank_values=False, max_num_fields=None)
        yield from (value for key, value in pairs if key == name)
    elif place == "cookie":
        yield from (value for key, value in _cookies(request) if key == name)
    elif place in ("bearer", "basic"):
        kind, _, rest = (request.headers.get("authorization") or "").partition(" ")
        if kind.lower() == place:
            yield from _basic(rest.strip()) if place == "basic" else filter(None, (rest.strip(),))


def _basic(text: str) -> Iterator[str]:
    """Password and user name: either may be the key (RFC 7617)."""
    try:
        user, _, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError):
        return
    yield from filter(None, (password, user))


def _cookies(request: Request) -> Iterator[tuple[str, str]]:
    for field in request.headers.all("cookie"):
        for pair in field.split(";"):
            name, _, value = pair.strip().partition("=")
            yield name, value


def allowed(request: Request, wanted: Sequence[Sequence[str]], schemes: Schemes) -> bool:
    """Whether a request keeps one of the alternatives that an operation names: something stands in each scheme of it.
    Whose key it is has been looked at before. A scheme that nobody can look at is taken to be kept."""
    return not wanted or any(
        all(
            name not in schemes or schemes[name]["in"] == "other" or next(_texts(request, schemes[name]), None)
            for name in one
        )
        for one in wanted
    )


def keys_in(request: Request) -> Sequence[str]:
    """Texts of a request that may be a key of some service, wherever they stand: for an address that names neither."""
    found: dict[str, None] = {}
    for name, value in request.headers:
        if name not in ("cookie", "host"):
            found |= dict.fromkeys(part for part in value.split() if _KEY.fullmatch(part))
    kind, _, rest = (request.headers.get("authorization") or "").partition(" ")
    if kind.lower() == "basic":
        found |= dict.fromkeys(text for text in _basic(rest.strip()) if _KEY.fullmatch(text))
    found |= dict.fromkeys(value for _, value in _cookies(request) if _KEY.fullmatch(value))
    if SIGN in request.query:
        found |= dict.fromkeys(_KEY.findall(request.query))
    return list(found)[:_MOST]


def variables(prefix: str, schemes: Schemes, key: str) -> Mapping[str, Any]:
    """The variables that an application is given beside the address."""
    found = {f"{prefix}_API_KEY": key}
    if any(scheme["in"] == "basic" for scheme in schemes.values()):
        found |= {f"{prefix}_USERNAME": prefix.lower(), f"{prefix}_PASSWORD": key}
    return found
