"""What is looked for in a mailbox, in the words that Mailpit's users know, and some of our own.

Terms are separated by blanks and all have to match; a phrase stands in double quotes, and ``-`` or ``!`` in front of a
term means that it must not match. What a term looks for is found anywhere in its field, in any case:
https://mailpit.axllent.org/docs/usage/search-filters/ (2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from broker.errors import InvalidInput
from broker.inbox.words import readable, words

#: Characters of a search, and terms in it.
MOST, _TERMS = 2000, 50

_TERM = re.compile(r'([-!]?)(?:([A-Za-z-]+):)?(?:"([^"]*)"|(\S+))(?=\s|$)')
Mail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Term:
    """``field`` "" is the whole mail; ``value`` is in folded case, a moment for ``before`` and ``after``."""

    field: str
    value: Any
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Terms that all have to match."""

    terms: Sequence[Term] = ()

    @property
    def reads_text(self) -> bool:
        """Whether the text of the mails is looked at."""
        return any(term.field in ("", "text") for term in self.terms)

    def matches(self, mail: Mail) -> bool:
        """``mail`` is the JSON form of a stored one."""
        return all(_FIELDS[term.field](mail, term.value) is not term.negated for term in self.terms)

    def and_also(self, *terms: Term) -> Search:
        """The same with more terms."""
        return Search((*self.terms, *terms))


def parse(text: str, zone: tzinfo = UTC) -> Search:
    """``zone`` is the one of dates that name none. Raises InvalidInput."""
    if len(text) > MOST:
        raise InvalidInput(f"search: at most {MOST} characters")
    terms = list(_terms(text.strip(), zone))
    if len(terms) > _TERMS:
        raise InvalidInput(f"search: at most {_TERMS} terms")
    return Search(tuple(terms))


def _terms(text: str, zone: tzinfo) -> Iterator[Term]:
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None:
            # A quotation mark that opens nothing: a word like any other.
            stop = at + len(text[at:].split(maxsplit=1)[0])
            yield Term("", text[at:stop].strip('"').casefold())
        else:
            stop = found.end()
            yield _term(found, zone)
        at = stop
        while at < len(text) and text[at].isspace():
            at += 1


def _term(found: re.Match[str], zone: tzinfo) -> Term:
    sign, name, phrase, word = found.groups()
    value = word if phrase is None else phrase
    field = _NAMES.get((name or "").lower())
    if field is None:
        # Not a field of ours: `https://...`, `10:30`, `re:`.
        return Term("", f"{name}:{value}".casefold(), bool(sign))
    if field in ("before", "after"):
        return Term(field, moment(value, zone), bool(sign))
    if field in ("is", "has"):
        choices = _IS if field == "is" else _HAS
        if value.lower() not in choices:
            raise InvalidInput(f"search: {field}:{value[:40]} is none of {', '.join(choices)}")
        return Term(choices[value.lower()], "", bool(sign))
    if field in ("larger", "smaller"):
        return Term(field, _size(value), bool(sign))
    return Term(field, value.casefold(), bool(sign))


