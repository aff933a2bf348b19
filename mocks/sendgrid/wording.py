"""What a broken promise is called in SendGrid's words: contract violations -> (message, field, help)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from contracts.contract import Violation

#: The page that errors link to, as the API spells it (seen in answers of 2017 to 2025).
PAGE: Final = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"

BAD_GRANT: Final = "The provided authorization grant is invalid, expired, or revoked"
FORBIDDEN: Final = "access forbidden"
TOO_LARGE: Final = "The JSON payload you have included in your request is too large."

NO_PERSONALIZATION: Final = "The personalizations field is required and must have at least one personalization."
NO_TO: Final = (
    "The to array is required for all personalization objects, and must have at least one email object with a valid "
    "email address."
)
NO_FROM: Final = (
    "The from object must be provided for every email send. It is an object that requires the email parameter, but may "
    'also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", '
    '"name" : "Example Recipient"}.'
)
NO_CONTENT: Final = (
    "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined "
    "content block. We typically suggest both text/plain and text/html blocks are included, but only one block is "
    "required."
)
BAD_ADDRESS: Final = "Does not contain a valid address."
EMPTY_CONTENT: Final = "The content value must be a string at least one character in length."
MANY_SUBSTITUTIONS: Final = "You are limited to 10,000 substitutions."
BAD_THRESHOLD: Final = (
    "The spam check threshold is between 1 and 10, with the lower numbers being the most strict filtering. "
)
DOUBLED_REPLY: Final = "Each email address in the reply_to_list should be unique."
EMPTY_SUBJECT: Final = "The subject of your email must be a string at least one character in length."

LONGEST_ADDRESS: Final = 320
_NAMES: Final = {"to": "To", "cc": "CC", "bcc": "BCC", "from": "From", "reply_to": "Reply-To"}

_Told = tuple[str, str | None, str | None]

#: Sentences for a missing member, by its place with the numbers left out.
_MISSING: Final[Mapping[str, str]] = {
    "personalizations": NO_PERSONALIZATION,
    "personalizations.to": NO_TO,
    "from": NO_FROM,
    "from.email": NO_FROM,
    "content.type": "A content type is required, this tells email clients how to display the email.",
    "content.value": "A content value is required, this is the content of the email you are sending.",
    "attachments.filename": "filename is required.",
}

#: Sentences for text that is too short.
_EMPTY: Final[Mapping[str, str]] = {
    "subject": EMPTY_SUBJECT,
    "personalizations.subject": EMPTY_SUBJECT,
    "content.value": EMPTY_CONTENT,
    "content.type": "Your content type must be a string with length of at least one character.",
    "attachments.content": "The attachment content must be a string at least one character in length.",
    "attachments.type": "The attachment type must be a string and at least one character in length.",
}


def plain(pointer: tuple[str | int, ...]) -> str:
    """``personalizations.to`` for the place ``personalizations.0.to.1``: how the errors page anchors it."""
    return ".".join(step for step in pointer if isinstance(step, str))


def dotted(pointer: tuple[str | int, ...]) -> str:
    """``personalizations.0.to`` for the place; ``(root)`` is the body itself."""
    return ".".join(map(str, pointer)) or "(root)"


def link(place: str) -> str:
    """The errors page at ``place``. Recipients and senders are explained where their array is."""
    if not place:
        return f"{PAGE}#-Request-Body-Parameters"
    if place == "personalizations":
        return f"{PAGE}#-Personalizations-Errors"
    whole, _, member = place.rpartition(".")
    return f"{PAGE}#message.{whole if member in ('email', 'name') and whole else place}"


def of_mail(violation: Violation) -> _Told:
    """A violation of Mail Send's contract, as the endpoint words it."""
    if violation.rule == "malformed":
        return "Bad Request", None, None
    pointer = violation.pointer
    place = plain(pointer)
    if place.rpartition(".")[0].endswith(("custom_args", "substitutions", "headers")) and violation.rule == "type":
        # Values that are not strings are refused without a word (sendgrid-nodejs issues 256 and 288).
        return "Bad Request", None, None
    rule = _RULES.get(violation.rule)
    message = rule(violation, place) if rule else violation.message
    field = "from.email" if place == "from" and violation.rule == "required" else dotted(pointer)
    return message, field, link(place)


