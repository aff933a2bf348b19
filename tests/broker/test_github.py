"""Deliveries of GitHub's webhook, read; names there and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import InvalidInput
from broker.github import Ignored, Wanted, environment_name, pull_number, read, signed


def delivery(action: str, *, fork: bool = False, **pull: Any) -> dict[str, Any]:
    """The parts that count of https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request."""
    return {
        "action": action,
        "number": 142,
        "repository": {"id": 7, "name": "Shop.API", "full_name": "acme/Shop.API"},
        "pull_request": {
            "draft": False,
            "closed_at": None,
            "head": {"repo": {"id": 8 if fork else 7}},
            "base": {"repo": {"id": 7}},
            **pull,
        },
    }


def test_the_signature_of_githubs_own_example() -> None:
    """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation"""
    secret, body = "It's a Secret to Everybody", b"Hello, World!"
    good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signed(secret, body, good)
    for wrong in ("", good[:-1], good.removeprefix("sha256="), good.replace("sha256", "sha1"), good + "0", "sha256=ü"):
        assert not signed(secret, body, wrong)
    assert not signed(secret, body + b" ", good)
    assert not signed("another", body, good)


@pytest.mark.parametrize(
    ("action", "step"),
    [("opened", "open"), ("reopened", "reopen"), ("synchronize", "renew"), ("ready_for_review", "open")],
)
def test_actions_that_open(action: str, step: Any) -> None:
    assert read("pull_request", delivery(action), "pr-{number}") == Wanted(step, "pr-142", fork=False)
    assert read("pull_request", delivery(action, fork=True), "pr-{number}") == Wanted(step, "pr-142", fork=True)
    gone = delivery(action, head={"repo": None})
    assert read("pull_request", gone, "{repo}-{number}") == Wanted(step, "shop-api-142", fork=True)
    assert read("pull_request", delivery(action, draft=True), "pr-{number}") == Ignored("a draft")


def test_closing_drafts_included() -> None:
    closed = delivery("closed", draft=True, closed_at="2026-03-01T12:00:00Z")
    assert read("pull_request", closed, "pr-{number}") == Wanted(
        "close", "pr-142", at=datetime(2026, 3, 1, 12, tzinfo=UTC)
    )
    assert read("pull_request", delivery("closed"), "pr-{number}") == Wanted("close", "pr-142")


@pytest.mark.parametrize("action", ["labeled", "edited", "converted_to_draft", "x" * 500])
def test_other_actions_and_events_are_ignored(action: str) -> None:
    ignored = read("pull_request", delivery(action), "pr-{number}")
    assert isinstance(ignored, Ignored)
    assert len(ignored.reason) < 100
    assert read("push", {}, "pr-{number}") == Ignored("event push")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"action": "opened"},
        {**delivery("opened"), "number": "x"},
        {**delivery("opened"), "pull_request": None},
        {**delivery("opened"), "repository": []},
        delivery("opened", head=None),
        delivery("closed", closed_at="yesterday"),
        delivery("closed", closed_at="2026-03-01T12:00:00"),
        delivery("closed", closed_at=3),
    ],
)
def test_what_is_no_payload_of_githubs(payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="no pull_request payload"):
        read("pull_request", payload, "pr-{number}")


@given(st.integers(1, 10**9), st.sampled_from(["shop", "Shop.API", "a_b", "x-1"]))
def test_names_lead_back(number: int, repository: str) -> None:
    for template in ("pr-{number}", "{repo}-{number}", "{number}-{repo}", "{number}"):
        name = environment_name(template, number, repository)
        assert pull_number(template, repository, name) == number


def test_names_that_are_nobodys() -> None:
    for name in ("pr-", "pr-0", "pr-007", "pr-1x", "xpr-1", "pr-\u0661", "pr--1", "pr-1\n", "x", "pr-" + "9" * 30):
        assert pull_number("pr-{number}", "shop", name) is None
    assert pull_number("{repo}-{number}", "shop", "shopping-1") is None
    assert pull_number("{repo}-{number}", "a.b", "axb-1") is None, "the repository is no pattern"


def test_names_that_cannot_be() -> None:
    with pytest.raises(InvalidInput, match="too long"):
        environment_name("{repo}-{number}", 1, "r" * 62)
    with pytest.raises(InvalidInput, match="cannot be part"):
        environment_name("{repo}-{number}", 1, "...")
    assert environment_name("pr-{number}", 1, "...") == "pr-1"
