"""The rules of Mail Send that its schema does not tell, each in the provider's sentence.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors (2026-11). All faults are told at once.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from mocks.sendgrid import setting_rules, wording
from mocks.sendgrid.addresses import is_address
from mocks.sendgrid.errors import Fault

Body = Mapping[str, Any]

MOST_RECIPIENTS: Final = 1_000
MOST_CATEGORIES: Final = 10
MOST_SUBSTITUTIONS: Final = 10_000
MOST_CUSTOM_BYTES: Final = 10_000
LONGEST_CATEGORY: Final = 255
FARTHEST: Final = timedelta(hours=72)

#: Headers that belong to SendGrid or to the message itself.
RESERVED: Final = frozenset(
    (
        "x-sg-id",
        "x-sg-eid",
        "received",
        "dkim-signature",
        "content-type",
        "content-transfer-encoding",
        "to",
        "from",
        "subject",
        "reply-to",
        "cc",
        "bcc",
    )
)

_DYNAMIC: Final = "d-"
_TEMPLATE: Final = re.compile(r"d-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BREAKS: Final = re.compile(r"[;,\r\n]")
_PLAIN: Final = "text/plain"
_AMP: Final = "text/x-amp-html"
_ORDER: Final = {_PLAIN: 0, "text/html": 1}

_KINDS: Final = ("to", "cc", "bcc")


def faults(body: Body, now: datetime) -> list[Fault]:
    """Everything that is wrong with a Mail Send body whose shape its contract accepted."""
    named = set(body).union(*body["personalizations"])
    return [fault for members, rule in _RULES if not named.isdisjoint(members) for fault in rule(body, now)]


def _personalizations(body: Body, now: datetime) -> Iterator[Fault]:
    blocks = body["personalizations"]
    if not blocks:
        yield _fault(wording.NO_PERSONALIZATION, "personalizations")
    if sum(len(block.get(kind) or ()) for block in blocks for kind in _KINDS) > MOST_RECIPIENTS:
        message = "There is a limit of 1000 total recipients (to + cc + bcc) per request."
        yield Fault(message, "personalizations", f"{wording.PAGE}#message.personalizations")
    for place, block in enumerate(blocks):
        yield from _recipients(block, f"personalizations.{place}")


def _recipients(block: Body, field: str) -> Iterator[Fault]:
    if not block["to"]:
        yield _fault(wording.NO_TO, f"{field}.to")
    seen: set[str] = set()
    doubled = False
    for kind in _KINDS:
        for place, recipient in enumerate(block.get(kind) or ()):
            address = recipient["email"]
            if not _good(address):
                yield from _address(address, f"{field}.{kind}.{place}.email", kind)
            if not doubled and address.lower() in seen:
                doubled = True
                message = (
                    "Each email address in the personalization block should be unique between to, cc, and bcc. We "
                    f"found the first duplicate instance of [{address}] in the {field}.{kind} field."
                )
                yield Fault(message, field, f"{wording.PAGE}#message.recipient-errors")
            seen.add(address.lower())


def _good(address: str) -> bool:
    return len(address) <= wording.LONGEST_ADDRESS and is_address(address)


def _address(address: str, field: str, kind: str) -> Iterator[Fault]:
    if len(address) > wording.LONGEST_ADDRESS:
        yield _fault(wording.too_long(kind), field)
    elif not is_address(address):
        yield _fault(wording.BAD_ADDRESS, field)


def _sender(body: Body, now: datetime) -> Iterator[Fault]:
    if not _good(body["from"]["email"]):
        yield from _address(body["from"]["email"], "from.email", "from")
    for place, block in enumerate(body["personalizations"]):
        if block.get("from"):
            yield from _address(block["from"]["email"], f"personalizations.{place}.from.email", "from")


def _replies(body: Body, now: datetime) -> Iterator[Fault]:
    one, many = body.get("reply_to"), body.get("reply_to_list")
    if one and many:
        yield _fault("reply_to is mutually exclusive with reply_to_list.", "reply_to")
    if one:
        yield from _address(one["email"], "reply_to.email", "reply_to")
    addresses = [entry["email"] for entry in many or ()]
    for place, address in enumerate(addresses):
        if len(address) > wording.LONGEST_ADDRESS:
            yield _fault(wording.too_long("reply_to_list"), f"reply_to_list.{place}.email")
        elif not is_address(address):
            message = "The reply_to_list email does not contain a valid address."
            yield _fault(message, f"reply_to_list.{place}.email")
    if len({address.lower() for address in addresses}) < len(addresses):
        yield _fault(wording.DOUBLED_REPLY, "reply_to_list")


def _subject(body: Body, now: datetime) -> Iterator[Fault]:
    blocks = body["personalizations"]
    if body.get("subject") or body.get("template_id") or (blocks and all(block.get("subject") for block in blocks)):
        return
    message = (
        "The subject is required. You can get around this requirement if you use a template with a subject defined or "
        "if every personalization has a subject defined."
    )
    yield _fault(message, "subject")


def _content(body: Body, now: datetime) -> Iterator[Fault]:
    parts = body.get("content") or []
    if not parts and not body.get("template_id"):
        yield _fault(wording.NO_CONTENT, "content")
    for place, part in enumerate(parts):
        if re.search(r"[;\r\n]", part["type"]):
            message = "The content type cannot contain ';', or CRLF characters."
            yield _fault(message, f"content.{place}.type")
        if not part["value"]:
            yield _fault(wording.EMPTY_CONTENT, f"content.{place}.value")
    # AMP stands anywhere behind the plain text (sendgrid-python helpers/mail/mail.py: add_content).
    kinds = [part["type"].lower() for part in parts]
    ranks = [_ORDER.get(kind, 2) for place, kind in enumerate(kinds) if kind != _AMP or _PLAIN in kinds[place:]]
    # text/plain and text/html may each stand once, and only at the beginning (sendgrid-php issue 799).
    if ranks != sorted(ranks) or ranks.count(0) > 1 or ranks.count(1) > 1:
        message = (
            "Following RFC 1341, section 7.2, if either text/html or text/plain are to be sent in your email: "
            "text/plain needs to be first, followed by text/html, followed by any other content."
        )
        yield Fault(message, "content")


def _attachments(body: Body, now: datetime) -> Iterator[Fault]:
    for place, attachment in enumerate(body.get("attachments") or ()):
        field = f"attachments.{place}"
        if decoded(attachment["content"]) is None:
            yield _fault("The attachment content must be base64 encoded.", f"{field}.content")
        if _BREAKS.search(attachment["filename"]):
            yield _fault("The filename of your attachment cannot contain CRLF characters.", f"{field}.filename")
        if _BREAKS.search(attachment.get("content_id") or ""):
            yield _fault("The content ID of your attachment cannot contain CRLF characters.", f"{field}.content_id")
        if _BREAKS.search(attachment.get("type") or ""):
            yield _fault("The type cannot contain ';', or CRLF characters.", f"{field}.type")


def decoded(content: str) -> bytes | None:
    """The bytes of standard base64, None for anything else, line breaks included (sendgrid-python issue 339)."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None