def of_other(violation: Violation) -> _Told:
    """A violation of another endpoint's contract."""
    if violation.rule == "malformed":
        return "The JSON you have submitted cannot be parsed.", None, None
    place = dotted(violation.pointer)
    return _other_message(violation), None if place == "(root)" else place, None


def _other_message(violation: Violation) -> str:
    if violation.rule == "required":
        return f"{plain(violation.pointer) or 'request body'} is required"
    return violation.message


def _required(violation: Violation, place: str) -> str:
    whole, _, member = place.rpartition(".")
    if member == "email" and place not in _MISSING:
        return f"The {whole.rpartition('.')[2]} email parameter is required."
    return _MISSING.get(place, f"The {member or place} parameter is required.")


def _type(violation: Violation, place: str) -> str:
    return f"Invalid type. Expected: {_kind_name(violation.expected)}, given: {json_type(violation.value)}."


def _kind_name(expected: Any) -> str:
    if isinstance(expected, (list, tuple, set, frozenset)):
        return next((str(kind) for kind in expected if kind != "null"), "null")
    return str(expected)


def json_type(value: Any) -> str:
    """The JSON type of ``value``, in the words of JSON Schema."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"),
        (str, "string"),
        (int, "integer"),
        (float, "number"),
        (dict, "object"),
        ((list, tuple), "array"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _format(violation: Violation, place: str) -> str:
    whole, _, member = place.rpartition(".")
    if member != "email":
        return violation.message
    if isinstance(violation.value, str) and len(violation.value) > LONGEST_ADDRESS:
        return too_long(whole.rpartition(".")[2])
    return BAD_ADDRESS


def too_long(kind: str) -> str:
    """The sentence for an address of more than 320 characters in ``to``, ``from`` and so on."""
    return f"The {_NAMES.get(kind, kind)} email exceeds the maximum total length of 320 characters"


def _conflict(violation: Violation, place: str) -> str:
    if place == "categories" and isinstance(violation.value, list):
        return doubled_category(violation.value)
    return DOUBLED_REPLY if place == "reply_to_list" else violation.message


def doubled_category(names: Sequence[str]) -> str:
    """The sentence for a category that stands twice."""
    twice = next((name for place, name in enumerate(names) if name in names[:place]), "")
    return f"The categories must be a unique list, and you have included {twice} more than once. "


def _short(violation: Violation, place: str) -> str:
    return _EMPTY.get(place, violation.message)


def _long(violation: Violation, place: str) -> str:
    if place == "categories":
        return f"Each category must not be longer than 255 characters. {violation.value} exceeds this limit"
    return violation.message


def _many(violation: Violation, place: str) -> str:
    count = len(violation.value) if isinstance(violation.value, (list, dict)) else "too many"
    if place == "personalizations":
        return (
            "The personalization block is limited to 1000 personalizations per API request. You have provided "
            f"{count} personalizations. Please consider splitting this into multiple requests and resending your "
            "request."
        )
    if place == "categories":
        return f"There is a limit of 10 categories for each email that is sent. You provided {count} categories."
    if place == "reply_to_list":
        return "There is a limit of 1000 reply_to emails per mail/send request."
    if place == "asm.groups_to_display":
        return "There is a limit of 25 unsubscribe groups that can be displayed to a user at a time."
    if place == "personalizations.substitutions":
        return MANY_SUBSTITUTIONS
    if place.startswith("personalizations."):
        return "There is a limit of 1000 total recipients (to + cc + bcc) per request."
    return violation.message


def _enum(violation: Violation, place: str) -> str:
    if place == "attachments.disposition":
        return (
            'The disposition of your attachment can be either "inline" or "attachment". '
            f"You provided {violation.value}."
        )
    return violation.message


def _limit(violation: Violation, place: str) -> str:
    return BAD_THRESHOLD if place == "mail_settings.spam_check.threshold" else violation.message


def _unknown(violation: Violation, place: str) -> str:
    return f"Additional property {place.rpartition('.')[2]} is not allowed"


_RULES: Final[Mapping[str, Callable[[Violation, str], str]]] = {
    "required": _required,
    "type": _type,
    "format": _format,
    "pattern": _format,
    "min_length": _short,
    "max_length": _long,
    "max_items": _many,
    "minimum": _limit,
    "maximum": _limit,
    "enum": _enum,
    "conflict": _conflict,
    "unknown": _unknown,
}
