"""How the hosted pages look: one style sheet, no scripts, nothing from elsewhere.

Everything that a caller or a customer said is escaped by ``text``; pieces that are markup already are passed as such.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from contracts.exchange import Response
from mocks.stripe import money

STYLE = """
:root{--ink:#1a1f36;--soft:#697386;--line:#e3e8ee;--back:#f7fafc;--card:#fff;
--act:#0074d4;--bad:#c0123c;--good:#0e6245}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);
background:var(--back)}
main{display:grid;grid-template-columns:1fr 1fr;gap:4rem;max-width:60rem;margin:0 auto;padding:3rem 1.5rem}
main.one{display:block;max-width:32rem}
h1{font-size:1.1rem;font-weight:600;margin:0 0 .25rem}h2{font-size:1.1rem;margin:0 0 1rem}
.sum{font-size:2.25rem;font-weight:650;letter-spacing:-.02em;margin:0 0 1.5rem}
.box{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.75rem;
box-shadow:0 2px 12px rgba(26,31,54,.06)}
dl{display:grid;grid-template-columns:1fr auto;gap:.5rem 1rem;margin:0}dt,dd{margin:0}dd{text-align:right}
dt small,.soft{color:var(--soft);font-size:.875rem}dt small{display:block}
dl.all{border-top:1px solid var(--line);margin-top:1rem;padding-top:1rem}.total{font-weight:600}
label{display:block;font-size:.875rem;font-weight:550;margin:0 0 1rem}
input,select{display:block;width:100%;font:inherit;font-weight:400;color:inherit;background:#fff;
border:1px solid #c9d1dc;border-radius:8px;padding:.6rem .75rem;margin-top:.3rem}
input[type=checkbox],input[type=radio]{display:inline-block;width:auto;margin:0 .5rem 0 0}
input:focus,select:focus,button:focus,a:focus{outline:3px solid rgba(0,116,212,.35);outline-offset:1px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem}
fieldset{border:0;margin:0 0 1rem;padding:0;min-width:0}legend{font-weight:600;padding:0;margin-bottom:.6rem}
label.line{display:flex;align-items:baseline;font-weight:400}
.method{border:1px solid var(--line);border-radius:8px;padding:.75rem 1rem 0;margin-bottom:.5rem}
.method>label{margin-bottom:.75rem}.method>div{display:none}.method:has(>label input:checked)>div{display:block}
.actions{display:flex;flex-wrap:wrap;gap:1rem;margin:0 0 1rem;padding:0;list-style:none}
button{font:inherit;font-weight:600;color:#fff;background:var(--act);border:0;border-radius:8px;width:100%;
padding:.8rem 1rem;cursor:pointer}
button.quiet{background:#fff;color:var(--ink);border:1px solid #c9d1dc;margin-top:.75rem}
button.grave{background:var(--bad)}
a{color:var(--act)}a.back{display:inline-block;margin-bottom:1.5rem;color:var(--soft);text-decoration:none}
.alert{background:#fff0f3;color:var(--bad);border-radius:8px;padding:.75rem 1rem;margin:0 0 1rem}
.done{color:var(--good)}
.mode{background:#ffdf99;color:#5c4000;font-size:.75rem;font-weight:650;letter-spacing:.04em;border-radius:6px;
padding:.1rem .5rem;margin-left:.5rem}
footer{grid-column:1/-1;margin-top:1.5rem;color:var(--soft);font-size:.8rem;border-top:1px solid var(--line);
padding-top:1rem}
section+section{margin-top:1.5rem}
@media(max-width:44rem){main{grid-template-columns:1fr;gap:1.5rem;padding:1.5rem 1rem}}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf2;--soft:#9aa5b8;--line:#2f3747;--back:#11151e;--card:#1a202c;
--act:#2d8fe6;--bad:#ff7d95;--good:#5fd0a5}input,select,button.quiet{background:#11151e;border-color:#3b465a}
.alert{background:#3a1820}}
"""

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
#: No ``form-action``: a browser holds that against every redirect that follows a form, and shops redirect onwards.
HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex"),
)


def text(value: object) -> str:
    """Anything as text of a page or as an attribute's value."""
    return escape("" if value is None else str(value), quote=True)


def amount(value: int, currency: str) -> str:
    """``$15.00``, or ``15.00 CHF`` where there is no sign for the currency."""
    if currency in money.SYMBOLS:
        return money.plain(value, currency)
    number, _, code = money.shown(value, currency).rpartition(" ")
    return f"{number} {code.upper()}"


def day(stamp: int) -> str:
    """``1 January 2026``, of a time in seconds."""
    return datetime.fromtimestamp(stamp, UTC).strftime("%d %B %Y").lstrip("0")


def document(title: str, inner: str, *, status: int = 200, wide: bool = False) -> Response:
    """A whole page around ``inner``, which is markup."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>"
        f"<body><main{'' if wide else ' class=one'}>{inner}"
        "<footer>Test mode: this page belongs to a mock. No money moves, and no real card works.</footer>"
        "</main></body></html>"
    )
    return Response(status, list(HEADERS), page.encode())


def redirect(address: str) -> Response:
    """The browser goes on with a GET. Line breaks, which no address has, end it."""
    place = address.splitlines()[0] if address else "/"
    return Response(303, [("location", place), *HEADERS], b"")


def notice(
    title: str, words: str, *, status: int = 200, link: tuple[str, str] | None = None, good: bool = False
) -> Response:
    """A page that only says something; ``link`` is (address, words)."""
    further = f'<p><a id="continue" href="{text(link[0])}">{text(link[1])}</a></p>' if link else ""
    head = f"<h2{' class=done' if good else ''}>{text(title)}</h2>"
    return document(title, f'<div class="box">{head}<p>{text(words)}</p>{further}</div>', status=status)


def absent() -> Response:
    """What is not there, or is not to be known of."""
    return notice("Something went wrong", "The page you were looking for could not be found.", status=404)


def alert(words: str | None) -> str:
    """Why a form came back."""
    return f'<p class="alert" role="alert" id="error">{text(words)}</p>' if words else ""


def field(label: str, name: str, *, value: str | None = None, kind: str = "text", complete: str = "off",
          needed: bool = True, more: str = "") -> str:  # fmt: skip
    """A labelled input. ``more`` is markup of further attributes."""
    required = " required" if needed else ""
    return (
        f'<label for="{text(name)}">{text(label)}<input id="{text(name)}" name="{text(name)}" type="{text(kind)}" '
        f'value="{text(value)}" autocomplete="{text(complete)}"{required} {more}></label>'
    )


def choice(label: str, name: str, options: Sequence[tuple[str, str]], chosen: str | None = None) -> str:
    """A labelled list of (value, words)."""
    inner = "".join(
        f'<option value="{text(value)}"{" selected" if value == chosen else ""}>{text(words)}</option>'
        for value, words in options
    )
    return (
        f'<label for="{text(name)}">{text(label)}<select id="{text(name)}" name="{text(name)}">{inner}</select></label>'
    )


def button(words: str, *, id: str = "", name: str = "", value: str = "", kind: str = "") -> str:
    """A button that submits its form."""
    marks = "".join(
        f' {mark}="{text(given)}"'
        for mark, given in (("id", id), ("name", name), ("value", value), ("class", kind))
        if given
    )
    return f'<button type="submit"{marks}>{text(words)}</button>'


def rows(pairs: Sequence[tuple[str, str]], kind: str = "") -> str:
    """A list of (markup, markup): what, and how much."""
    inner = "".join(f"<dt>{left}</dt><dd>{right}</dd>" for left, right in pairs)
    return f'<dl class="{text(kind)}">{inner}</dl>' if inner else ""