def moment(text: str, zone: tzinfo = UTC) -> datetime:
    """A date, or a date and a time as ISO 8601 has it; ``2026/11/27`` too. Raises InvalidInput."""
    try:
        found = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise InvalidInput(
            f"search: {text[:40]!r} is no moment; write one like 2026-11-27 or 2026-11-27T14:30:00Z"
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


_SIZE = re.compile(r"([0-9]{1,12})\s*([kmg]?)i?b?", re.IGNORECASE)


def _size(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(f"search: {text[:40]!r} is no size; write one like 500k or 2m")
    return int(found.group(1)) << {"": 0, "k": 10, "m": 20, "g": 30}[found.group(2).lower()]


# -- fields ------------------------------------------------------------------------------------------------


def _people(mail: Mail, *kinds: str) -> Iterator[str]:
    for kind in kinds:
        found = mail.get(kind) or ()
        for person in [found] if isinstance(found, Mapping) else found:
            yield f"{person.get('name') or ''} <{person.get('email') or ''}>".casefold()


def _in_people(*kinds: str) -> Callable[[Mail, Any], bool]:
    return lambda mail, value: any(value in person for person in _people(mail, *kinds))


_EVERYBODY = ("sender", "to", "cc", "bcc", "reply_to")


def _anywhere(mail: Mail, value: str) -> bool:
    return (
        value in str(mail["subject"]).casefold()
        or _in_people(*_EVERYBODY)(mail, value)
        or _said(mail, value)
        or any(value in name for name in _file_names(mail))
    )


def _said(mail: Mail, value: str) -> bool:
    """In the text, or in what only the HTML says."""
    if value in words(mail).casefold():
        return True
    return bool(mail.get("text") and mail.get("html")) and value in readable(mail["html"]).casefold()


def _file_names(mail: Mail) -> Iterator[str]:
    return (str(file["filename"]).casefold() for file in mail.get("attachments") or ())


def _custom(mail: Mail, value: str) -> bool:
    """``arg:NAME`` or ``arg:NAME=VALUE``: what the application attached to the mail for itself."""
    name, equals, wanted = value.partition("=")
    custom: Mapping[str, Any] = mail.get("custom") or {}
    inside = custom.get("custom_args")
    held_in_it = inside.items() if isinstance(inside, Mapping) else ()
    for key, held in (*custom.items(), *held_in_it):
        if key.casefold() == name and (not equals or str(held).casefold() == wanted):
            return True
    return False


def _tagged(mail: Mail, value: str) -> bool:
    return any(str(category).casefold() == value for category in mail.get("categories") or ())


def _sent(mail: Mail) -> datetime:
    return datetime.fromisoformat(mail["sent_at"])


_FIELDS: Mapping[str, Callable[[Mail, Any], bool]] = {
    "": _anywhere,
    "text": _said,
    "from": _in_people("sender"),
    "to": _in_people("to"),
    "cc": _in_people("cc"),
    "bcc": _in_people("bcc"),
    "reply-to": _in_people("reply_to"),
    "recipient": _in_people("to", "cc", "bcc"),
    "addressed": _in_people(*_EVERYBODY),
    "subject": lambda mail, value: value in str(mail["subject"]).casefold(),
    "message-id": lambda mail, value: value in f"{mail.get('message_id') or ''} {mail['id']}".casefold(),
    "id": lambda mail, value: str(mail["id"]).casefold() == value,
    "tag": _tagged,
    "arg": _custom,
    "service": lambda mail, value: str(mail["service"]).casefold() == value,
    "scope": lambda mail, value: str(mail.get("scope") or "").casefold() == value,
    "before": lambda mail, value: _sent(mail) < value,
    "after": lambda mail, value: _sent(mail) >= value,
    "larger": lambda mail, value: int(mail.get("size") or 0) > value,
    "smaller": lambda mail, value: int(mail.get("size") or 0) < value,
    "read": lambda mail, value: bool(mail.get("read")),
    "unread": lambda mail, value: not mail.get("read"),
    "tagged": lambda mail, value: bool(mail.get("categories")),
    "attachment": lambda mail, value: any(
        file.get("disposition") != "inline" for file in mail.get("attachments") or ()
    ),
    "inline": lambda mail, value: any(file.get("disposition") == "inline" for file in mail.get("attachments") or ()),
}
_IS = {"read": "read", "unread": "unread", "tagged": "tagged"}
_HAS = {"attachment": "attachment", "attachments": "attachment", "inline": "inline", "inlines": "inline"}
#: As they are written -> as they are kept.
_NAMES: Mapping[str, str] = {
    "": "",
    **{
        name: name
        for name in ("from", "to", "cc", "bcc", "reply-to", "addressed", "subject", "message-id", "id", "tag", "text")
    },
    **{name: name for name in ("recipient", "arg", "service", "scope", "before", "after", "is", "has")},
    "larger": "larger",
    "smaller": "smaller",
    "category": "tag",
}
