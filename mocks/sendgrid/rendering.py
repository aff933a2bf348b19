"""What a dynamic template becomes with the values of a mail, by Handlebars."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from mocks.sendgrid.handlebars.evaluation import evaluate
from mocks.sendgrid.handlebars.faults import TemplateFault as TemplateFault
from mocks.sendgrid.handlebars.faults import Work as Work
from mocks.sendgrid.handlebars.parsing import parse
from mocks.sendgrid.handlebars.tree import Node

#: Templates up to this length are kept read: a longer one costs little beside what it writes, and much to keep.
_KEPT: Final = 20_000


def render(source: str, values: Any, *, html: bool = True, work: Work | None = None) -> str:
    """The text of a dynamic template. ``{{name}}`` is escaped in subjects and plain text as in HTML, which is why
    SendGrid's page on Handlebars asks for three braces there: ``html`` changes nothing. Raises TemplateFault."""
    return evaluate(read(source), values or {}, work or Work())


def read(source: str) -> list[Node]:
    """The template, read. Raises TemplateFault."""
    return _kept(source) if len(source) <= _KEPT else parse(source)


@lru_cache(maxsize=32)
def _kept(source: str) -> list[Node]:
    return parse(source)
