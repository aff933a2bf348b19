"""The style sheet, the script and the icon, under names that change with their content, so that they can be kept for
ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from broker.dashboard.guard import protect

_MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FILES = ("app.css", "app.js", "icon.svg")


@cache
def _content() -> Mapping[str, tuple[bytes, str]]:
    """By the name that is asked for: the bytes and their media type."""
    found = {}
    for name in _FILES:
        stem, _, kind = name.partition(".")
        content = (files("broker.dashboard") / "static" / name).read_bytes()
        found[f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{kind}"] = (content, _MEDIA[kind])
    return found


@cache
def names() -> Mapping[str, str]:
    """``{"app.css": "app.0123456789ab.css", ...}``"""
    return dict(zip(_FILES, _content(), strict=True))


async def serve(request: Request) -> Response:
    """One of them; needs no session, because the login page looks like the others."""
    content = _content().get(request.path_params["file"])
    if content is None:
        return protect(Response("there is no such file\n", 404, media_type="text/plain"))
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return protect(Response(content[0], headers=headers, media_type=content[1]))
