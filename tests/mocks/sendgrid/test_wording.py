"""Places, links and sentences of SendGrid's errors. The whole table is tested through Mail Send (test_mail_rules)."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.contract import Violation
from mocks.sendgrid import wording


def test_places_lose_their_numbers_and_fields_keep_them() -> None:
    pointer = ("personalizations", 0, "to", 1, "email")
    assert wording.plain(pointer) == "personalizations.to.email"
    assert wording.dotted(pointer) == "personalizations.0.to.1.email"
    assert wording.dotted(()) == "(root)"


@pytest.mark.parametrize(
    ("place", "anchor"),
    [
        ("", "#-Request-Body-Parameters"),
        ("personalizations", "#-Personalizations-Errors"),
        ("personalizations.to.email", "#message.personalizations.to"),
        ("from.email", "#message.from"),
        ("content.value", "#message.content.value"),
    ],
)
def test_links_lead_to_the_errors_page(place: str, anchor: str) -> None:
    assert wording.link(place) == wording.PAGE + anchor


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "integer"),
        (1.5, "number"),
        ("a", "string"),
        ([], "array"),
        ({}, "object"),
    ],
)
def test_json_types_are_named(value: Any, name: str) -> None:
    assert wording.json_type(value) == name


def test_an_unknown_member_is_named() -> None:
    violation = Violation("body", ("surprise",), "unknown", "is not part of the operation")
    message, field, _ = wording.of_mail(violation)
    assert (message, field) == ("Additional property surprise is not allowed", "surprise")


def test_broken_json_elsewhere() -> None:
    violation = Violation("body", (), "malformed", "is not JSON")
    assert wording.of_other(violation) == ("The JSON you have submitted cannot be parsed.", None, None)


@pytest.mark.parametrize(
    ("pointer", "rule", "value", "sentence"),
    [
        (("personalizations", 0, "substitutions"), "max_items", {}, wording.MANY_SUBSTITUTIONS),
        (("mail_settings", "spam_check", "threshold"), "maximum", 11, wording.BAD_THRESHOLD),
        (("mail_settings", "spam_check", "threshold"), "minimum", 0, wording.BAD_THRESHOLD),
        (("send_at",), "minimum", -1, "must be at least 0"),
    ],
)
def test_limits_in_their_own_words(pointer: tuple[str | int, ...], rule: Any, value: Any, sentence: str) -> None:
    violation = Violation("body", pointer, rule, "must be at least 0", value=value)
    assert wording.of_mail(violation)[0] == sentence


def test_a_missing_body_is_named() -> None:
    assert wording.of_other(Violation("body", (), "required", "is required"))[:2] == ("request body is required", None)
