"""An account's one endpoint: made, kept alive, given by hand, taken away."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.errors import Conflict, NotFound
from sandboxes.base import HookEndpoint, Refused
from tests.broker.hooked import PUBLIC, SECRET, Hooked
from tests.broker.sandbox import KEY
from tests.clocks import HeldClock

NONE: dict[str, Any] = {"hook_path": None, "hook_id": None, "hook_secret_sealed": None}


@pytest.fixture
async def world(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Hooked]:
    made = Hooked(tmp_path, clock)
    yield made
    await made.close()


def replaced(world: Hooked, **changes: Any) -> None:
    """Another driver's webhooks, from here on."""
    hooks = world.accounts.provider.hooks
    assert hooks is not None
    world.accounts.provider = replace(world.accounts.provider, hooks=replace(hooks, **changes))
    world.hooks = world.started()


async def secret_of(world: Hooked, name: str = "one") -> str | None:
    row = await world.external.account(name)
    assert row is not None
    return None if row.hook_secret_sealed is None else world.vault.unseal(row.hook_secret_sealed)


async def test_an_endpoint_is_made_once_and_its_secret_kept_sealed(world: Hooked, clock: HeldClock) -> None:
    await world.account(**NONE)
    found = await world.hooks.endpoints.ensure("one")
    [there] = world.outsides["one"].of("endpoint")
    assert (found.state, found.endpoint, found.error, found.checked_at) == ("alive", there["id"], None, clock.now())
    assert found.address == there["url"]
    assert found.address.startswith(PUBLIC + "/_broker/hooks/in/")
    assert len(found.address.rpartition("/")[2]) == 32
    row = await world.external.account("one")
    assert row is not None
    assert row.hook_secret_sealed != f"whs_{there['id']}"
    assert await secret_of(world) == f"whs_{there['id']}"
    assert await world.hooks.endpoints.ensure("one") == found
    assert len(world.outsides["one"].of("endpoint")) == 1


async def test_an_endpoint_that_vanished_is_made_anew_at_the_same_address(world: Hooked) -> None:
    await world.account(**NONE)
    before = await world.hooks.endpoints.ensure("one")
    world.outsides["one"].objects.clear()
    after = await world.hooks.endpoints.ensure("one")
    assert after.endpoint != before.endpoint
    assert after.address == before.address
    assert await secret_of(world) == f"whs_{after.endpoint}"


async def test_a_secret_that_was_lost_on_its_way_is_made_anew(world: Hooked) -> None:
    """A kill between the provider's answer and our note: the driver finds the endpoint by its address, without it."""
    await world.account(**NONE)
    told: list[HookEndpoint | None] = []
    removed: list[str] = []

    async def ensure(url: str, known: HookEndpoint | None, send: Any) -> HookEndpoint:
        told.append(known)
        return HookEndpoint("end_2", "whs_new") if removed else HookEndpoint("end_1")

    async def remove(endpoint: HookEndpoint, send: Any) -> None:
        removed.append(endpoint.id)

    replaced(world, ensure=ensure, remove=remove)
    found = await world.hooks.endpoints.ensure("one")
    assert (told, removed, found.endpoint) == ([None, None], ["end_1"], "end_2")
    assert await secret_of(world) == "whs_new"


async def test_a_provider_that_never_tells_the_secret_is_told_of(world: Hooked) -> None:
    await world.account(**NONE)

    async def ensure(url: str, known: HookEndpoint | None, send: Any) -> HookEndpoint:
        return HookEndpoint("end_1")

    replaced(world, ensure=ensure)
    with pytest.raises(Conflict, match="does not tell the secret"):
        await world.hooks.endpoints.ensure("one")
    assert (await world.hooks.endpoints.standing("one")).state == "down"


