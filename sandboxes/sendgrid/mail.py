"""``POST /v3/mail/send``: mail cannot be taken back, so it goes only where the account's owner said that it may. Pure.

In sandbox mode SendGrid validates the request, answers 200 instead of 202, sends nothing and emits no events:
https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sandbox-mode (2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from contracts.exchange import Response
from sandboxes.base import Account, Marker, Outgoing, Resource

OPERATION: Final = "POST_mail-send"

#: The custom argument that tells whose a message is: SendGrid repeats it in each of its events.
ARGUMENT: Final = "preview_broker"

#: The account's option: patterns of addresses that mail may really be sent to.
RECIPIENTS: Final = "recipients"

#: Before the id of a batch that waits: the batch itself has that id already.
SCHEDULED: Final = "scheduled:"

#: One plain address. Anything else may be read in two ways, and a pattern must not be the first to choose.
_PLAIN: Final = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\]+")


def marked(body: Mapping[str, Any], account: Account, marker: Marker) -> dict[str, Any]:
    """The message as it goes out: marked, and in sandbox mode unless it may really be sent."""
    message = dict(body)
    message["custom_args"] = {**(body.get("custom_args") or {}), ARGUMENT: marker.text}
    if body.get("personalizations"):
        # A personalization's own arguments go before the message's.
        message["personalizations"] = [_unclaimed(each) for each in _personalizations(body)]
    if not may_be_sent(body, account.options.get(RECIPIENTS)):
        message["mail_settings"] = {**(body.get("mail_settings") or {}), "sandbox_mode": {"enable": True}}
    return message


def _unclaimed(personalization: Mapping[str, Any]) -> Mapping[str, Any]:
    arguments = personalization.get("custom_args")
    if not isinstance(arguments, dict) or ARGUMENT not in arguments:
        return personalization
    return {**personalization, "custom_args": {name: arguments[name] for name in arguments if name != ARGUMENT}}


def may_be_sent(body: Mapping[str, Any], allowed: Any) -> bool:
    """Whether every address that the message goes to is allowed, and nothing is left behind when the environment
    closes: what is scheduled can only be canceled by its batch. ``allowed`` is a pattern or a list of them; anything
    else allows nothing."""
    patterns = [allowed] if isinstance(allowed, str) else allowed
    if not isinstance(patterns, list | tuple) or not all(isinstance(each, str) for each in patterns):
        return False
    addresses = list(recipients(body))
    if not patterns or not addresses or (_scheduled(body) and not body.get("batch_id")):
        return False
    if any("x-smtpapi" in map(str.lower, part.get("headers") or ()) for part in (body, *_personalizations(body))):
        return False  # it can name recipients of its own
    return all(_allowed(address, patterns) for address in addresses)


def _allowed(address: Any, patterns: Sequence[str]) -> bool:
    if not isinstance(address, str) or _PLAIN.fullmatch(address) is None:
        return False
    return any(fnmatchcase(address.lower(), pattern.lower()) for pattern in patterns)


def recipients(body: Mapping[str, Any]) -> Iterator[Any]:
    """Every address that gets the message; the blind copy of the mail settings as well."""
    for personalization in _personalizations(body):
        for place in ("to", "cc", "bcc"):
            for person in personalization.get(place) or ():
                yield person.get("email")
    copy = (body.get("mail_settings") or {}).get("bcc") or {}
    if copy.get("enable"):
        yield copy.get("email")


def cost(call: Outgoing) -> Mapping[str, int]:
    """SendGrid counts recipients."""
    if call.operation.id != OPERATION or not isinstance(call.params.body, Mapping):
        return {}
    return {"mails": sum(1 for _ in recipients(call.params.body))}


def scheduled(call: Outgoing, response: Response) -> Sequence[Resource]:
    """What waits to be sent, by its batch. 202 means that it is more than sandbox mode's validation."""
    body = call.params.body
    if response.status != 202 or not _scheduled(body) or not body.get("batch_id"):
        return ()
    return (Resource("scheduled_send", SCHEDULED + str(body["batch_id"]), derived=True),)


def _personalizations(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return body.get("personalizations") or ()


def _scheduled(body: Mapping[str, Any]) -> bool:
    return any(part.get("send_at") for part in (body, *_personalizations(body)))
