"""Plain text of HTML: what a template's ``plain_content`` is when it is generated from its ``html_content``.

https://www.twilio.com/docs/sendgrid/api-reference/transactional-templates-versions (``generate_plain_content``,
2026-11). SendGrid does not say how; this keeps the text, its lines and where links lead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

#: Elements that begin and end a line.
_LINES: Final = re.compile(
    r"address|article|aside|blockquote|br|d[dlt]|div|fieldset|footer|form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section"
    r"|table|tr|ul"
)
#: Elements of which nothing is shown.
_HIDDEN: Final = frozenset({"head", "script", "style", "title", "template"})
_NAME: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_ADDRESS: Final = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s+")
_LINE_ENDS: Final = re.compile(r" ?\n ?")


def plain(html: str) -> str:
    """The text of ``html``; an expression between braces stays as it is."""
    parts: list[str] = []
    link: tuple[str, int] | None = None  # where the open link leads, and where its text begins: links hold no links
    hidden = ""
    for piece in _pieces(html):
        found = _NAME.match(piece)
        if found is None:
            if not hidden and not piece.startswith(("<!", "<?")):
                parts.append(_SPACE.sub(" ", unescape(piece)))
            continue
        ends, name = bool(found[1]), found[2].lower()
        if hidden:
            hidden = "" if ends and name == hidden else hidden
        elif name in _HIDDEN:
            hidden = "" if ends else name
        elif name == "a":
            if link is not None:
                parts.append(_leading(link, parts))
            link = None if ends else (_address(piece), len(parts))
        elif _LINES.fullmatch(name):
            parts.append("\n")
    lines = _LINE_ENDS.sub("\n", _LINE_ENDS.sub("\n", "".join(parts)))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _address(tag: str) -> str:
    found = _ADDRESS.search(tag)
    return unescape(next(filter(None, found.groups()), "")) if found else ""


def _leading(link: tuple[str, int], parts: list[str]) -> str:
    """What stands after a link, unless its text says already where it leads."""
    address, start = link
    return f" ( {address} )" if address and address != "".join(parts[start:]).strip() else ""


def _pieces(html: str) -> Iterator[str]:
    """Tags and comments, and the text between them; a tag that never ends is text."""
    place = 0
    while place < len(html):
        start = html.find("<", place)
        comment = html.startswith("<!--", start) if start >= 0 else False
        end = html.find("-->" if comment else ">", start) if start >= 0 else -1
        if end < 0:
            yield html[place:]
            return
        if start > place:
            yield html[place:start]
        place = end + (3 if comment else 1)
        yield html[start:place]
