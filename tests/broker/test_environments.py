"""Environments: open is idempotent, survives a crash between its halves, and respects tombstones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broker.environments import Environments, check_name, derived_seed, parse_overlap, parse_ttl
from broker.errors import Conflict, EnvironmentClosed, InvalidInput, NotFound
from broker.policy import Policy
from broker.settings import Settings
from broker.storage.base import Credential, Environment, NameTaken
from broker.storage.sqlite import SqliteStorage
from broker.vault import Vault
from tests.broker.services import both
from tests.clocks import HeldClock


@pytest.fixture
async def storage(tmp_path: Path, clock: HeldClock) -> AsyncIterator[SqliteStorage]:
    made = SqliteStorage(tmp_path, lambda: clock.text(16))
    yield made
    await made.close()


@pytest.fixture
def environments(storage: SqliteStorage, clock: HeldClock) -> Environments:
    return Environments(Settings(), clock, storage, Vault("k" * 32), both())


def policy(text: str) -> Policy:
    return Policy.parse(text, ("alpha", "beta"))


async def close(storage: SqliteStorage, clock: HeldClock, environment: Environment) -> None:
    await storage.registry.update_environment(environment.uid, status="closed", closed_at=clock.now())
    await storage.registry.kill_credentials(environment.uid)
    await storage.destroy(environment)


async def test_open_makes_an_environment(environments: Environments, clock: HeldClock) -> None:
    opened = await environments.open("pr-142", ttl=timedelta(hours=3))
    assert opened.outcome == "created"
    made = opened.environment
    assert (made.name, made.status, len(made.tag)) == ("pr-142", "open", 5)
    assert made.uid.startswith("pr-142-")
    assert made.expires_at == clock.now() + timedelta(hours=3)
    assert made.seed == derived_seed("pr-142")


async def test_open_twice_gives_the_same_answer(environments: Environments, clock: HeldClock) -> None:
    first = await environments.open("pr-1", policy("version: 1"), ttl=timedelta(hours=3))
    bundle = await environments.bundle(first.environment)
    clock.advance(minutes=10)
    again = await environments.open("pr-1", policy("version: 1"), ttl=timedelta(hours=3))
    assert again.outcome == "unchanged"
    assert again.environment == first.environment, "the expiry is kept too: renewing is its own step"
    assert await environments.bundle(again.environment) == bundle
    assert (await environments.open("pr-1")).outcome == "unchanged", "without a policy the present one stays"


async def test_another_policy_is_applied_in_place(environments: Environments) -> None:
    first = await environments.open("pr-1", policy("version: 1"))
    told: list[Environment] = []
    environments.watch(told.append)
    changed = await environments.open("pr-1", policy("version: 1\nservices: {alpha: refuse}"))
    assert changed.outcome == "policy_changed"
    assert changed.environment.uid == first.environment.uid
    assert told == [changed.environment]
    before, after = await environments.bundle(first.environment), await environments.bundle(changed.environment)
    assert before["variables"] == after["variables"]
    assert (before["bindings"]["alpha"]["mode"], after["bindings"]["alpha"]["mode"]) == ("mock", "refuse")
    kept = await environments.open("pr-1")
    assert kept.environment.policy == changed.environment.policy


async def test_time_and_seed_come_from_the_policy_unless_given(environments: Environments, clock: HeldClock) -> None:
    text = "version: 1\nttl: 2h\nseed: 5"
    made = (await environments.open("a", policy(text))).environment
    assert (made.expires_at - clock.now(), made.seed) == (timedelta(hours=2), 5)
    made = (await environments.open("b", policy(text), ttl=timedelta(hours=1))).environment
    assert made.expires_at - clock.now() == timedelta(hours=1)
    made = (await environments.open("c")).environment
    assert made.expires_at - clock.now() == Settings().default_ttl


async def test_trust_is_kept_until_another_is_said(environments: Environments) -> None:
    assert (await environments.open("a")).environment.trust == "member"
    fork = await environments.open("b", trust="fork")
    assert (fork.outcome, fork.environment.trust) == ("created", "fork")
    again = await environments.open("b", policy("version: 1\nservices: {beta: refuse}"))
    assert (again.outcome, again.environment.trust) == ("policy_changed", "fork")
    assert (await environments.open("b", trust="fork")).outcome == "unchanged"
    member = await environments.open("b", trust="member")
    assert (member.outcome, member.environment.trust) == ("policy_changed", "member")
    assert member.environment.policy == again.environment.policy
    assert environments.describe(member.environment)["trust"] == "member"


async def test_a_closed_environment_needs_reopening(
    environments: Environments, storage: SqliteStorage, clock: HeldClock
) -> None:
    first = (await environments.open("pr-1")).environment
    await close(storage, clock, first)
    clock.advance(5)
    with pytest.raises(EnvironmentClosed, match="--reopen"):
        await environments.open("pr-1")
    with pytest.raises(EnvironmentClosed):
        await environments.renew("pr-1")
    with pytest.raises(EnvironmentClosed):
        await environments.store(await environments.get("pr-1"))
    second = await environments.open("pr-1", reopen=True)
    assert second.outcome == "created"
    assert second.environment.uid != first.uid
    assert second.environment.tag != first.tag
    assert (await environments.open("pr-1", reopen=True)).outcome == "unchanged"
    assert (await environments.get("pr-1")).uid == second.environment.uid


async def test_a_closing_or_expired_environment_is_left_to_its_end(
    environments: Environments, storage: SqliteStorage, clock: HeldClock
) -> None:
    made = (await environments.open("pr-1")).environment
    closing = await storage.registry.update_environment(made.uid, status="closing")
    with pytest.raises(Conflict, match="being closed"):
        await environments.open("pr-1", reopen=True)
    with pytest.raises(Conflict, match="being closed"):
        await environments.store(closing)
    await environments.open("pr-2", ttl=timedelta(seconds=10))
    clock.advance(10)
    with pytest.raises(Conflict, match="expired"):
        await environments.open("pr-2")
    with pytest.raises(Conflict, match="expired"):
        await environments.renew("pr-2")


async def test_a_kill_between_registry_and_store_heals(
    environments: Environments, storage: SqliteStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(environment: Environment) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(storage, "create", killed)
        with pytest.raises(KeyboardInterrupt):
            await environments.open("pr-1")
    assert not (tmp_path / "environments").exists()
    again = await environments.open("pr-1")
    assert again.outcome == "unchanged"
    assert (tmp_path / "environments" / again.environment.uid).is_dir()


async def test_a_taken_tag_is_drawn_again(
    environments: Environments, storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = storage.registry.add_environment
    draws = []

    async def picky(environment: Environment, credentials: list[Credential]) -> None:
        draws.append(environment.tag)
        if len(draws) < 3:
            raise NameTaken(environment.name)
        await real(environment, credentials)

    monkeypatch.setattr(storage.registry, "add_environment", picky)
    assert (await environments.open("pr-1")).environment.tag == draws[2]
    assert len(set(draws)) == 3


async def test_the_loser_of_a_race_gets_the_winners_answer(
    environments: Environments, storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = storage.registry.add_environment

    async def beaten(environment: Environment, credentials: list[Credential]) -> None:
        monkeypatch.setattr(storage.registry, "add_environment", real)
        rival = [replace(credential, environment="rival") for credential in credentials]
        await real(replace(environment, uid="rival", tag="RIVAL"), rival)
        raise NameTaken(environment.name)

    monkeypatch.setattr(storage.registry, "add_environment", beaten)
    opened = await environments.open("pr-1")
    assert (opened.outcome, opened.environment.uid) == ("unchanged", "rival")


async def test_renew(environments: Environments, clock: HeldClock) -> None:
    await environments.open("pr-1", policy("version: 1\nttl: 1d"))
    clock.advance(hours=5)
    assert (await environments.renew("pr-1")).expires_at == clock.now() + timedelta(days=1)
    assert (await environments.renew("pr-1", timedelta(hours=2))).expires_at == clock.now() + timedelta(hours=2)


async def test_reset_empties_the_mocks_and_says_what_there_was(environments: Environments, clock: HeldClock) -> None:
    made = (await environments.open("pr-1")).environment
    store = await environments.store(made)
    transaction = store.begin("alpha")
    await transaction.put("thing", "th_1", {"id": "th_1"})
    await transaction.commit()
    assert (await environments.reset("pr-1"))["records"] == {"alpha": {"thing": 1}}
    assert (await environments.reset("pr-1"))["records"] == {}


async def test_listing_and_absence(environments: Environments) -> None:
    for name in ("b", "a", "c"):
        await environments.open(name)
    assert [found.name for found in await environments.list()] == ["a", "b", "c"]
    assert [found.name for found in await environments.list(after="a", limit=1)] == ["b"]
    with pytest.raises(NotFound, match="no environment is called zzz"):
        await environments.get("zzz")


@pytest.mark.parametrize("name", ["a", "pr-142", "0", "a" * 63, "a--b"])
def test_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "A", "pr_1", "a.b", "../x", "a/b", "a\x00", "a\n", "ä", "a" * 64, "_broker", "a b", "%2e"]
)
async def test_bad_names_are_refused_everywhere(name: str, environments: Environments) -> None:
    for use in (environments.open, environments.get, environments.renew, environments.reset):
        with pytest.raises(InvalidInput, match="cannot name an environment"):
            await use(name)


async def test_webhooks_of_the_command_line_are_added_to_the_document_or_to_what_is_there(
    environments: Environments,
) -> None:
    merged = await environments.wanted_policy("pr-1", "version: 1", {"alpha": ["http://127.0.0.1:9/"]})
    assert merged is not None
    assert [target.url for target in merged.webhooks("alpha")] == ["http://127.0.0.1:9/"]
    await environments.open("pr-1", policy("version: 1\nservices: {beta: refuse}"))
    kept = await environments.wanted_policy("pr-1", None, {"alpha": ["http://127.0.0.1:9/"]})
    assert kept is not None
    assert (kept.mode("beta"), len(kept.webhooks("alpha"))) == ("refuse", 1)
    assert await environments.wanted_policy("pr-1", None, {}) is None


@pytest.mark.parametrize(
    ("webhooks", "says"),
    [
        ({"alpha": ["mailto:x"]}, "must be an http or https address"),
        ({"gamma": ["http://x.example/"]}, "unknown service"),
        ({"alpha": ["http://169.254.169.254/latest"]}, "never a target"),
    ],
)
async def test_webhooks_that_cannot_be(environments: Environments, webhooks: dict[str, list[str]], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        await environments.wanted_policy("pr-1", None, webhooks)


def test_forbidden_targets_are_named_with_their_line(environments: Environments) -> None:
    text = "version: 1\nservices:\n  alpha:\n    webhooks:\n      - url: http://metadata.google.internal/\n"
    with pytest.raises(InvalidInput, match=r"line 5, services\.alpha\.webhooks\[0\]\.url: .* never a target"):
        environments.parse_policy(text)


async def test_the_targets_of_the_policy_carry_their_secret(environments: Environments) -> None:
    text = "version: 1\nservices: {alpha: {webhooks: [{url: 'http://127.0.0.1:9/', events: [thing.*]}]}}"
    made = (await environments.open("pr-1", policy(text))).environment
    (target,) = await environments.webhook_targets(made, "alpha")
    assert (target.url, target.events) == ("http://127.0.0.1:9/", ("thing.*",))
    assert target.secret == (await environments.bundle(made))["variables"]["ALPHA_WEBHOOK_SECRET"]
    assert await environments.webhook_targets(made, "beta") == ()


async def test_the_bundle(environments: Environments) -> None:
    made = (await environments.open("pr-1", policy("version: 1\nservices: {beta: refuse}"))).environment
    bundle = await environments.bundle(made)
    assert list(bundle) == ["name", "status", "endpoint", "expires_at", "variables", "bindings"]
    assert bundle["endpoint"] == "http://127.0.0.1:4600/e/pr-1"
    variables = bundle["variables"]
    assert variables["EXTERNAL_API_ENDPOINT"] == bundle["endpoint"]
    assert variables["BROKER_ENVIRONMENT"] == "pr-1"
    assert variables["ALPHA_KEY"].startswith("al_test_")
    assert bundle["bindings"]["beta"] == {
        "mode": "refuse",
        "base_url": "http://127.0.0.1:4600/e/pr-1/beta",
        "host_url": "http://beta.pr-1.localhost:4600",
        "webhooks": [],
    }
    assert bundle["expires_at"].endswith("Z")


def test_ttl() -> None:
    assert parse_ttl("1d12h") == timedelta(hours=36)
    with pytest.raises(InvalidInput, match="ttl: 'soon' is not a duration"):
        parse_ttl("soon")


async def test_rotation_changes_the_bundle_of_that_service_only(
    environments: Environments, storage: SqliteStorage, clock: HeldClock
) -> None:
    home = (await environments.open("pr-1")).environment
    before = (await environments.bundle(home))["variables"]
    told: list[str] = []
    environments.watch(lambda environment: told.append(environment.uid))
    found, services, until = await environments.rotate("pr-1", "alpha", timedelta(minutes=30))
    assert (found.uid, services, until) == (home.uid, ["alpha"], clock.now() + timedelta(minutes=30))
    assert told == [home.uid], "whoever keeps a copy looks again"
    after = (await environments.bundle(home))["variables"]
    changed = {name for name, value in after.items() if before[name] != value}
    assert changed == {"ALPHA_KEY", "ALPHA_WEBHOOK_SECRET"}
    old = await storage.registry.credential(Vault("k" * 32).fingerprint(before["ALPHA_KEY"]))
    assert old is not None
    assert old.dies_at == until


async def test_a_second_rotation_lengthens_no_life(environments: Environments, clock: HeldClock) -> None:
    home = (await environments.open("pr-1")).environment
    first = (await environments.bundle(home))["variables"]["ALPHA_KEY"]
    _, services, dies_at = await environments.rotate("pr-1", overlap=timedelta(minutes=5))
    assert services == ["alpha", "beta"]
    await environments.rotate("pr-1", overlap=timedelta(hours=2))
    old = await environments._storage.registry.credential(Vault("k" * 32).fingerprint(first))
    assert old is not None
    assert old.dies_at == dies_at
    # A key has leaked: whichever it was, it opens nothing any more.
    await environments.rotate("pr-1", overlap=timedelta())
    old = await environments._storage.registry.credential(Vault("k" * 32).fingerprint(first))
    assert old is not None
    assert old.dies_at == clock.now()


async def test_an_overlap_ends_with_the_environment(environments: Environments) -> None:
    home = (await environments.open("pr-1", ttl=timedelta(hours=1))).environment
    _, _, until = await environments.rotate("pr-1", overlap=timedelta(days=30))
    assert until == home.expires_at


async def test_only_an_open_environment_and_a_known_service_rotate(
    environments: Environments, storage: SqliteStorage, clock: HeldClock
) -> None:
    with pytest.raises(NotFound):
        await environments.rotate("pr-1")
    home = (await environments.open("pr-1")).environment
    with pytest.raises(InvalidInput, match="gamma"):
        await environments.rotate("pr-1", "gamma")
    await close(storage, clock, home)
    with pytest.raises(EnvironmentClosed):
        await environments.rotate("pr-1")


def test_an_overlap_is_a_duration_or_none() -> None:
    assert parse_overlap("90m") == timedelta(minutes=90)
    assert parse_overlap("0") == parse_overlap(" 0s ") == timedelta()
    with pytest.raises(InvalidInput, match="overlap"):
        parse_overlap("soon")
