"""What a template becomes with the values of a mail: dynamic ones by Handlebars, legacy ones around the mail's body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from mocks.sendgrid.handlebars.evaluation import evaluate
from mocks.sendgrid.handlebars.faults import TemplateFault as TemplateFault
from mocks.sendgrid.handlebars.faults import Work as Work
from mocks.sendgrid.handlebars.parsing import parse
from mocks.sendgrid.handlebars.tree import Node
from mocks.sendgrid.templates import Version

#: Templates up to this length are kept read.
_KEPT: Final = 100_000

#: Where a legacy template takes the mail's own content in
#: (https://www.twilio.com/docs/sendgrid/ui/sending-email/create-and-edit-legacy-transactional-templates, 2026-11).
BODY: Final = "<%body%>"
SUBJECT: Final = "<%subject%>"

#: Links that a dynamic template may have without being given them: tags that are filled in when the mail is made
#: (https://www.twilio.com/docs/sendgrid/ui/sending-email/create-and-manage-unsubscribe-groups, 2026-11).
LINKS: Final = {
    "unsubscribe": "<%asm_group_unsubscribe_raw_url%>",
    "unsubscribe_preferences": "<%asm_preferences_raw_url%>",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template says. A form that it does not have is None."""

    subject: str
    html: str | None
    text: str | None


def dynamic(version: Version, values: Mapping[str, Any] | None, work: Work | None = None) -> Rendered:
    """The mail of a dynamic template: its subject and its content, and nothing of what the message says itself. Raises
    TemplateFault; such a mail is not sent, and nobody hears of it (sendgrid-nodejs issue 1209)."""
    known, work = {**LINKS, **(values or {})}, work or Work()
    subject = render(version.subject, known, html=False, work=work)
    html = render(version.html, known, work=work) if version.html else None
    text = render(version.plain, known, html=False, work=work) if version.plain else None
    return Rendered(subject, html, text)


def legacy(version: Version, subject: str, html: str | None, text: str | None) -> Rendered:
    """The mail of a legacy template: around the message's own subject and content, in each form that the message has;
    where it has none, the template stands alone. What is substituted is substituted afterwards."""
    alone = html is None and text is None
    around_html = wrapped(version.html, html) if version.html and (html is not None or alone) else html
    around_text = wrapped(version.plain, text) if version.plain and (text is not None or alone) else text
    return Rendered(
        wrapped(version.subject, subject, SUBJECT) if version.subject else subject, around_html, around_text
    )


def render(source: str, values: Any, *, html: bool = True, work: Work | None = None) -> str:
    """The text of a dynamic template. ``{{name}}`` is escaped in subjects and plain text as in HTML, which is why
    SendGrid's page on Handlebars asks for three braces there: ``html`` changes nothing. Raises TemplateFault."""
    return evaluate(read(source), values or {}, work or Work())


def read(source: str) -> list[Node]:
    """The template, read. Raises TemplateFault."""
    return _kept(source) if len(source) <= _KEPT else parse(source)


@lru_cache(maxsize=64)
def _kept(source: str) -> list[Node]:
    return parse(source)


def wrapped(template: str, content: str | None, mark: str = BODY) -> str:
    """A legacy template with the mail's own content (or subject, by ``mark``) in its place. Without the mark the
    template stands alone."""
    return template.replace(mark, content or "")
