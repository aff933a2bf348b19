"""The header X-SMTPAPI: what a message that comes by SMTP asks for, in the words of Mail Send.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/building-an-x-smtpapi-header (2026-11), and
https://www.twilio.com/docs/sendgrid/for-developers/sending-email/using-mail-settings-and-tracking for ``filters``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from mocks import mime
from mocks.sendgrid.errors import Fault, refused

Header = Mapping[str, Any]

#: Wording ours: SendGrid takes such a message and drops it later, for "Invalid SMTPAPI header".
_BROKEN: Final = "X-SMTPAPI is no JSON object"


def read(text: str | None) -> Header:
    """The header's value; raises a refusal for what is none."""
    if text is None or not text.strip():
        return {}
    try:
        # Folding may have left line breaks between its tokens.
        found = orjson.loads(text.replace("\r", "").replace("\n", ""))
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise refused([Fault(_BROKEN, "x-smtpapi")])
    return found


def blocks(header: Header, people: Mapping[str, Sequence[Mapping[str, str]]]) -> list[dict[str, Any]]:
    """The personalizations: one for each address of ``to``, or one for ``people`` of the message."""
    listed = [_person(text) for text in _texts(header.get("to"))]
    groups: list[Mapping[str, Any]] = [{"to": [person]} for person in listed] or [people]
    found: list[dict[str, Any]] = []
    for place, group in enumerate(groups):
        block: dict[str, Any] = {kind: list(persons) for kind, persons in group.items() if persons}
        substitutions = {
            tag: str(values[place] if place < len(values) else "")
            for tag, values in _mapping(header.get("sub")).items()
            if isinstance(values, list) and (listed or values)
        }
        if substitutions:
            block["substitutions"] = substitutions
        moments = header.get("send_each_at")
        if isinstance(moments, list) and place < len(moments) and isinstance(moments[place], int):
            block["send_at"] = moments[place]
        found.append(block)
    return found


def message(header: Header) -> dict[str, Any]:
    """What the header says of the whole message."""
    found: dict[str, Any] = {}
    categories = _texts(header.get("category"))
    if categories:
        found["categories"] = list(dict.fromkeys(categories))
    if arguments := _mapping(header.get("unique_args")):
        found["custom_args"] = {name: str(value) for name, value in arguments.items()}
    if sections := _mapping(header.get("section")):
        found["sections"] = {name: str(value) for name, value in sections.items()}
    for name, member in (("send_at", "send_at"), ("ip_pool", "ip_pool_name"), ("batch_id", "batch_id")):
        if header.get(name):
            found[member] = header[name]
    if isinstance(header.get("asm_group_id"), int):
        found["asm"] = {"group_id": header["asm_group_id"]}
        if shown := header.get("asm_groups_to_display"):
            found["asm"]["groups_to_display"] = shown
    return found | _filtered(_mapping(header.get("filters")))


def _filtered(filters: Header) -> dict[str, Any]:
    mail: dict[str, Any] = {}
    tracking: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for name, settings in _settings(filters):
        on = _on(settings.get("enable", 1))
        if name == "footer":
            texts = {form: settings.get(f"text/{kind}") for form, kind in (("text", "plain"), ("html", "html"))}
            mail["footer"] = {"enable": on, **{form: str(text) for form, text in texts.items() if text}}
        elif name == "bcc" and settings.get("email"):
            mail["bcc"] = {"enable": on, "email": str(settings["email"])}
        elif name.startswith("bypass_"):
            mail[name] = {"enable": on}
        elif name == "clicktrack":
            tracking["click_tracking"] = {"enable": on, "enable_text": _on(settings.get("enable_text", 0))}
        elif name == "opentrack":
            replaced = {"substitution_tag": str(settings["replace"])} if settings.get("replace") else {}
            tracking["open_tracking"] = {"enable": on, **replaced}
        elif name == "subscriptiontrack":
            tracking["subscription_tracking"] = {"enable": on, **_subscription(settings)}
        elif name == "ganalytics":
            utm = {key: str(value) for key, value in settings.items() if key.startswith("utm_")}
            tracking["ganalytics"] = {"enable": on, **utm}
        elif name == "templates" and on and settings.get("template_id"):
            found["template_id"] = str(settings["template_id"])
    if mail:
        found["mail_settings"] = mail
    if tracking:
        found["tracking_settings"] = tracking
    return found


def _settings(filters: Header) -> Iterator[tuple[str, Header]]:
    for name, body in filters.items():
        if isinstance(body, dict):
            settings = body.get("settings", body.get("setting"))
            if isinstance(settings, dict):
                yield name, settings


def _subscription(settings: Header) -> dict[str, str]:
    names = (("text", "text/plain"), ("html", "text/html"), ("substitution_tag", "replace"))
    return {member: str(settings[name]) for member, name in names if settings.get(name)}


def _on(value: Any) -> bool:
    return value in (1, True, "1", "true")


def _texts(value: Any) -> list[str]:
    """One text, or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str) and each]


def _mapping(value: Any) -> Header:
    return value if isinstance(value, dict) else {}


def _person(text: str) -> dict[str, str]:
    name, address = next(iter(mime.addresses([text])), ("", ""))
    return {"email": address or text, **({"name": name} if name else {})}
