"""Settings: one variable each, refused by name when they cannot be used."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.settings import (
    InvalidSetting,
    Settings,
    duration,
    from_environment,
    inherited,
    is_loopback,
    secret_variable,
    variables,
)

#: A text and what it becomes, for every field.
GOOD: dict[str, tuple[str, Any]] = {
    "host": ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - a text, nothing listens
    "port": ("0", 0),
    "data": ("/var/lib/broker", Path("/var/lib/broker")),
    "token": ("secret", "secret"),
    "key": ("another secret", "another secret"),
    "url": ("http://broker:4600", "http://broker:4600"),
    "public_url": ("https://broker.example.com/", "https://broker.example.com/"),
    "base_domain": ("preview.example.com", "preview.example.com"),
    "default_ttl": ("1d12h", timedelta(days=1, hours=12)),
    "max_body_mib": ("1", 1),
    "body_timeout_seconds": ("5", 5),
    "journal_exchanges": ("10", 10),
    "mails_kept": ("100", 100),
    "smtp_port": ("2525", 2525),
    "smtp_host": ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - a text, nothing listens
    "smtp_certificate": ("/etc/tls/tls.crt", Path("/etc/tls/tls.crt")),
    "smtp_key": ("/etc/tls/tls.key", Path("/etc/tls/tls.key")),
    "smtp_plain": ("yes", True),
    "journal_mib": ("2", 2),
    "storage_mib": ("1024", 1024),
    "journal_body_kib": ("3", 3),
    "incidents_kept": ("4", 4),
    "strict_replies": ("Yes", True),
    "private_targets": ("no", "no"),
    "github_webhook_secret": ("a secret of GitHub's", "a secret of GitHub's"),
    "github_environment": ("{repo}-{number}", "{repo}-{number}"),
    "sandbox_timeout_seconds": ("20", 20),
    "sandbox_settle_seconds": ("5", 5),
    "notify_url": ("https://ci.example.com/told", "https://ci.example.com/told"),
    "notify_secret": ("whsec_c2VjcmV0", "whsec_c2VjcmV0"),
    "sweep_at": ("23:59", "23:59"),
    "drift_at": ("04:30", "04:30"),
    "drift_accepted": ("drift.yaml", Path("drift.yaml")),
    "drift_contracts": ("no", False),
    "sweep_keep": ("cus_1 pr-7*", "cus_1 pr-7*"),
    "contracts": ("/srv/contracts", Path("/srv/contracts")),
    "documents": ("/srv/documents", Path("/srv/documents")),
    "cassettes": ("/srv/cassettes", Path("/srv/cassettes")),
    "log_level": ("WARNING", "warning"),
}
BAD = {
    "port": ["x", "-1", "65536", "4_600", "1.5", "9" * 5000, "٣"],
    "default_ttl": ["x", "0s", "7", "-1d", "11000000000s", "1d 12x", "d"],
    "max_body_mib": ["0", "-1", "x", "1e3"],
    "body_timeout_seconds": ["0", "many"],
    "journal_exchanges": ["0"],
    "journal_mib": ["0"],
    "storage_mib": ["0", "1.5"],
    "journal_body_kib": ["0"],
    "incidents_kept": ["0"],
    "strict_replies": ["maybe", "2"],
    "private_targets": ["maybe"],
    "github_environment": [
        "pr",
        "{repo}",
        "PR-{number}",
        "-{number}",
        "{number}_x",
        "{number}-{number}",
        "{owner}-{number}",
    ],
    "sandbox_timeout_seconds": ["0", "soon"],
    "sandbox_settle_seconds": ["0"],
    "drift_at": ["4:30", "always"],
    "drift_contracts": ["perhaps"],
    "sweep_at": ["24:00", "3:00", "at night", "03:60"],
    "log_level": ["loud"],
}


def test_every_field_is_tried_here_and_says_what_it_is() -> None:
    assert set(GOOD) == {item.name for item in fields(Settings)}
    assert all(item.metadata["about"] for item in fields(Settings))


@pytest.mark.parametrize("name", GOOD)
def test_each_is_read_from_its_variable(name: str) -> None:
    text, wanted = GOOD[name]
    found = from_environment({f"BROKER_{name.upper()}": text, "OTHER": "1"})
    assert found == Settings().with_(**{name: wanted})


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_what_cannot_be_used_is_refused_by_its_variable(name: str, text: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^BROKER_{name.upper()}: "):
        from_environment({f"BROKER_{name.upper()}": text})


def test_nothing_set_and_empty_variables_mean_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment({}) == from_environment() == Settings()
    assert from_environment({f"BROKER_{name.upper()}": "" for name in GOOD}) == Settings()
    monkeypatch.setenv("BROKER_PORT", "4711")
    assert from_environment().port == 4711


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("90s", 90), ("90m", 5400), ("12h", 43200), ("7d", 604800), ("2w", 1209600), (" 1d 12h ", 129600)],
)
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "7", "7x", "d7", "1.5d", "7d!", "0d", "11000w", "1d\x00", "7dd"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|out of range"):
        duration(text)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - a text, nothing listens
        ("::", False),
        ("10.0.0.1", False),
        ("broker.internal", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
    assert Settings(host=host).listens_on_loopback is expected
    assert Settings(host=host).allows_private_targets is expected
    assert Settings(host=host, private_targets="yes").allows_private_targets is True
    assert Settings(host=host, private_targets="no").allows_private_targets is False


@pytest.mark.parametrize(
    ("settings", "origin"),
    [
        (Settings(), "http://127.0.0.1:4600"),
        (Settings(host="0.0.0.0", port=80), "http://127.0.0.1:80"),  # noqa: S104 - a text, nothing listens
        (Settings(host="::1"), "http://[::1]:4600"),
        (Settings(host="broker", port=1), "http://broker:1"),
        (Settings(public_url="https://broker.example.com/"), "https://broker.example.com"),
    ],
)
def test_origin(settings: Settings, origin: str) -> None:
    assert settings.origin == origin


def test_with_leaves_what_is_none() -> None:
    settings = Settings(port=1, token="t")
    assert settings.with_(port=None, token=None) == settings
    assert settings.with_(port=2) == Settings(port=2, token="t")


def test_chosen_variables_without_the_empty_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"DATABASE_URL": "postgres://db/1", "EMPTY": "", "OTHER": "x"}
    assert variables(["DATABASE_URL", "EMPTY", "ABSENT"], given) == {"DATABASE_URL": "postgres://db/1"}
    monkeypatch.setenv("DATABASE_URL", "postgres://db/2")
    assert variables(["DATABASE_URL"]) == {"DATABASE_URL": "postgres://db/2"}


def test_a_variable_with_a_credential_is_read_anew_and_none_of_our_own() -> None:
    assert secret_variable("TEAM_KEY", {"TEAM_KEY": "x"}) == "x"
    assert secret_variable("TEAM_KEY", {"TEAM_KEY": ""}) is None
    assert secret_variable("TEAM_KEY", {}) is None
    for name in ("BROKER_KEY", "_KEY", "9KEY", "A-B", "", "A" * 300):
        with pytest.raises(InvalidSetting):
            secret_variable(name, {name: "x"})


def test_another_process_inherits_what_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_DATA", "here")
    monkeypatch.setenv("BROKER_PORT", "4601")
    found = inherited(BROKER_DATA="there")
    assert (found["BROKER_DATA"], found["BROKER_PORT"]) == ("there", "4601")
