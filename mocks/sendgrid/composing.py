"""The mail that a personalization makes: its template filled, its tags substituted, its footers and links in place.

The order is SendGrid's, as far as it can be seen: the template takes the content, then tags are substituted, then what
the account adds, then what tracks (https://www.twilio.com/docs/sendgrid/ui/sending-email/substitution-and-section-tags,
https://www.twilio.com/docs/sendgrid/ui/account-and-settings/mail, 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mocks.sendgrid import settings, tracking
from mocks.sendgrid.bounds import Bounds
from mocks.sendgrid.rendering import Work, render
from mocks.sendgrid.settings import Settings
from mocks.sendgrid.templates import Version
from mocks.sendgrid.tracking import Tracked

Body = Mapping[str, Any]

_SUBJECT_TAG: Final = re.compile(r"<%\s*subject\s*%>")
TEXT: Final = "text/plain"
HTML: Final = "text/html"


@dataclass(slots=True)
class Content:
    """A mail's subject and forms."""

    subject: str
    text: str | None
    html: str | None


def written(body: Body, block: Body) -> Content:
    """What the message itself says, before anything is put in its place."""
    text = html = None
    for part in body.get("content") or ():
        kind = part["type"].lower()
        if kind == TEXT:
            text = part["value"]
        elif kind == HTML:
            html = part["value"]
    return Content(block.get("subject") or body.get("subject") or "", text, html)


def filled(
    content: Content, version: Version, block: Body, links: Mapping[str, str], work: Work, bounds: Bounds
) -> Content:
    """The content in its template: a dynamic one, which takes the personalization's data and what ``links`` names, or
    a legacy one. Raises TemplateFault, TooLong."""
    if not version.dynamic:
        return merged(content, version, bounds)
    values = {**links, **(block.get("dynamic_template_data") or {})}
    subject = render(version.subject, values, html=False, work=work) if version.subject else content.subject
    html = render(version.html, values, work=work) if version.html else None
    text = render(version.plain, values, html=False, work=work) if version.plain else None
    return Content(subject, text, html)


def merged(content: Content, version: Version, bounds: Bounds) -> Content:
    """The content inside of a legacy template's version. Raises TooLong."""
    subject = bounds.join(content.subject, _SUBJECT_TAG.split(version.subject or "<%subject%>"))
    text = _around(version.plain, content.text, bounds)
    return Content(subject, text, _around(version.html, content.html, bounds))


def _around(outer: str | None, inner: str | None, bounds: Bounds) -> str | None:
    """``outer`` with ``inner`` where its tag says."""
    return bounds.join(inner or "", settings.BODY_TAG.split(outer)) if outer else inner


def tags(body: Body, block: Body, bounds: Bounds) -> Mapping[str, str]:
    """Substitution tags and their values, the sections inside of values filled in. Raises TooLong."""
    found = block.get("substitutions")
    if not found:
        return {}
    sections = body.get("sections") or {}
    return {tag: substituted(value, sections, bounds) for tag, value in found.items()}


def substituted(text: str, values: Mapping[str, str], bounds: Bounds) -> str:
    """``text`` with every tag replaced, the longest first, so that ``-name-`` does not break ``-name-2-``. Raises
    TooLong."""
    for tag in sorted(filter(None, values), key=len, reverse=True):
        text = bounds.replace(text, tag, values[tag])
    return text


def substitute(content: Content, values: Mapping[str, str], bounds: Bounds) -> None:
    """Replace the tags in all that people see. Raises TooLong."""
    if values:
        content.subject = substituted(content.subject, values, bounds)
        content.text = content.text and substituted(content.text, values, bounds)
        content.html = content.html and substituted(content.html, values, bounds)


def furnish(content: Content, body: Body, account: Settings, bounds: Bounds) -> None:
    """Put the account's template around the content, and the footer below it: the message's, or the account's. Raises
    TooLong."""
    template = settings.enabled(account, "template")
    if template and content.html is not None and template["html_content"]:
        content.html = _around(template["html_content"], content.html, bounds)
    text, html = _footer(body, account)
    bounds.spend(len(text) + len(html))
    if text and content.text is not None:
        content.text += text
    if html and content.html is not None:
        content.html = tracking.ended(content.html, html)


def _footer(body: Body, account: Settings) -> tuple[str, str]:
    named = (body.get("mail_settings") or {}).get("footer")
    if named is not None and named.get("enable") is not None:
        return (named.get("text") or "", named.get("html") or "") if named["enable"] else ("", "")
    found = settings.enabled(account, "footer") or {}
    return found.get("plain_content") or "", found.get("html_content") or ""