async def test_what_the_provider_refuses_is_shown_in_its_words_without_the_key(
    world: Hooked, clock: HeldClock, caplog: pytest.LogCaptureFixture
) -> None:
    await world.account(**NONE)
    world.outsides["one"].fail(403, "POST", "/v1/endpoints", times=2, words=f"the key {KEY} may not")
    with pytest.raises(Conflict, match=r"the key \[hidden\] may not") as refused:
        await world.hooks.endpoints.ensure("one")
    assert KEY not in str(refused.value)
    with caplog.at_level(logging.WARNING, "broker.hooks"):
        await world.hooks.endpoints.ensure_all()
    assert KEY not in caplog.text
    found = await world.hooks.endpoints.standing("one")
    assert (found.state, found.error, found.checked_at) == ("down", "the key [hidden] may not", clock.now())
    assert world.hooks.endpoints.down == 1
    await world.hooks.endpoints.ensure_all()
    assert world.hooks.endpoints.down == 0
    assert (await world.hooks.endpoints.standing("one")).state == "alive"


async def test_one_account_that_fails_does_not_keep_the_others_from_theirs(
    world: Hooked, caplog: pytest.LogCaptureFixture
) -> None:
    await world.account("one", **NONE)
    await world.account("two", **NONE)

    async def ensure(url: str, known: HookEndpoint | None, send: Any) -> HookEndpoint:
        if (await world.external.account("one")).hook_path in url:  # type: ignore[union-attr, operator]  # it has one
            raise ZeroDivisionError("a driver's own fault")
        return HookEndpoint("end_1", "whs_1")

    replaced(world, ensure=ensure)
    with caplog.at_level(logging.WARNING, "broker.hooks"):
        await world.hooks.endpoints.ensure_all()
    assert [each.state for each in await world.hooks.endpoints.standings()] == ["down", "alive"]
    assert "ZeroDivisionError" in ((await world.hooks.endpoints.standing("one")).error or "")


async def test_a_server_without_a_public_address_makes_none(tmp_path: Path, clock: HeldClock) -> None:
    world = Hooked(tmp_path, clock, public_url=None)
    await world.account("one", **NONE)
    await world.account("two", **NONE, endpoint="http://127.0.0.1:9")
    await world.hooks.endpoints.ensure_all()
    states = [
        (each.state, "BROKER_PUBLIC_URL" in (each.error or "")) for each in await world.hooks.endpoints.standings()
    ]
    assert states == [("unreachable", True), ("alive", False)], "a stand-in on this machine reaches it"
    assert world.outsides["one"].calls == []
    with pytest.raises(Conflict, match="BROKER_PUBLIC_URL"):
        await world.hooks.endpoints.ensure("one")
    await world.close()


async def test_an_endpoint_that_was_registered_by_hand_is_left_alone(world: Hooked) -> None:
    await world.account(**NONE)
    before = await world.hooks.endpoints.standing("one")
    assert before.state == "missing"
    assert before.address is not None, "shown before there is a secret: it is needed to get one"
    found = await world.hooks.endpoints.give_secret("one", "whs_by_hand")
    assert (found.state, found.address, found.endpoint) == ("by_hand", before.address, None)
    assert await secret_of(world) == "whs_by_hand"
    await world.hooks.endpoints.ensure_all()
    assert world.outsides["one"].calls == []


async def test_the_broker_may_take_over_what_was_registered_by_hand(world: Hooked) -> None:
    await world.account(**NONE)
    await world.hooks.endpoints.give_secret("one", "whs_by_hand")

    async def ensure(url: str, known: HookEndpoint | None, send: Any) -> HookEndpoint:
        assert known is None
        return HookEndpoint("end_by_hand")

    replaced(world, ensure=ensure)
    found = await world.hooks.endpoints.ensure("one")
    assert (found.state, found.endpoint) == ("alive", "end_by_hand")
    assert await secret_of(world) == "whs_by_hand", "found at our address: the secret is its own"


