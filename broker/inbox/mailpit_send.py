"""A mail that a test sends through Mailpit's API: made a message, and submitted as one that comes by SMTP."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any

import jsonschema_rs
import orjson

from broker.errors import InvalidInput
from broker.inbox.composing import FIELD_NAME, media

_TEXT = {"type": "string"}
_PERSON = {"type": "object", "properties": {"Email": _TEXT, "Name": _TEXT}, "required": ["Email"]}
_PEOPLE = {"type": ["array", "null"], "items": _PERSON}
_TEXTS = {"type": ["array", "null"], "items": _TEXT}
_FILE = {
    "type": "object",
    "properties": {"Content": _TEXT, "Filename": _TEXT, "ContentType": _TEXT, "ContentID": _TEXT},
    "required": ["Content", "Filename"],
}
_VALID = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "properties": {
            "From": _PERSON,
            "To": _PEOPLE,
            "Cc": _PEOPLE,
            "ReplyTo": _PEOPLE,
            "Bcc": _TEXTS,
            "Subject": _TEXT,
            "Text": _TEXT,
            "HTML": _TEXT,
            "Headers": {"type": ["object", "null"], "additionalProperties": _TEXT},
            "Tags": _TEXTS,
            "Attachments": {"type": ["array", "null"], "items": _FILE},
        },
        "required": ["From"],
    }
)


def read(body: bytes) -> Mapping[str, Any]:
    """What is to be sent. Raises InvalidInput."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as wrong:
        raise InvalidInput(f"the body is not JSON: {wrong.msg}") from None
    for fault in _VALID.iter_errors(found):
        place = ".".join(map(str, fault.instance_path))
        raise InvalidInput(f"{place or 'the body'}: {fault.message[:200]}")
    if not recipients(found):
        raise InvalidInput("To, Cc or Bcc: somebody has to get it")
    whole: Mapping[str, Any] = found
    return whole


def recipients(wanted: Mapping[str, Any]) -> list[str]:
    """Whom the envelope names."""
    named = [person["Email"] for kind in ("To", "Cc") for person in wanted.get(kind) or ()]
    return list(dict.fromkeys([*named, *(wanted.get("Bcc") or ())]))


def written(wanted: Mapping[str, Any]) -> bytes:
    """The message. Raises InvalidInput."""
    message = EmailMessage()
    try:
        message["From"] = _person(wanted["From"])
        for field, kind in (("To", "To"), ("Cc", "Cc"), ("Reply-To", "ReplyTo")):
            if wanted.get(kind):
                message[field] = ", ".join(map(_person, wanted[kind]))
        message["Subject"] = wanted.get("Subject") or ""
        if wanted.get("Tags"):
            message["X-SMTPAPI"] = orjson.dumps({"category": wanted["Tags"]}).decode()
        for name, value in (wanted.get("Headers") or {}).items():
            if not FIELD_NAME.fullmatch(name):
                raise InvalidInput(f"Headers: {name[:80]!r} is no name of a header field")
            if name not in message:
                message[name] = value
        message.set_content(wanted.get("Text") or "")
        if wanted.get("HTML"):
            message.add_alternative(wanted["HTML"], subtype="html")
        for file in wanted.get("Attachments") or ():
            _attach(message, file)
        return message.as_bytes()
    except (ValueError, TypeError, KeyError, UnicodeError, IndexError) as wrong:
        raise InvalidInput(f"this makes no mail: {str(wrong)[:200]}") from wrong


def _person(person: Mapping[str, str]) -> str:
    return formataddr((person.get("Name") or "", person["Email"]), "utf-8")


def _attach(message: EmailMessage, file: Mapping[str, str]) -> None:
    try:
        content = base64.b64decode(file["Content"], validate=True)
    except binascii.Error:
        raise InvalidInput(f"Attachments: the content of {file['Filename'][:80]!r} is not base64") from None
    main, _, sub = media(file.get("ContentType") or "").partition("/")
    inline: dict[str, Any] = {"cid": f"<{file['ContentID']}>", "disposition": "inline"} if file.get("ContentID") else {}
    message.add_attachment(content, maintype=main, subtype=sub, filename=file["Filename"], **inline)
