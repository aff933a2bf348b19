"""What people read in a mail: its text, also where it has only HTML, and the links that it has.

HTML is read by a parser that fetches nothing and runs nothing. What comes out is text, never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

#: Characters of HTML that are looked at: mail clients cut a mail off long before.
_MOST = 2 << 20
#: Links that are told.
_LINKS = 1000
#: Characters of a link, and of the words on it.
_URL, _ON_IT = 8192, 500
#: Characters of the beginning that a list shows.
_SNIPPET = 250
#: Characters of HTML in which that beginning is looked for.
_BEGINNING = 32 << 10

_UNREAD = frozenset({"script", "style", "head", "title", "template", "noscript"})
#: Elements that end a word: what stands on both sides of their edges is not one.
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "td", "th", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"section", "article", "header", "footer", "blockquote", "pre", "img"}
)
_ENDED = re.compile(r"</\s*(?:html|body)\s*>", re.IGNORECASE)
_PLAIN_URL = re.compile(r"https?://[^\s<>\"'\x00-\x1f\x7f]{1,8192}")
#: What ends a sentence, not the address that stands last in it.
_ENDS = ".,;:!?)]}>"


def _tree(html: str) -> Any | None:
    # The parser reads nothing behind these; browsers go on.
    content = _ENDED.sub("", html[:_MOST]).encode("utf-8", "replace").replace(b"\x00", b"")
    if not content.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def readable(html: str) -> str:
    """The words of an HTML text in their order, with one blank between them."""
    root = _tree(html)
    return "" if root is None else " ".join("".join(_texts(root)).split())


def _texts(root: Any) -> Iterator[str]:
    # By events, not by recursion: markup can be nested ten thousand deep.
    skipped: Any | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if skipped is not None:
            if event == "end" and element is skipped:
                skipped = None
                yield element.tail or ""
            continue
        if event == "start":
            if element.tag in _UNREAD:
                skipped = element
                continue
            if element.tag in _BLOCKS:
                yield " "
            yield element.text or ""
        else:
            if element.tag in _BLOCKS:
                yield " "
            yield element.tail or ""


def links(text: str | None, html: str | None) -> list[dict[str, str]]:
    """``{"url", "text"}`` of all links in their order, each once: those of the HTML, then those that only the plain
    text has. Addresses of mail count, marks within the page do not."""
    found: dict[str, str] = {}
    root = None if html is None else _tree(html)
    if root is not None:
        for element in root.iter("a", "area"):
            url = " ".join((element.get("href") or "").split())[:_URL]
            if url and not url.startswith("#"):
                found.setdefault(url, " ".join("".join(_texts(element)).split())[:_ON_IT])
            if len(found) >= _LINKS:
                break
    for match in _PLAIN_URL.finditer((text or "")[:_MOST]):
        if len(found) >= _LINKS:
            break
        found.setdefault(match.group().rstrip(_ENDS), "")
    return [{"url": url, "text": words} for url, words in found.items()]


def words(mail: Mapping[str, Any]) -> str:
    """The text that people see: the plain one, and where a mail has only HTML, what that says."""
    text, html = mail.get("text"), mail.get("html")
    if text:
        return str(text)
    return readable(html) if html else ""


def snippet(mail: Mapping[str, Any]) -> str:
    """How the text begins, on one line."""
    text, html = mail.get("text"), mail.get("html")
    # What stands in front of the words of a page (styles) is cut off with it where it is very long.
    begins = text[: 16 * _SNIPPET] if text else readable(html[:_BEGINNING]) if html else ""
    return " ".join(begins.split())[:_SNIPPET]
