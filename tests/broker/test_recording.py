"""What is wired: the folder, the masks' key, the last exchanges at a stop, the figures."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker import recording
from broker.cassettes.recorded import Cassette
from broker.metrics import Metrics
from broker.policy import Policy
from tests.broker.backends.taping import SECRET, Taping
from tests.broker.cassettes.exchanges import asked
from tests.clocks import HeldClock


@pytest.fixture
async def taping(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Taping]:
    taping = Taping(tmp_path, clock)
    yield taping
    await taping.gate.close()


async def test_a_stop_writes_what_was_answered(taping: Taping) -> None:
    _, key = await taping.open("pr-1", "record")
    for _ in range(20):
        await taping.gate.call("GET", "/v1/things", key=key)
    await taping.recording.stop()
    cassette = taping.shelf.read("tiny", "first")
    assert cassette is not None
    assert len(cassette.exchanges) == 20


async def test_a_stop_does_not_wait_for_ever(
    taping: Taping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recording, "_LAST", 0.01)
    taping.recording.record._idle.clear()
    with caplog.at_level(logging.ERROR):
        await taping.recording.stop()
    assert "are not in their cassettes" in caplog.text


async def test_masks_need_the_servers_key(taping: Taping) -> None:
    """Who has a cassette cannot try out addresses until one fits."""
    (one,) = taping.shelf.masked("tiny", "a", [asked(form={"email": "ada@b.org"})])
    assert taping.gate.vault.fingerprint("cassette tiny/a: ada@b.org").hex()[:8] in one.request.value["email"]


async def test_the_scan_knows_the_accounts_credential(taping: Taping) -> None:
    home, _ = await taping.open("pr-1", "record")
    assert await taping.recording._secrets(home, "tiny") == [SECRET]


async def test_figures(taping: Taping) -> None:
    metrics = Metrics()
    taping.recording.expose(metrics)
    for mode, name in (("record", "pr-1"), ("replay", "pr-2")):
        _, key = await taping.open(name, mode)
        await taping.gate.call("GET", "/v1/things", key=key)
        await taping.written()
    shown = metrics.render().decode()
    assert 'broker_recorded_total{outcome="written",service="tiny"} 1.0' in shown
    assert 'broker_replayed_total{outcome="played",service="tiny"} 1.0' in shown
    await taping.recording.stop()


async def test_a_policy_is_told_what_it_would_not_get(taping: Taping) -> None:
    taping.shelf.append("tiny", "first", [asked()], environment="pr-1", uid="pr-1-abc")
    taping.shelf.put(Cassette("tiny", "imported", [asked()]))

    async def told(mode: str, cassette: str | None) -> list[str]:
        body = {"mode": mode} if cassette is None else {"mode": mode, "cassette": cassette}
        policy = Policy.parse({"version": 1, "services": {"tiny": body}}, ["tiny"])
        return list(await taping.recording.warnings(policy, ["tiny", "signed"]))

    assert await told("replay", "none") == [
        "services.tiny.cassette: there is no cassette none yet, so what is replayed is refused"
    ]
    (taken,) = await told("record", "first")
    assert "first was recorded by the environment pr-1, and nobody else" in taken
    (imported,) = await told("record", "imported")
    assert "no environment of this server" in imported
    for mode, cassette in (("replay", "first"), ("record", "new"), ("mock", "none"), ("replay", None)):
        assert await told(mode, cassette) == []


async def test_a_start_clears_up_and_a_folder_that_is_not_ours_keeps_no_server_from_it(
    taping: Taping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    left = taping.shelf.path("tiny", "first").with_name(".first-0123abcd.part")
    left.parent.mkdir(parents=True)
    left.write_text("x")
    await taping.recording.start()
    assert not left.exists()

    def refused() -> None:
        raise PermissionError("not ours")

    monkeypatch.setattr(taping.shelf, "tidy", refused)
    await taping.recording.start()
    assert "not ours" in caplog.text
