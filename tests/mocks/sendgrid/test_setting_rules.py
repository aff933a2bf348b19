"""What is wrong with a message's own settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mocks.sendgrid.setting_rules import settings

ON = {"enable": True}


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({}, []),
        ({"bcc": {"enable": False}}, []),
        ({"bcc": ON}, ["bcc.email"]),
        ({"bcc": {**ON, "email": "nobody"}}, ["bcc.email"]),
        ({"bcc": {**ON, "email": "a@example.com"}}, []),
        ({"spam_check": ON}, ["spam_check.threshold", "spam_check.post_to_url"]),
        ({"spam_check": {**ON, "threshold": 1, "post_to_url": "https://example.com"}}, []),
        ({"spam_check": {**ON, "threshold": 1, "post_to_url": "example.com"}}, ["spam_check.post_to_url"]),
        ({"bypass_list_management": ON, "bypass_spam_management": {"enable": False}}, []),
        (
            {"bypass_list_management": ON, "bypass_spam_management": ON, "bypass_bounce_management": ON},
            ["bypass_spam_management", "bypass_bounce_management"],
        ),
        ({"bypass_unsubscribe_management": ON, "bypass_bounce_management": ON}, []),
    ],
)
def test_settings_that_cannot_be(told: dict[str, Any], fields: list[str]) -> None:
    found = settings({"mail_settings": told}, datetime(2026, 11, 27, tzinfo=UTC))
    assert [fault.field for fault in found] == [f"mail_settings.{field}" for field in fields]
