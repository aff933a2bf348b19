"""The header X-SMTPAPI in the words of Mail Send."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.sendgrid import smtpapi

PEOPLE: dict[str, list[dict[str, str]]] = {"to": [{"email": "ada@example.com"}], "cc": [], "bcc": []}


@pytest.mark.parametrize("text", ["[]", "x", '{"to": [', "1"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ServiceError) as refused:
        smtpapi.read(text)
    assert refused.value.status == 400


def test_a_folded_header_is_read() -> None:
    assert smtpapi.read('{"category":\r\n "a"}') == {"category": "a"}
    assert smtpapi.read(None) == smtpapi.read("  ") == {}


def test_each_address_gets_a_mail_of_its_own() -> None:
    header: dict[str, Any] = {
        "to": ["Ada <ada@example.org>", "bob@example.org"],
        "sub": {"-name-": ["Ada", "Bob"], "-one-": ["1"], "broken": "x"},
        "send_each_at": [1700000000, 1700000001],
    }
    assert smtpapi.blocks(header, PEOPLE) == [
        {
            "to": [{"email": "ada@example.org", "name": "Ada"}],
            "substitutions": {"-name-": "Ada", "-one-": "1"},
            "send_at": 1700000000,
        },
        {"to": [{"email": "bob@example.org"}], "substitutions": {"-name-": "Bob", "-one-": ""}, "send_at": 1700000001},
    ]
    assert smtpapi.blocks({}, PEOPLE) == [{"to": PEOPLE["to"]}]
    assert smtpapi.blocks({"sub": {"-n-": ["x"]}}, PEOPLE) == [{"to": PEOPLE["to"], "substitutions": {"-n-": "x"}}]


def test_what_it_says_of_the_whole_message() -> None:
    assert smtpapi.message({}) == {}
    header: dict[str, Any] = {
        "category": ["a", "b", "a", 7],
        "unique_args": {"order": 7},
        "section": {":s": "text"},
        "send_at": 1700000000,
        "ip_pool": "pool",
        "batch_id": "b",
        "asm_group_id": 3,
        "asm_groups_to_display": [3, 4],
        "filters": {
            "footer": {"settings": {"enable": 1, "text/plain": "Bye", "text/html": "<p>Bye"}},
            "bcc": {"settings": {"enable": "1", "email": "copy@example.com"}},
            "bypass_list_management": {"settings": {"enable": 1}},
            "clicktrack": {"settings": {"enable": 0}},
            "opentrack": {"settings": {"enable": 1, "replace": "%here%"}},
            "subscriptiontrack": {"settings": {"enable": 1, "text/plain": "<% %>", "replace": "[u]"}},
            "ganalytics": {"settings": {"enable": 1, "utm_source": "s"}},
            "templates": {"settings": {"enable": 1, "template_id": "d-1"}},
            "unknown": {"settings": {"enable": 1}},
            "broken": 7,
        },
    }
    assert smtpapi.message(header) == {
        "categories": ["a", "b"],
        "custom_args": {"order": "7"},
        "sections": {":s": "text"},
        "send_at": 1700000000,
        "ip_pool_name": "pool",
        "batch_id": "b",
        "asm": {"group_id": 3, "groups_to_display": [3, 4]},
        "template_id": "d-1",
        "mail_settings": {
            "footer": {"enable": True, "text": "Bye", "html": "<p>Bye"},
            "bcc": {"enable": True, "email": "copy@example.com"},
            "bypass_list_management": {"enable": True},
        },
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": True, "substitution_tag": "%here%"},
            "subscription_tracking": {"enable": True, "text": "<% %>", "substitution_tag": "[u]"},
            "ganalytics": {"enable": True, "utm_source": "s"},
        },
    }
