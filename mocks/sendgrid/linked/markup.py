"""How the pages look: no scripts, nothing from elsewhere. What anybody said is escaped by ``text``."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final
from urllib.parse import quote

from contracts.exchange import Response

STYLE: Final = """
:root{--ink:#1a1f36;--soft:#5d6778;--line:#dfe4ea;--back:#f6f8fa;--card:#fff;--act:#0a62c9}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);
background:var(--back)}
main{max-width:34rem;margin:3rem auto;padding:1.75rem;background:var(--card);border:1px solid var(--line);
border-radius:12px}
h1{font-size:1.25rem;margin:0 0 1rem}p{margin:0 0 1rem}small{display:block;color:var(--soft)}
label{display:flex;gap:.6rem;align-items:baseline;margin:0 0 .9rem}
button{font:inherit;font-weight:600;color:#fff;background:var(--act);border:0;border-radius:8px;padding:.7rem 1.25rem}
button:focus,input:focus{outline:3px solid var(--act);outline-offset:2px}
@media(max-width:38rem){main{margin:0;border:0;border-radius:0;min-height:100vh}}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf2;--soft:#a3aec0;--line:#2f3747;--back:#11151e;--card:#1a202c;
--act:#1f6fd1}}
"""
_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_COMMON: Final = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex"),
)
#: What an address is written with.
_WRITTEN: Final = "!#$%&'()*+,/:;=?@[]~"
_POLICY: Final = "content-security-policy"


def text(value: object) -> str:
    """Anything as text of a page or as an attribute's value."""
    return escape(str(value), quote=True)


def page(title: str, body: str, status: int = 200) -> Response:
    """A page of ours; ``body`` is markup."""
    whole = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{text(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{text(title)}</h1>{body}</main></body></html>"
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return Response(status, [*_COMMON, (_POLICY, policy)], whole.encode())


def foreign(html: str) -> Response:
    """A page that the account wrote: it may look as it likes, and do nothing."""
    policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
    return Response(200, [*_COMMON, (_POLICY, policy)], html.encode())


def nowhere() -> Response:
    """What a link shows that no mail had."""
    return page("This link leads nowhere", "<p>No mail has it. It may be broken, or older than a reset.</p>", 404)


def onward(url: str, status: int = 302) -> Response:
    """On to another place. What no address has is percent-encoded: an end of line would begin another header."""
    return Response(
        status, [("location", quote(url, safe=_WRITTEN)), ("cache-control", "no-store"), ("content-length", "0")]
    )
