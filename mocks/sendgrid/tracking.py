"""Links of a mail that lead through SendGrid, and so tell that it was opened, clicked or unsubscribed from.

https://www.twilio.com/docs/sendgrid/ui/account-and-settings/tracking (2026-11). They lead to pages of this service: a
token in ``upn`` says which mail, which of its recipients and which of its links; what else the pages need stands in the
message's record. A mail has one copy here for all its recipients: what is tracked is its first.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from mocks.base import Record

OPEN: Final = "/wf/open"
CLICK: Final = "/ls/click"
#: Leaves everything that the account sends,
UNSUBSCRIBE: Final = "/wf/unsubscribe"
#: the unsubscribe group of the message,
GROUP: Final = "/asm/unsubscribe"
#: or shows the groups that the message names.
PREFERENCES: Final = "/asm"

#: A link in HTML, and in it where it leads, if that is a page. A tag is looked through once.
_ANCHOR: Final = re.compile(r"<a\s[^<>]*>", re.IGNORECASE)
_HREF: Final = re.compile(
    r"(?P<head>\shref\s*=\s*)(?P<quote>[\"'])(?P<url>https?://[^\"'<>]*)(?P=quote)", re.IGNORECASE
)
_URL: Final = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
#: How one link is kept out of it: https://support.sendgrid.com (clicktracking=off, 2026-11).
_UNTRACKED: Final = re.compile(r"clicktracking\s*=\s*[\"']?off", re.IGNORECASE)
#: ``<% click here %>``: where the link of subscription tracking goes.
_HERE: Final = re.compile(r"<%(?P<text>[^<>%]*)%>")
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)

#: So many links of a mail are led through us: a bound of ours.
MOST_LINKS: Final = 1_000

_UTM: Final = ("utm_source", "utm_medium", "utm_term", "utm_content", "utm_campaign")


@dataclass(frozen=True, slots=True)
class Token:
    """Which mail a link was in: the account's name, the key of the message's record, the place of the recipient among
    to, cc and bcc, and the place of the link among the record's ``links``."""

    account: str
    key: str
    recipient: int = 0
    link: int | None = None

    def written(self) -> str:
        text = f"{self.key}/{self.recipient}/{'' if self.link is None else self.link}/{self.account}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(upn: str) -> Token | None:
    """The token that an address carries; None for anything else."""
    try:
        text = base64.urlsafe_b64decode(upn.encode() + b"=" * (-len(upn) % 4)).decode()
        key, recipient, link, account = text.split("/", 3)
        return Token(account, key, int(recipient), int(link) if link else None)
    except (binascii.Error, ValueError):
        return None


def address(sent: Record, token: Token) -> str | None:
    """The recipient that the token speaks of; None when the message has none there."""
    people = [person["email"] for kind in ("to", "cc", "bcc") for person in sent.get(kind) or ()]
    return people[token.recipient] if 0 <= token.recipient < len(people) else None


def url(sent: Record, token: Token) -> str | None:
    """Where the link led before it was rewritten; None for a link that the message did not have."""
    links = sent.get("links") or ()
    return links[token.link] if token.link is not None and 0 <= token.link < len(links) else None


@dataclass(slots=True)
class Tracked:
    """Rewrites one mail. ``links`` are what its tracked links led to, for the message's record."""

    base: str
    account: str
    key: str
    recipient: int = 0
    links: list[str] = field(default_factory=list)

    def address(self, path: str, link: int | None = None) -> str:
        """Of a page of ours, for this mail."""
        return f"{self.base}{path}?upn={Token(self.account, self.key, self.recipient, link).written()}"

    def clicked(self, target: str) -> str:
        """The address that tells of a click and leads on to ``target``; that itself where a mail has too many links."""
        if len(self.links) >= MOST_LINKS:
            return target
        self.links.append(target)
        return self.address(CLICK, len(self.links) - 1)

    def html_links(self, html: str) -> str:
        """Every link of ``html`` led through us, but those that ask not to be."""

        return _led(html, lambda tag, target: target if _UNTRACKED.search(tag) else self.clicked(target))

    def text_links(self, text: str) -> str:
        """Every address in plain text led through us."""
        return _URL.sub(lambda match: self.clicked(match[0]), text)

    def pixel(self, html: str, tag: str | None = None) -> str:
        """``html`` with the picture that tells of an open: in the place of ``tag``, or at the end."""
        image = (
            f'<img src="{escape(self.address(OPEN))}" alt="" width="1" height="1" border="0" '
            'style="height:1px !important;width:1px !important;border-width:0 !important;margin:0 !important;'
            'padding:0 !important;"/>'
        )
        return html.replace(tag, image, 1) if tag and tag in html else ended(html, image)


def first_links(html: str | None, text: str | None) -> list[str]:
    """Where the first link of a mail leads, in a list; none in an empty one."""
    in_html = (_HREF.search(anchor[0]) for anchor in _ANCHOR.finditer(html or ""))
    found = next((unescape(match["url"]) for match in in_html if match), None)
    in_text = _URL.search(text or "")
    return [found] if found else [in_text[0]] if in_text else []


def ended(html: str, more: str) -> str:
    """``html`` with ``more`` at the end of its body."""
    places = [match.start() for match in _BODY_END.finditer(html)]
    return html[: places[-1]] + more + html[places[-1] :] if places else html + more


def here(text: str, target: str, *, html: bool) -> str:
    """The text of subscription tracking, its ``<% %>`` the link to ``target``."""
    if not html:
        return _HERE.sub(lambda match: f"{match['text'].strip()} {target}".strip(), text)
    return _HERE.sub(lambda match: f'<a href="{escape(target)}">{match["text"].strip() or escape(target)}</a>', text)


def with_parameters(target: str, parameters: Mapping[str, str]) -> str:
    """An address with Google Analytics' parameters; what it has of them stays, and what is no address at all."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return target
    known = dict(parse_qsl(parts.query, keep_blank_values=True))
    more = {name: parameters[name] for name in _UTM if parameters.get(name) and name not in known}
    if not more:
        return target
    query = "&".join(filter(None, [parts.query, urlencode(more, quote_via=quote)]))
    return parts._replace(query=query).geturl()


def analysed(html: str, parameters: Mapping[str, str]) -> str:
    """Every link of ``html`` with Google Analytics' parameters."""

    return _led(html, lambda _, target: with_parameters(target, parameters))


def _led(html: str, other: Callable[[str, str], str]) -> str:
    """``html`` whose links lead where ``other`` says: (the tag, where it leads) -> where it is to lead."""

    def tag(anchor: re.Match[str]) -> str:
        def link(match: re.Match[str]) -> str:
            target = escape(other(anchor[0], unescape(match["url"])))
            return f"{match['head']}{match['quote']}{target}{match['quote']}"

        return _HREF.sub(link, anchor[0], count=1)

    return _ANCHOR.sub(tag, html)
