"""Every page of a dashboard, found as a reader finds them: by following links from the first one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import lxml.html

from broker.dashboard.page import HOME, Page
from broker.dashboard.routes import PAGES
from tests.broker.dashboard.site import Site

#: Addresses of one page that are looked at: with other ids and other filters it is the same page.
_EACH = 8
#: What a page may hold that was not made by a template of ours.
_RUNS = re.compile(r"^\s*(javascript|data|vbscript):", re.IGNORECASE)


def pattern(page: Page) -> re.Pattern[str]:
    """Of the page's path."""
    inside = re.sub(r"\\\{\w+(:path)?\\\}", lambda found: ".+" if found[1] else "[^/]+", re.escape(page.path))
    return re.compile(f"^{HOME}{inside}$")


_PATTERNS = [(pattern(page), page) for page in PAGES]


def page_of(address: str) -> Page | None:
    """Which page an address is of."""
    path = urlsplit(address).path
    return next((page for shape, page in _PATTERNS if shape.match(path)), None)


@dataclass
class Crawl:
    """Answers by address, without those of streams."""

    answers: Mapping[str, httpx.Response]

    def reached(self) -> set[str]:
        """Names of pages."""
        return {page.name for page in map(page_of, self.answers) if page is not None}

    def documents(self) -> Mapping[str, httpx.Response]:
        """The pages that a browser shows as ours."""
        return {
            address: answer
            for address, answer in self.answers.items()
            if "nonce-" in answer.headers.get("content-security-policy", "")
        }


async def crawl(site: Site, begin: str = HOME + "/") -> Crawl:
    """From ``begin`` on, logged in."""
    found: dict[str, httpx.Response] = {}
    seen: Counter[str] = Counter()
    left = [begin]
    known = {begin}
    while left:
        address = left.pop(0)
        page = page_of(address)
        name = page.name if page else address
        if name == "live" or seen[name] >= _EACH:
            continue
        seen[name] += 1
        answer = await site.client.get(address)
        found[address] = answer
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in links(answer.text):
            target = urldefrag(urljoin(address, link)).url
            if target.startswith(HOME + "/") and "/static/" not in target and target not in known:
                known.add(target)
                left.append(target)
    return Crawl(found)


def links(html: str) -> list[str]:
    """Where a page leads, frames and pictures included."""
    document = lxml.html.fromstring(html)
    return [str(link) for link in document.xpath("//a/@href | //iframe/@src | //main//img/@src")]


def active(html: str) -> list[str]:
    """What runs or loads in a page beside what the layout has: it is empty for every page of ours."""
    document: Any = lxml.html.fromstring(html)
    wrong = []
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("script", "style", "object", "embed", "base") and "nonce" not in element.attrib:
            wrong.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                wrong.append(f"{element.tag} {name}={value[:80]}")
            if element.tag == "a" and name == "href" and element.get("rel") == "noopener noreferrer":
                # A link of a mail, which a reader may follow: it is told nothing of where it was.
                if urlsplit(value).scheme not in ("http", "https") or element.get("target") != "_blank":
                    wrong.append(f"a href={value[:80]}")
            elif name in ("href", "src", "action", "formaction", "poster") and (
                _RUNS.match(value) or urlsplit(value).netloc
            ):
                wrong.append(f"{element.tag} {name}={value[:80]}")
    return wrong