def _schedule(body: Body, now: datetime) -> Iterator[Fault]:
    latest = (now + FARTHEST).timestamp()
    message = "Scheduling more than 72 hours in advance is forbidden."
    if (body.get("send_at") or 0) > latest:
        yield _fault(message, "send_at")
    for place, block in enumerate(body["personalizations"]):
        if (block.get("send_at") or 0) > latest:
            yield _fault(message, f"personalizations.{place}.send_at")


def _categories(body: Body, now: datetime) -> Iterator[Fault]:
    names: Sequence[str] = body.get("categories") or ()
    if len(names) > MOST_CATEGORIES:
        message = (
            f"There is a limit of 10 categories for each email that is sent. You provided {len(names)} categories."
        )
        yield _fault(message, "categories")
    for place, name in enumerate(names):
        if len(name) > LONGEST_CATEGORY:
            message = f"Each category must not be longer than 255 characters. {name} exceeds this limit"
            yield _fault(message, f"categories.{place}")
        if not name.isascii():
            yield _fault("Categories can not contain non-ASCII characters.", f"categories.{place}")
    if len(set(names)) < len(names):
        yield _fault(wording.doubled_category(names), "categories")


def _custom_args(body: Body, now: datetime) -> Iterator[Fault]:
    common = body.get("custom_args") or {}
    for place, block in enumerate(body["personalizations"]):
        merged = {**common, **(block.get("custom_args") or {})}
        if any(not isinstance(value, str) for value in merged.values()):
            yield Fault("Bad Request")  # without a word (sendgrid-nodejs issue 288)
        elif sum(len(name.encode()) + len(value.encode()) for name, value in merged.items()) > MOST_CUSTOM_BYTES:
            message = (
                "The combined size of both global and personalization custom arguments may not exceed 10,000 bytes per "
                "personalization."
            )
            yield _fault(message, f"personalizations.{place}.custom_args")


