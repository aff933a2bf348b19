"""What keeps the dashboard to those who are logged in: header fields, cookies, and where requests come from."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from broker.dashboard.page import HOME
from broker.settings import Settings


def policy(nonce: str) -> str:
    """The content security policy of a page: only what carries the nonce runs or styles, so that no file of an
    environment that is served from the same origin can; nothing is loaded from elsewhere; no one frames it."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


#: Of every answer, where it says nothing else. The referrer stays within the origin, because without any a browser
#: sends forms with `Origin: null`.
HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def protect(response: Response) -> Response:
    """The answer with what each carries."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def cookie(settings: Settings) -> str:
    """Its name: cookies know no ports, and two servers of one machine would log each other out."""
    return f"broker_session_{settings.port}"


def keep(response: Response, settings: Settings, name: str, *, secure: bool) -> None:
    """Give the browser its session; without a lifetime it ends with the browser."""
    response.set_cookie(cookie(settings), name, path=HOME, secure=secure, httponly=True, samesite="strict")


def drop(response: Response, settings: Settings, *, secure: bool) -> None:
    """Take it back."""
    response.delete_cookie(cookie(settings), path=HOME, secure=secure, httponly=True, samesite="strict")


def is_secure(request: Request, settings: Settings) -> bool:
    """Whether the browser came by https, to us or to a proxy before us."""
    forwarded = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return "https" in (request.url.scheme, forwarded) or (settings.public_url or "").startswith("https://")


def is_own(request: Request) -> bool:
    """Whether a form was sent by a page of this origin: the browser says so, in one of two ways."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    if origin is None:
        return site is not None
    # A proxy before us may speak https where we do not: the host is what counts.
    return bool(origin) and urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def is_document(request: Request) -> bool:
    """Whether a browser asks for a page to show it as one, and no script or frame does: those of an environment's own
    pages may stand at this origin. Browsers that do not say are taken at their word."""
    return request.headers.get("sec-fetch-dest", "document") == "document"


def within(address: str) -> str | None:
    """The address when it is one of the dashboard, so that nobody is led elsewhere."""
    parts = urlsplit(address)
    path = parts.path
    if parts.scheme or parts.netloc or "\\" in address or not path.startswith(HOME + "/") or "//" in path:
        return None
    if any(ord(character) < 33 for character in address) or ".." in path.lower().replace("%2e", "."):
        return None
    return address
