"""What the composition root may leave out."""

from __future__ import annotations

from dataclasses import fields

from broker.control.parts import Parts, Quiet
from broker.workflows.workflows import Workflows
from tests.broker.control.conftest import Bench


async def test_without_more_the_server_is_ready_and_the_journal_settled() -> None:
    assert Quiet.unready() == ()
    await Quiet.settle()


def test_only_what_is_quiet_has_a_default(bench: Bench) -> None:
    needed = {field.name for field in fields(Parts)} - {
        "metrics",
        "available_modes",
        "unready",
        "settle",
        "caught_up",
        "ending",
        "hooks",
        "accounts",
        "budgets",
        "revocation",
        "sweeps",
        "drift",
        "recording",
        "triggers",
        "inbound",
        "feed",
        "inbox",
        "waits",
    }
    assert needed == {"settings", "clock", "vault", "storage", "services", "environments", "work", "token"}


def test_the_durable_work_offers_what_is_asked_of_it() -> None:
    assert callable(Workflows.close)
    assert callable(Workflows.resend)
