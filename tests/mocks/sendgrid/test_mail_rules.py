"""Every rule of Mail Send in the provider's own sentence, with its field and its link."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Harness, value

Message = Callable[..., dict[str, Any]]
SEND = "/v3/mail/send"
PAGE = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"
TO = [{"email": "a@example.com"}]
FILE = base64.b64encode(b"x").decode()

#: (what changes in a good message, the beginning of the sentence, field, link behind the page's address)
CASES: list[tuple[dict[str, Any], str, str | None, str | None]] = [
    (
        {"personalizations": None},
        "The personalizations field is required",
        "personalizations",
        "#-Personalizations-Errors",
    ),
    (
        {"personalizations": []},
        "The personalizations field is required",
        "personalizations",
        "#-Personalizations-Errors",
    ),
    (
        {"personalizations": [{"to": TO}] * 1_001},
        "The personalization block is limited to 1000 personalizations per API request. You have provided 1001",
        "personalizations",
        "#-Personalizations-Errors",
    ),
    (
        {"personalizations": [{"to": [{"email": f"{n}@example.com"} for n in range(600)]}] * 2},
        "There is a limit of 1000 total recipients",
        "personalizations",
        "#message.personalizations",
    ),
    (
        {"personalizations": [{"to": TO}, {}]},
        "The to array is required for all personalization objects",
        "personalizations.1.to",
        "#message.personalizations.to",
    ),
    (
        {"personalizations": [{"to": []}]},
        "The to array is required for all personalization objects",
        "personalizations.0.to",
        "#message.personalizations.to",
    ),
    (
        {"personalizations": [{"to": [{"name": "A"}]}]},
        "The to email parameter is required.",
        "personalizations.0.to.0.email",
        "#message.personalizations.to",
    ),
    (
        {"personalizations": [{"to": [{"email": "nobody"}]}]},
        "Does not contain a valid address.",
        "personalizations.0.to.0.email",
        "#message.personalizations.to",
    ),
    (
        {"personalizations": [{"to": [{"email": ["a@example.com"]}]}]},
        "Invalid type. Expected: string, given: array.",
        "personalizations.0.to.0.email",
        "#message.personalizations.to",
    ),
    (
        {"personalizations": [{"to": [{"email": f"{'a' * 310}@example.com"}]}]},
        "The To email exceeds the maximum total length of 320 characters",
        "personalizations.0.to.0.email",
        "#message.personalizations.to",
    ),
    (
        {"personalizations": [{"to": TO, "cc": [{"email": "A@example.com"}]}]},
        (
            "Each email address in the personalization block should be unique between to, cc, and bcc. We found "
            "the first duplicate instance of [A@example.com] in the personalizations.0.cc field."
        ),
        "personalizations.0",
        "#message.recipient-errors",
    ),
    ({"from": None}, "The from object must be provided for every email send.", "from.email", "#message.from"),
    ({"from": {"name": "A"}}, "The from object must be provided for every email send.", "from.email", "#message.from"),
    ({"from": "a@example.com"}, "Invalid type. Expected: object, given: string.", "from", "#message.from"),
    ({"from": {"email": "a@"}}, "Does not contain a valid address.", "from.email", "#message.from"),
    ({"subject": None}, "The subject is required.", "subject", "#message.subject"),
    ({"subject": ""}, "The subject of your email must be a string at least", "subject", "#message.subject"),
    ({"content": None}, "Unless a valid template_id is provided", "content", "#message.content"),
    ({"content": []}, "Unless a valid template_id is provided", "content", "#message.content"),
    (
        {"content": [{"type": "text/plain", "value": ""}]},
        "The content value must be a string at least one character in length.",
        "content.0.value",
        "#message.content.value",
    ),
    (
        {"content": [{"type": "text/html", "value": "a"}, {"type": "text/plain", "value": "b"}]},
        "Following RFC 1341, section 7.2",
        "content",
        None,
    ),
    (
        {"content": [{"type": "text/plain", "value": "a"}, {"type": "text/plain", "value": "b"}]},
        "Following RFC 1341, section 7.2",
        "content",
        None,
    ),
    (
        {"content": [{"type": "text/plain; charset=utf-8", "value": "a"}]},
        "The content type cannot contain ';', or CRLF characters.",
        "content.0.type",
        "#message.content.type",
    ),
    (
        {"attachments": [{"content": "not base64!", "filename": "a"}]},
        "The attachment content must be base64 encoded.",
        "attachments.0.content",
        "#message.attachments.content",
    ),
    (
        {"attachments": [{"content": FILE}]},
        "filename is required.",
        "attachments.0.filename",
        "#message.attachments.filename",
    ),
    (
        {"attachments": [{"content": FILE, "filename": "a;b"}]},
        "The filename of your attachment cannot contain CRLF characters.",
        "attachments.0.filename",
        "#message.attachments.filename",
    ),
    (
        {"attachments": [{"content": FILE, "filename": "a", "disposition": "other"}]},
        'The disposition of your attachment can be either "inline" or "attachment". You provided other.',
        "attachments.0.disposition",
        "#message.attachments.disposition",
    ),
    ({"categories": ["a", "a"]}, "The categories must be a unique list", "categories", "#message.categories"),
    (
        {"categories": [str(n) for n in range(11)]},
        "There is a limit of 10 categories for each email that is sent. You provided 11 categories.",
        "categories",
        "#message.categories",
    ),
    ({"categories": ["x" * 256]}, "Each category must not be longer than 255", "categories.0", "#message.categories"),
    ({"categories": ["é"]}, "Categories can not contain non-ASCII", "categories.0", "#message.categories"),
    ({"custom_args": {"a": 1}}, "Bad Request", None, None),
    (
        {"custom_args": {"a": "x" * 10_000}},
        "The combined size of both global and personalization custom arguments",
        "personalizations.0.custom_args",
        "#message.personalizations.custom_args",
    ),
    ({"headers": {"Subject": "x"}}, "Header can not be one of the reserved keys.", "headers", "#message.headers"),
    ({"headers": {"X Y": "x"}}, "Header keys cannot contain non-ASCII", "headers", "#message.headers"),
    (
        {"personalizations": [{"to": TO, "headers": {"bcc": "x"}}]},
        "Header cannot be one of the reserved keys.",
        "personalizations.0.headers",
        "#message.personalizations.headers",
    ),
    ({"send_at": "soon"}, "Invalid type. Expected: integer, given: string.", "send_at", "#message.send_at"),
    ({"send_at": 4_102_444_800}, "Scheduling more than 72 hours in advance", "send_at", "#message.send_at"),
    (
        {"personalizations": [{"to": TO, "send_at": 4_102_444_800}]},
        "Scheduling more than 72 hours in advance",
        "personalizations.0.send_at",
        "#message.personalizations.send_at",
    ),
    (
        {"template_id": "welcome"},
        "The template_id must be a valid GUID, you provided 'welcome'.",
        "template_id",
        "#message.template_id",
    ),
    (
        {"template_id": f"d-{'0' * 32}", "personalizations": [{"to": TO, "substitutions": {"-a-": "b"}}]},
        "Substitutions may not be used with dynamic templating",
        "personalizations.0.substitutions",
        "#message.personalizations.substitutions",
    ),
    (
        {"reply_to": TO[0], "reply_to_list": TO},
        "reply_to is mutually exclusive with reply_to_list.",
        "reply_to",
        "#message.reply_to",
    ),
    (
        {"reply_to_list": [TO[0], TO[0]]},
        "Each email address in the reply_to_list should be unique.",
        "reply_to_list",
        "#message.reply_to_list",
    ),
    (
        {"reply_to_list": [TO[0], {"email": "A@example.com"}]},
        "Each email address in the reply_to_list should be unique.",
        "reply_to_list",
        "#message.reply_to_list",
    ),
]


@pytest.mark.parametrize(("changes", "sentence", "field", "anchor"), CASES)
async def test_a_broken_rule_is_told_as_sendgrid_tells_it(
    sendgrid: Harness, message: Message, changes: dict[str, Any], sentence: str, field: str | None, anchor: str | None
) -> None:
    response = await sendgrid.call("POST", SEND, json=message(**changes))
    assert response.status == 400
    fault = value(response)["errors"][0]
    assert list(fault) == ["message", "field", "help"]
    assert fault["message"].startswith(sentence)
    assert fault["field"] == field
    assert fault["help"] == (PAGE + anchor if anchor else None)


async def test_all_faults_are_told_at_once(sendgrid: Harness, message: Message) -> None:
    sent = message(subject=None, content=None, personalizations=[{"to": []}])
    response = await sendgrid.call("POST", SEND, json=sent)
    assert [fault["field"] for fault in value(response)["errors"]] == ["personalizations.0.to", "content", "subject"]


@pytest.mark.parametrize("hours", [0, 71, -5])
async def test_a_send_within_three_days_is_accepted(sendgrid: Harness, message: Message, hours: int) -> None:
    when = int(sendgrid.clock.now().timestamp()) + hours * 3600
    assert (await sendgrid.call("POST", SEND, json=message(send_at=when))).status == 202


@pytest.mark.parametrize(
    "address", ["a+b@example.co.uk", "o'brien@example.com", "a.b_c@sub.example.com", "x@sink.sendgrid.net"]
)
async def test_real_addresses_are_accepted(sendgrid: Harness, message: Message, address: str) -> None:
    sent = message(personalizations=[{"to": [{"email": address}]}])
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202


async def test_subjects_of_all_personalizations_are_enough(sendgrid: Harness, message: Message) -> None:
    sent = message(subject=None, personalizations=[{"to": TO, "subject": "A"}])
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202


async def test_broken_json_is_a_bad_request(sendgrid: Harness) -> None:
    response = await sendgrid.call("POST", SEND, body=b"{", headers={"content-type": "application/json"})
    assert response.status == 400
    assert value(response) == {"errors": [{"message": "Bad Request", "field": None, "help": None}]}


async def test_what_is_not_utf_8_is_an_unsupported_type(sendgrid: Harness) -> None:
    response = await sendgrid.call("POST", SEND, body=b'{"a": "\xff"}', headers={"content-type": "application/json"})
    assert response.status == 415
    assert value(response)["errors"][0]["message"] == "Invalid UTF8 in request"


async def test_a_body_that_is_no_object_is_refused(sendgrid: Harness) -> None:
    response = await sendgrid.call("POST", SEND, json="text")
    assert value(response)["errors"] == [
        {
            "message": "Invalid type. Expected: object, given: string.",
            "field": "(root)",
            "help": f"{PAGE}#-Request-Body-Parameters",
        }
    ]


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (["text/plain", "text/x-amp-html", "text/html"], 202),
        (["text/plain", "text/html", "text/x-amp-html"], 202),
        (["text/x-amp-html", "text/html"], 202),
        (["text/x-amp-html", "text/plain"], 400),
        (["text/html", "text/plain"], 400),
        (["text/calendar", "text/html"], 400),
    ],
)
async def test_amp_stands_behind_the_plain_text(
    sendgrid: Harness, message: Message, kinds: list[str], status: int
) -> None:
    sent = message(content=[{"type": kind, "value": "x"} for kind in kinds])
    assert (await sendgrid.call("POST", SEND, json=sent)).status == status