#: What an unsubscribe group's links are called in a message:
#: https://www.twilio.com/docs/sendgrid/ui/sending-email/create-and-manage-unsubscribe-groups (2026-11).
_GROUP_TAGS: Final = {
    "<%asm_group_unsubscribe_raw_url%>": tracking.GROUP,
    "<%asm_group_unsubscribe_url%>": tracking.GROUP,
    "<%asm_preferences_raw_url%>": tracking.PREFERENCES,
    "<%asm_preferences_url%>": tracking.PREFERENCES,
    "<%asm_global_unsubscribe_raw_url%>": tracking.UNSUBSCRIBE,
    "<%asm_global_unsubscribe_url%>": tracking.UNSUBSCRIBE,
}
#: What subscription tracking adds where nobody says what: the setting's own default text.
_LEAVE_HTML: Final = "<p>If you would like to unsubscribe and stop receiving these emails <% click here %>.</p>"
_LEAVE_TEXT: Final = "\nIf you would like to unsubscribe and stop receiving these emails click here: <% %>"


def track(content: Content, body: Body, account: Settings, tracked: Tracked, bounds: Bounds) -> Mapping[str, str]:
    """Lead the links of a mail through us, as the message or the account asks; answers headers to add. Raises
    TooLong."""
    told = body.get("tracking_settings") or {}
    analytics = _chosen(told, account, "ganalytics", "google_analytics")
    if analytics and content.html:
        more = sum(len(value) for value in analytics.values() if isinstance(value, str))
        bounds.spend(len(content.html) + content.html.count("<") * more)
        content.html = tracking.analysed(content.html, analytics)
    click = _chosen(told, account, "click_tracking", "click")
    if click:
        content.html = content.html and tracked.html_links(content.html)
        if click.get("enable_text"):
            content.text = content.text and tracked.text_links(content.text)
    headers = _leave(content, body, told, account, tracked, bounds)
    opened = _chosen(told, account, "open_tracking", "open")
    if opened and content.html is not None:
        content.html = tracked.pixel(content.html, opened.get("substitution_tag"))
    return headers


def _chosen(told: Body, account: Settings, name: str, setting: str) -> Mapping[str, Any] | None:
    """The message's word on what is tracked, or the account's where it has none."""
    named = told.get(name)
    if named is not None and named.get("enable") is not None:
        return named if named["enable"] else None
    return settings.enabled(account, setting)


def _leave(
    content: Content, body: Body, told: Body, account: Settings, tracked: Tracked, bounds: Bounds
) -> Mapping[str, str]:
    """The links by which the recipient gets no such mail again: of the message's group, or of subscription tracking."""
    if body.get("asm"):
        return _leave_group(content, tracked, bounds)
    subscription = _chosen(told, account, "subscription_tracking", "subscription")
    if not subscription:
        return {}
    target = tracked.address(tracking.UNSUBSCRIBE)
    tag = subscription.get("substitution_tag") or subscription.get("replace")
    html = subscription.get("html") or subscription.get("html_content") or _LEAVE_HTML
    text = subscription.get("text") or subscription.get("plain_content") or _LEAVE_TEXT
    if content.html is not None:
        shown = tracking.here(html, target, html=True)
        content.html = bounds.replace(content.html, tag, target) if tag else tracking.ended(content.html, shown)
    if content.text is not None:
        content.text = (
            bounds.replace(content.text, tag, target) if tag else content.text + tracking.here(text, target, html=False)
        )
    return _headers(target)


def _leave_group(content: Content, tracked: Tracked, bounds: Bounds) -> Mapping[str, str]:
    links = {tag: tracked.address(path) for tag, path in _GROUP_TAGS.items()}
    group, preferences = tracked.address(tracking.GROUP), tracked.address(tracking.PREFERENCES)
    named = any(tag in form for tag in (*links, group, preferences) for form in (content.html, content.text) if form)
    if named:
        content.html = content.html and substituted(content.html, links, bounds)
        content.text = content.text and substituted(content.text, links, bounds)
    else:
        # A message of a group always has a way out of it.
        if content.html is not None:
            more = (
                f'<p><a href="{group}">Unsubscribe From This List</a> | '
                f'<a href="{preferences}">Manage Email Preferences</a></p>'
            )
            content.html = tracking.ended(content.html, more)
        if content.text is not None:
            content.text += f"\n\nUnsubscribe From This List: {group}\nManage Email Preferences: {preferences}"
    return _headers(group)


def template_links(body: Body, tracked: Tracked) -> Mapping[str, str]:
    """What a dynamic template calls the ways out of its mail."""
    way_out = tracking.GROUP if body.get("asm") else tracking.UNSUBSCRIBE
    return {
        "unsubscribe": tracked.address(way_out),
        "unsubscribe_preferences": tracked.address(tracking.PREFERENCES),
    }


def _headers(target: str) -> Mapping[str, str]:
    """One-click leaving (RFC 8058)."""
    return {"List-Unsubscribe": f"<{target}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