def _headers(body: Body, now: datetime) -> Iterator[Fault]:
    yield from _header_block(body.get("headers") or {}, "headers", "Header can not be one of the reserved keys.")
    for place, block in enumerate(body["personalizations"]):
        field = f"personalizations.{place}.headers"
        yield from _header_block(block.get("headers") or {}, field, "Header cannot be one of the reserved keys.")


def _header_block(headers: Mapping[str, Any], field: str, reserved: str) -> Iterator[Fault]:
    for name, value in headers.items():
        if not isinstance(value, str):
            yield _fault("The header values must be strings.", field)
        if not name.isascii() or not name or any(letter.isspace() for letter in name):
            yield _fault("Header keys cannot contain non-ASCII characters or empty spaces.", field)
        if name.lower() in RESERVED:
            yield _fault(reserved, field)


def _template(body: Body, now: datetime) -> Iterator[Fault]:
    template = body.get("template_id")
    if not template:
        return
    if not _TEMPLATE.fullmatch(template):
        yield _fault(f"The template_id must be a valid GUID, you provided '{template}'.", "template_id")
    if template.startswith(_DYNAMIC):
        for place, block in enumerate(body["personalizations"]):
            if block.get("substitutions"):
                message = "Substitutions may not be used with dynamic templating"
                yield _fault(message, f"personalizations.{place}.substitutions")


def _substitutions(body: Body, now: datetime) -> Iterator[Fault]:
    for place, block in enumerate(body["personalizations"]):
        values = block.get("substitutions") or {}
        if any(not isinstance(value, str) for value in values.values()):
            yield Fault("Bad Request")  # without a word (sendgrid-nodejs issue 256)
        if len(values) > MOST_SUBSTITUTIONS:
            yield _fault(wording.MANY_SUBSTITUTIONS, f"personalizations.{place}.substitutions")


def _fault(message: str, field: str) -> Fault:
    place = ".".join(step for step in field.split(".") if not step.isdecimal())
    return Fault(message, field, wording.link(place))


#: In the order in which SendGrid's documentation lists them, each with the members that it is about: a message that
#: names none of them does not pay for it. Every message names its sender.
_RULES: Final[tuple[tuple[tuple[str, ...], Callable[[Body, datetime], Iterator[Fault]]], ...]] = (
    (("from",), _personalizations),
    (("substitutions",), _substitutions),
    (("attachments",), _attachments),
    (("categories",), _categories),
    (("from",), _content),
    (("custom_args",), _custom_args),
    (("from",), _sender),
    (("headers",), _headers),
    (("reply_to", "reply_to_list"), _replies),
    (("send_at",), _schedule),
    (("from",), _subject),
    (("template_id",), _template),
    (("mail_settings",), setting_rules.settings),
)