async def test_a_retired_endpoint_is_gone_and_none_is_made_by_itself(world: Hooked) -> None:
    await world.account(**NONE)
    await world.hooks.endpoints.ensure("one")
    path = (await world.external.account("one")).hook_path  # type: ignore[union-attr]  # it is there
    found = await world.hooks.endpoints.retire("one")
    assert (found.state, found.address, found.endpoint) == ("off", None, None)
    assert world.outsides["one"].of("endpoint") == []
    assert await secret_of(world) is None
    assert await world.hooks.endpoints.at(path or "") is None
    assert await world.hooks.endpoints.at("") is None, "nothing arrives where there is no address"
    await world.hooks.endpoints.ensure_all()
    assert await world.hooks.endpoints.retire("one") == found
    assert world.outsides["one"].of("endpoint") == []
    assert (await world.hooks.endpoints.ensure("one")).state == "alive", "unless somebody asks for it"


async def test_what_the_provider_does_not_take_away_stays_known_unless_it_is_let_go(
    world: Hooked, caplog: pytest.LogCaptureFixture
) -> None:
    await world.account(**NONE)
    made = await world.hooks.endpoints.ensure("one")
    world.outsides["one"].fail(503, "DELETE", times=2)
    with pytest.raises(Conflict, match="--forget"):
        await world.hooks.endpoints.retire("one")
    assert (await world.hooks.endpoints.standing("one")).endpoint == made.endpoint
    with caplog.at_level(logging.WARNING, "broker.hooks"):
        assert (await world.hooks.endpoints.retire("one", forget=True)).state == "off"
    assert str(made.endpoint) in caplog.text
    assert len(world.outsides["one"].of("endpoint")) == 1


async def test_a_service_whose_provider_has_no_webhooks(world: Hooked) -> None:
    world.accounts.provider = replace(world.accounts.provider, hooks=None)
    world.hooks = world.started()
    await world.account(**NONE)
    found = await world.hooks.endpoints.standing("one")
    assert (found.state, found.address) == ("unsupported", None)
    for refused in (world.hooks.endpoints.ensure("one"), world.hooks.endpoints.give_secret("one", SECRET)):
        with pytest.raises(Conflict):
            await refused
    await world.hooks.endpoints.ensure_all()
    assert (await world.hooks.endpoints.retire("one")).state == "unsupported"


async def test_unknown_accounts(world: Hooked) -> None:
    endpoints = world.hooks.endpoints
    for asked in (
        endpoints.standing("no"),
        endpoints.ensure("no"),
        endpoints.give_secret("no", "x"),
        endpoints.retire("no"),
    ):
        with pytest.raises(NotFound):
            await asked


async def test_an_account_that_is_configured_anew_meanwhile_keeps_its_new_form(world: Hooked) -> None:
    await world.account(**NONE)

    async def ensure(url: str, known: HookEndpoint | None, send: Any) -> HookEndpoint:
        row = await world.external.account("one")
        assert row is not None
        await world.external.put_account(replace(row, pool="all"))
        return HookEndpoint("end_1", "whs_1")

    replaced(world, ensure=ensure)
    await world.hooks.endpoints.ensure("one")
    row = await world.external.account("one")
    assert row is not None
    assert (row.pool, row.hook_id) == ("all", "end_1")


async def test_an_account_that_goes_meanwhile(world: Hooked, caplog: pytest.LogCaptureFixture) -> None:
    await world.account(**NONE)

    async def refuse(url: str, known: HookEndpoint | None, send: Any) -> HookEndpoint:
        raise Refused(500, "not now")

    async def vanish(url: str, known: HookEndpoint | None, send: Any) -> HookEndpoint:
        await world.external.delete_account("one")
        return HookEndpoint("end_1", "whs_1")

    replaced(world, ensure=refuse)
    with caplog.at_level(logging.WARNING, "broker.hooks"):
        await world.hooks.endpoints.ensure_all()
        assert world.hooks.endpoints.down == 1
        hooks = world.accounts.provider.hooks
        object.__setattr__(hooks, "ensure", vanish)
        await world.hooks.endpoints.ensure_all()
    assert world.hooks.endpoints.down == 0
    assert await world.external.accounts() == []
