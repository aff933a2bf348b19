"""SendGrid's errors: ``{"errors": [{"message", "field", "help"}]}``, whoever turned the call away.

Sentences and links are the provider's, from
https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors and from answers quoted in the issue
trackers of its SDKs (2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from contracts.contract import ContractViolation
from contracts.exchange import Request, Response
from mocks.base import Missing, Reason, Refusal, ServiceError, plain_fault
from mocks.sendgrid import wording

SEND: Final = "/v3/mail/send"

#: What SendGrid says for a reason of the broker's; other reasons are said in the broker's own words.
_SENTENCES: Final[dict[Reason, str]] = {
    "no_credential": "authorization required",
    "unknown_credential": wording.BAD_GRANT,
    "foreign_credential": wording.BAD_GRANT,
    "live_credential": wording.BAD_GRANT,
    "unknown_operation": "not found",
    "wrong_method": "method not allowed",
    "refused_by_policy": wording.FORBIDDEN,
    "body_too_large": wording.TOO_LARGE,
    "malformed": "Bad Request",
}

#: Refusals that the provider's sentence explains well enough, so that ``help`` stays as SendGrid leaves it.
_PLAIN: Final[frozenset[Reason]] = frozenset({"no_credential", "unknown_credential"})

#: Endpoints whose errors have an ``error_id`` and a ``field`` always, says the contract. Which ids there are no page
#: tells: wording ours.
_IDENTIFIED: Final = ("/v3/verified_senders", "/v3/designs", "/v3/marketing/singlesends")
_ANY: Final = "invalid"

#: Endpoints that tell a ``field`` always, if an empty one: the contract of their 400 and 404.
_FIELDED: Final = ("/v3/marketing/", "/v3/messages", "/v3/teammates", "/v3/senders", "/v3/whitelabel/dns")

#: Text of the path that cannot be an id names nothing, as any id that is not there. A word for a number stays a fault.
_NO_ID: Final[frozenset[str]] = frozenset({"format", "pattern", "min_length", "max_length"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of ``errors``. ``field`` is dotted (``personalizations.0.to``), ``help`` a link."""

    message: str
    field: str | None = None
    help: str | None = None

    def shown(self) -> dict[str, Any]:
        return {"message": self.message, "field": self.field, "help": self.help}


def refused(faults: Sequence[Fault], status: int = 400) -> ServiceError:
    """The error that tells all ``faults`` at once, as SendGrid does."""
    return ServiceError(
        status, "invalid_request", faults[0].message, details={"errors": [fault.shown() for fault in faults]}
    )


def forbidden() -> ServiceError:
    """403: the key, or whom it acts for, may not do this."""
    return told(403, wording.FORBIDDEN)


#: What SendGrid says with a status, whatever brings it about.
_OF_STATUS: Final[dict[int, str]] = {
    401: wording.BAD_GRANT,
    403: wording.FORBIDDEN,
    404: "not found",
    405: "method not allowed",
    413: wording.TOO_LARGE,
    429: "too many requests",
    500: "Internal Server Error",
}


def fault(status: int, code: str) -> ServiceError:
    """A failure that a policy asks for; of other statuses SendGrid has no sentence."""
    return told(status, _OF_STATUS[status]) if status in _OF_STATUS else plain_fault(status, code)


def told(status: int, message: str, field: str | None = None) -> ServiceError:
    """An error of one entry, in which no ``help`` stands: as endpoints other than Mail Send answer."""
    entry = {"message": message, "field": field}
    return ServiceError(status, "invalid_request", message, details={"errors": [entry]})


def render_error(error: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
    """The answer to a refused call. Mail Send names ``help`` always, the other endpoints only when there is some."""
    if isinstance(error, ContractViolation):
        return _of_violation(error, request)
    if isinstance(error, Refusal):
        return _of_refusal(error, request)
    if isinstance(error, Missing):
        entry = _nothing(request) if error.in_path else Fault(f"{error.param} does not exist", error.param)
        return _answer(error.status, [entry], request)
    entries = error.details.get("errors") or [Fault(error.message).shown()]
    return _written(error.status, _worded(entries, request), list(error.headers))


def _of_violation(error: ContractViolation, request: Request) -> Response:
    packed = request.headers.get("content-encoding") is not None
    if request.path == SEND and not packed and not _is_text(request.body):
        # Documented on the errors page as the only 415 of Mail Send.
        return _answer(415, [Fault("Invalid UTF8 in request")], request)
    if any(violation.place == "path" and violation.rule in _NO_ID for violation in error.violations):
        return _answer(404, [_nothing(request)], request)
    words = wording.of_mail if request.path == SEND else wording.of_other
    # Two branches of a schema may say the same of a member.
    faults = dict.fromkeys(Fault(*words(violation)) for violation in error.violations)
    return _answer(
        400, [fault if fault.field else replace(fault, field=_nowhere(request)) for fault in faults], request
    )


def _nothing(request: Request) -> Fault:
    """The entry for a path that names nothing."""
    return Fault("not found", _nowhere(request))


def _nowhere(request: Request) -> str | None:
    """The ``field`` of what is wrong at no place in particular."""
    return "" if request.path.startswith(_FIELDED) else None


def _of_refusal(error: Refusal, request: Request) -> Response:
    message = _SENTENCES.get(error.reason, error.message)
    if error.reason == "no_credential" and request.path == SEND:
        # Seen where a key was empty (sendgrid-php issues 831 and 989).
        message = "Permission denied, wrong credentials"
    # The provider's sentence cannot tell what is wrong here, so the broker's own stands where help belongs.
    told = None if error.reason in _PLAIN or message == error.message else error.message
    return _answer(error.status, [Fault(message, None, told)], request)


def _answer(status: int, faults: Sequence[Fault], request: Request) -> Response:
    return _written(status, _worded([fault.shown() for fault in faults], request), [])


def _worded(entries: Sequence[dict[str, Any]], request: Request) -> Sequence[Any]:
    if request.path == SEND:
        return [{**entry, "help": entry.get("help")} for entry in entries]
    shown = [{name: value for name, value in entry.items() if name != "help" or value} for entry in entries]
    if request.path.startswith(_IDENTIFIED):
        return [
            {**entry, "field": entry.get("field") or "", "error_id": entry.get("error_id") or _ANY} for entry in shown
        ]
    return shown


def _written(status: int, entries: Sequence[Any], headers: list[tuple[str, str]]) -> Response:
    value = {"errors": list(entries)}
    return Response(status, [("content-type", "application/json"), *headers], orjson.dumps(value), value=value)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
