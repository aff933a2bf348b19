"""Mail settings of the account: what is done to all its mail unless a message says otherwise.

https://www.twilio.com/docs/sendgrid/api-reference/settings-mail (2026-11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import purging, settings
from mocks.sendgrid.addresses import is_address
from mocks.sendgrid.errors import Fault, refused

#: The most days after which a bounce is purged.
MOST_DAYS: Final = 3650


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: what lists call it, what it is before it is ever changed, and what is wrong with a change."""

    title: str
    description: str
    usual: Mapping[str, Any]
    faults: Callable[[Mapping[str, Any]], Iterator[Fault]] = lambda _: iter(())
    #: Members that are shown only once they are set.
    further: Sequence[str] = ()


def _forwarding(sent: Mapping[str, Any]) -> Iterator[Fault]:
    if sent.get("email") and not is_address(sent["email"]):
        yield Fault("email must be a valid email address", "email")  # wording ours, here and below


def _purge(sent: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("hard_bounces", "soft_bounces"):
        days = sent.get(name)
        if days is not None and not 0 <= days <= MOST_DAYS:
            yield Fault(f"{name} must be between 0 and {MOST_DAYS} days", name)


def _template(sent: Mapping[str, Any]) -> Iterator[Fault]:
    html = sent.get("html_content")
    if html and not settings.BODY_TAG.search(html):
        yield Fault("html_content must contain the tag <% body %>", "html_content")


def _whitelist(sent: Mapping[str, Any]) -> Iterator[Fault]:
    for place, entry in enumerate(sent.get("list") or ()):
        if not is_address(entry if "@" in entry else f"a@{entry}"):
            yield Fault(f"{entry} is neither an email address nor a domain", f"list.{place}")


SETTINGS: Final[Mapping[str, Setting]] = {
    "address_whitelist": Setting(
        "Address Whitelist",
        "Address / domains that should never have email suppressed.",
        {"enabled": False, "list": []},
        _whitelist,
    ),
    "bounce_purge": Setting(
        "Bounce Purge",
        "Allows you to automatically purge bounce records from SendGrid after a specified number of days.",
        {"enabled": False, "hard_bounces": None, "soft_bounces": None},
        _purge,
    ),
    "footer": Setting(
        "Footer",
        "Allows you to add a custom footer to outgoing email.",
        {"enabled": False, "html_content": "", "plain_content": ""},
    ),
    "forward_bounce": Setting(
        "Forward Bounce",
        "Allows you to forward bounces to a specific email address.",
        {"enabled": False, "email": None},
        _forwarding,
    ),
    "forward_spam": Setting(
        "Forward Spam",
        "Allows for a copy of spam reports to be forwarded to an email address.",
        {"enabled": False, "email": ""},
        _forwarding,
    ),
    "template": Setting(
        "Legacy Email Template",
        "Allows you to customize your outgoing HTML emails.",
        {"enabled": False, "html_content": ""},
        _template,
    ),
}


def shown(known: settings.Settings, described: Mapping[str, Setting]) -> Sequence[Record]:
    """What a list of settings shows of each."""
    return [
        {
            "name": name,
            "title": one.title,
            "description": one.description,
            "enabled": bool(known.get(name, one.usual)["enabled"]),
        }
        for name, one in described.items()
    ]


def retrieving(name: str, one: Setting) -> Handler:
    """GET of one setting."""

    async def retrieve(call: Call) -> Record:
        return {**one.usual, **(await settings.read(call.state)).get(name, {})}

    return retrieve


def changing(name: str, one: Setting) -> Handler:
    """PATCH of one setting: what is not named stays."""

    async def change(call: Call) -> Record:
        sent = {
            member: value for member, value in (call.params.body or {}).items() if member in (*one.usual, *one.further)
        }
        if found := list(one.faults(sent)):
            raise refused(found)
        value = {**one.usual, **(await settings.read(call.state)).get(name, {}), **sent}
        await settings.change(call.state, name, value)
        if name == "bounce_purge":
            await purging.plan_all(call)
        return value

    return change


async def list_all(call: Call) -> Record:
    """All settings by name, and whether each is on."""
    found = shown(await settings.read(call.state), SETTINGS)
    offset, limit = (call.params.query.get(name) for name in ("offset", "limit"))
    start = max(int(offset or 0), 0)
    return {"result": found[start : start + int(limit) if limit else None]}


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_mail_settings": list_all,
    **{f"GET_mail_settings-{name}": retrieving(name, one) for name, one in SETTINGS.items()},
    **{f"PATCH_mail_settings-{name}": changing(name, one) for name, one in SETTINGS.items()},
}
