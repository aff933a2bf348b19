"""Services that only one environment knows: made from the document that its policy names, kept by its content, called
by path, host or key."""

from __future__ import annotations

import base64
import copy
import datetime
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from aiohttp import web

from broker import own_services
from broker.app import Broker
from broker.contract_versions import Pins, Versions
from broker.documents import Documents
from broker.errors import InvalidInput
from broker.own_services import OwnServices
from broker.policy import Policy
from broker.settings import Settings
from broker.upstream import Upstream
from contracts.compile import compile_content
from mocks import generic
from mocks.base import MockService, Refusal
from tests.broker.targets import Site, site
from tests.broker.test_contract_versions import compiled
from tests.broker.tiny import tiny
from tests.contracts.diff.documents import body, document
from tests.mocks.generic.crm import DOCUMENT


def policy(contract: str = "crm.json", **more: Any) -> Policy:
    return Policy.parse({"version": 1, "services": {"crm": {"contract": contract, **more}}}, ())


def put(folder: Path, name: str = "crm.json", **changes: Any) -> None:
    file = folder / "documents" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps({**DOCUMENT, **changes}))


Own = Callable[..., OwnServices]


@pytest.fixture
async def own() -> AsyncIterator[Own]:
    """Makes them over a folder, as one start of a server does."""
    upstreams = []

    def make(folder: Path, *, private: str = "yes", more: tuple[Path, ...] = ()) -> OwnServices:
        upstreams.append(Upstream(Settings(data=folder, private_targets=private)))
        stored = Documents([folder / "documents", *more])
        return OwnServices(
            stored, folder / "compiled", upstreams[-1], Pins({"tiny": tiny()}, Versions(folder / "contracts"))
        )

    yield make
    for upstream in upstreams:
        await upstream.close()


async def refused(made: OwnServices, wanted: Policy, present: Policy | None = None) -> str:
    with pytest.raises(InvalidInput) as found:
        await made.apply(wanted, present)
    return found.value.detail


async def test_a_document_becomes_a_service_once(own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path)
    made = own(tmp_path)
    applied = await made.apply(policy(), None)
    (service,) = made.of(applied).values()
    assert (service.name, len(service.contract().operations())) == ("crm", 11)
    monkeypatch.setattr(own_services, "compile_unseen", None)
    assert (await own(tmp_path).apply(policy(), None)).documents() == applied.documents(), "the compiled form is kept"
    assert list(own(tmp_path).of(applied)) == ["crm"]


async def test_what_changes_at_its_place_changes_nothing_until_the_policy_is_applied(own: Own, tmp_path: Path) -> None:
    put(tmp_path)
    made = own(tmp_path)
    before = await made.apply(policy(), None)
    put(tmp_path, info={"title": "CRM", "version": "3"})
    assert made.of(before)["crm"].contract().version == "2"
    after = await made.apply(policy(), before)
    assert made.of(after)["crm"].contract().version == "3"
    assert made.of(before)["crm"].contract().version == "2"


async def test_a_half_written_form_is_written_anew(own: Own, tmp_path: Path) -> None:
    put(tmp_path)
    applied = await own(tmp_path).apply(policy(), None)
    folder = tmp_path / "compiled" / applied.documents()["crm"]
    (folder / "extras.json").unlink()
    (folder / "contract.json").write_bytes(b"{")
    made = own(tmp_path)
    assert made.of(applied) == {}, "the others of its environment go on"
    assert (await made.apply(policy(), applied)).documents() == applied.documents()
    assert list(made.of(applied)) == ["crm"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.json", "the server has no such document"),
        ("../secret.json", "the server has no such document"),
        ("/etc/hostname", "the server has no such document"),
        ("link.json", "the server has no such document"),
        ("crm\0.json", "the server has no such document"),
        ("broken.json", "services.crm.contract: broken.json: no OpenAPI 3 document"),
        ("large.json", "at most 20 MiB"),
    ],
)
async def test_files_are_below_the_folder_and_whole(own: Own, tmp_path: Path, name: str, words: str) -> None:
    put(tmp_path)
    (tmp_path / "secret.json").write_bytes(orjson.dumps(DOCUMENT))
    (tmp_path / "documents" / "link.json").symlink_to(tmp_path / "secret.json")
    (tmp_path / "documents" / "broken.json").write_text("{}")
    with (tmp_path / "documents" / "large.json").open("wb") as large:
        large.truncate((20 << 20) + 1)
    assert words in await refused(own(tmp_path), policy(name))


async def test_a_second_folder_has_documents_too(own: Own, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    put(shared)
    (shared / "documents" / "apis").mkdir()
    contact = {"$ref": "../contact.json#/it"}
    (shared / "documents" / "contact.json").write_bytes(orjson.dumps({"it": {"type": "object"}}))
    paths = {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema": contact}}}}}}}
    put(shared, "apis/crm.json", paths=paths)
    made = own(tmp_path, more=(shared / "documents",))
    assert list(made.of(await made.apply(policy("apis/crm.json"), None))) == ["crm"]
    put(tmp_path, "apis/crm.json", paths=paths)
    assert "leads to a file that is not there" in await refused(made, policy("apis/crm.json")), "folders do not mix"


async def test_a_known_service_has_the_version_that_was_meant_when_the_policy_was_applied(
    own: Own, tmp_path: Path
) -> None:
    versions = Versions(tmp_path / "contracts")
    made = own(tmp_path)
    wanted = Policy.from_normalised({"services": {"tiny": {"mode": "mock", "contract": "2026-10-28"}}})
    assert "services.tiny.contract: there is no version '2026-10-28'" in await refused(made, wanted)
    versions.add(compiled("2026-10-28.first", service="tiny"), "1")
    applied = await made.apply(wanted, None)
    versions.add(compiled("2026-10-28.second", service="tiny"), "2")
    assert applied.documents() == {"tiny": "1"}
    assert made.of(applied)["tiny"].contract().version == "2026-10-28.first"
    assert made.of(applied)["tiny"] is made.of(applied)["tiny"]
    assert (await made.apply(wanted, applied)).documents() == {"tiny": "2"}
    versions.remove(versions.find("tiny", "1"))
    with pytest.raises(Refusal, match="pins its contract, and there is no version '1'"):
        own(tmp_path).of(applied)["tiny"].contract()


async def test_seeds_are_looked_at_when_the_policy_is(own: Own, tmp_path: Path) -> None:
    put(tmp_path)
    made = own(tmp_path)
    assert await made.apply(policy(options={"seed_data": {"contacts": [{"name": "Ada"}]}}), None)
    wrong = await refused(made, policy(options={"seed_data": {"people": []}}))
    assert wrong.startswith("services.crm.options.seed_data people is none of the resources")


@asynccontextmanager
async def published(*answers: tuple[int, bytes]) -> AsyncIterator[Site]:
    """A web site whose document changes with each request."""

    async def answer(request: web.Request, number: int) -> web.StreamResponse:
        status, body = answers[min(number, len(answers)) - 1]
        return web.Response(status=status, body=body)

    async with site(answer) as made:
        yield made


async def test_an_address_is_fetched_when_the_policy_is_applied(own: Own, tmp_path: Path) -> None:
    new = orjson.dumps({**DOCUMENT, "info": {"title": "CRM", "version": "3"}})
    async with published((200, orjson.dumps(DOCUMENT)), (503, b""), (200, new)) as there:
        made = own(tmp_path)
        wanted = policy(there.url("/crm.json"))
        first = await made.apply(wanted, None)
        assert made.of(first)["crm"].contract().version == "2"
        assert (await made.apply(wanted, first)).documents() == first.documents(), "a fault of theirs changes nothing"
        assert (await made.apply(wanted, first)).documents() != first.documents()
        assert len(there.heard) == 3
    again = await made.apply(wanted, first)
    assert again.documents() == first.documents(), "nobody answers: what it had stays"
    assert "cannot connect" in await refused(made, wanted)


async def test_addresses_that_are_not_fetched(own: Own, tmp_path: Path) -> None:
    made = own(tmp_path, private="no")
    assert "loopback or private address" in await refused(made, policy("https://127.0.0.1/crm.json"))
    assert "never a target" in await refused(own(tmp_path), policy("http://169.254.169.254/latest/meta-data"))
    assert "by https only" in await refused(made, policy("http://example.com/crm.json"))
    async with published((404, b"")) as there:
        assert "the address answered 404" in await refused(own(tmp_path), policy(there.url("/crm.json")))


async def test_a_fetched_document_refers_to_nothing_beside_it(own: Own, tmp_path: Path) -> None:
    put(tmp_path, "contact.json")
    schema = {"$ref": "contact.json"}
    paths = {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}}}
    async with published((200, orjson.dumps({**DOCUMENT, "paths": paths}))) as there:
        assert "is not there" in await refused(own(tmp_path), policy(there.url("/crm.json")))


class Life:
    """A whole server, called as an application calls it."""

    def __init__(self, broker: Broker, client: httpx.AsyncClient) -> None:  # noqa: TID251 - in process, our own
        self.broker = broker
        self.client = client

    async def open(self, name: str, **services: Any) -> Mapping[str, str]:
        """The variables of an environment with these services."""
        wanted = self.broker.environments.parse_policy({"version": 1, "services": services})
        opened = await self.broker.environments.open(name, wanted)
        return (await self.broker.environments.bundle(opened.environment))["variables"]


@asynccontextmanager
async def life(folder: Path, service: MockService | None = None) -> AsyncIterator[Life]:
    broker = Broker(Settings(data=folder, port=4600, strict_replies=True), services=[service or tiny()])
    async with broker.lifespan():
        transport = httpx.ASGITransport(broker.application)
        async with httpx.AsyncClient(transport=transport) as client:  # noqa: TID251 - in process, to our own application
            yield Life(broker, client)


CRM = {"contract": "crm.json"}


async def test_an_application_calls_it_in_every_way(tmp_path: Path) -> None:
    put(tmp_path)
    async with life(tmp_path) as server:
        given = await server.open("pr-1", crm=CRM)
        key, base = given["CRM_API_KEY"], given["CRM_BASE_URL"]
        assert base == "http://127.0.0.1:4600/e/pr-1/crm/v2"
        headers = {"x-crm-key": key}
        made = await server.client.post(f"{base}/contacts", json={"name": "Ada"}, headers=headers)
        assert (made.status_code, made.headers["broker-environment"]) == (201, "pr-1")
        place = f"/contacts/{made.json()['id']}"
        login = "Basic " + base64.b64encode(f"crm:{key}".encode()).decode()
        for url, fields in (
            (base + place, headers),
            (base + place, {"authorization": login}),
            (f"http://crm.pr-1.localhost:4600/v2{place}", headers),
            (f"http://pr-1.localhost:4600/v2{place}", headers),
            (f"http://127.0.0.1:4600/v2{place}", headers),
        ):
            found = await server.client.get(url, headers=fields)
            assert (found.status_code, found.json()) == (200, made.json()), url
        assert (await server.client.get(base + "/status")).status_code == 200, "everybody may call that"
        wall = await server.client.get(base + place)
        assert wall.status_code == 401
        stranger = await server.client.get(base + place, headers={"x-crm-key": "crm_vk_" + "0" * 32})
        assert stranger.status_code == 401
        shown = server.broker.environments.describe(await server.broker.environments.get("pr-1"))
        assert shown["services"] == {"tiny": "mock", "crm": "mock"}
        elsewhere = await server.open("pr-2")
        assert "CRM_API_KEY" not in elsewhere
        nowhere = await server.client.get(f"http://127.0.0.1:4600/e/pr-2/crm/v2{place}", headers=headers)
        assert nowhere.status_code == 404


async def test_environments_do_not_see_each_other(tmp_path: Path) -> None:
    put(tmp_path)
    async with life(tmp_path) as server:
        one, two = await server.open("pr-1", crm=CRM), await server.open("pr-2", crm=CRM)
        made = await server.client.post(
            f"{one['CRM_BASE_URL']}/contacts", json={"name": "Ada"}, headers={"x-crm-key": one["CRM_API_KEY"]}
        )
        path = f"/contacts/{made.json()['id']}"
        other = await server.client.get(two["CRM_BASE_URL"] + path, headers={"x-crm-key": two["CRM_API_KEY"]})
        assert other.status_code == 404
        crossed = await server.client.get(two["CRM_BASE_URL"] + path, headers={"x-crm-key": one["CRM_API_KEY"]})
        assert crossed.status_code == 401
        found = await server.broker.storage.registry.incidents(None)
        assert {one.kind for one in found} == {"foreign_id", "foreign_credential"}


async def test_a_policy_gains_and_loses_services(tmp_path: Path) -> None:
    put(tmp_path)
    async with life(tmp_path) as server:
        assert "CRM_API_KEY" not in await server.open("pr-1")
        given = await server.open("pr-1", crm=CRM)
        headers = {"x-crm-key": given["CRM_API_KEY"]}
        assert (await server.client.get(given["CRM_BASE_URL"] + "/contacts", headers=headers)).status_code == 200
        assert await server.open("pr-1", crm=CRM) == given
        environment, names, _ = await server.broker.environments.rotate("pr-1", "crm")
        assert names == ["crm"]
        fresh = (await server.broker.environments.bundle(environment))["variables"]
        assert fresh["CRM_API_KEY"] != given["CRM_API_KEY"]
        assert "CRM_API_KEY" not in await server.open("pr-1", tiny="mock")
        gone = await server.client.get(given["CRM_BASE_URL"] + "/contacts", headers=headers)
        assert gone.status_code == 404


async def test_it_outlives_the_server(tmp_path: Path) -> None:
    put(tmp_path)
    async with life(tmp_path) as server:
        given = await server.open("pr-1", crm=CRM)
        headers = {"x-crm-key": given["CRM_API_KEY"]}
        url = f"{given['CRM_BASE_URL']}/contacts"
        made = await server.client.post(url, json={"name": "Ada"}, headers=headers)
    (tmp_path / "documents" / "crm.json").unlink()
    async with life(tmp_path) as server:
        assert (await server.client.get(url, headers=headers)).json()["items"] == [made.json()]


async def test_its_key_is_in_no_journal(tmp_path: Path) -> None:
    put(tmp_path)
    async with life(tmp_path) as server:
        given = await server.open("pr-1", crm=CRM)
        key = given["CRM_API_KEY"]
        await server.client.get(f"{given['CRM_BASE_URL']}/contacts?note={key}", headers={"x-crm-key": key})
        await server.broker.recorder.flush()
        store = await server.broker.environments.store(await server.broker.environments.get("pr-1"))
        (exchange,) = await store.journal.exchanges()
        assert key not in repr(exchange)


async def test_webhook_targets_of_an_opening_may_be_its_own(tmp_path: Path) -> None:
    put(tmp_path)
    async with life(tmp_path) as server:
        document = {"version": 1, "services": {"crm": CRM}}
        wanted = await server.broker.environments.wanted_policy("pr-1", document, {"crm": ["http://127.0.0.1:9/hook"]})
        assert wanted is not None
        assert [target.url for target in wanted.webhooks("crm")] == ["http://127.0.0.1:9/hook"]
        with pytest.raises(InvalidInput, match="unknown service"):
            await server.broker.environments.wanted_policy("pr-1", document, {"crn": ["http://127.0.0.1:9/hook"]})


async def test_what_no_environment_uses_is_forgotten_at_the_next_start(tmp_path: Path) -> None:
    put(tmp_path)
    put(tmp_path, "other.json", info={"title": "CRM", "version": "3"})
    async with life(tmp_path) as server:
        await server.open("pr-1", crm=CRM)
        await server.open("pr-2", crm={"contract": "other.json"})
        await server.open("pr-2")
    async with life(tmp_path) as server:
        policy = (await server.broker.environments.get("pr-1")).policy
        assert [path.name for path in (tmp_path / "compiled").iterdir()] == list(
            Policy.from_normalised(policy).documents().values()
        )


async def test_webhooks_and_callbacks_arrive_signed(tmp_path: Path) -> None:
    said = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}, "responses": {}}
    put(tmp_path, **{"x-webhooks": {"contact.created": {"post": said}}})

    async def answer(request: web.Request, number: int) -> web.StreamResponse:
        return web.Response(status=204)

    async with site(answer) as there, life(tmp_path) as server:
        given = await server.open("pr-1", crm={**CRM, "webhooks": [{"url": there.url("/heard")}]})
        headers = {"x-crm-key": given["CRM_API_KEY"]}
        made = await server.client.post(f"{given['CRM_BASE_URL']}/contacts", json={"name": "Ada"}, headers=headers)
        assert made.status_code == 201
        (heard,) = await there.wait(1)
        key = base64.b64decode(given["CRM_WEBHOOK_SECRET"].removeprefix("whsec_"))
        text = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
        signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        assert heard.headers["webhook-signature"] == f"v1,{signature}"
        assert heard.event["name"] == "Ada"


async def test_one_environment_pins_a_version_and_another_does_not(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "contracts")
    first, _ = versions.add(compiled("1", service="shop"))
    shorter = copy.deepcopy(document())
    shorter["info"]["version"] = "2"
    body(shorter)["required"] = ["email", "plan"]
    content = orjson.dumps(shorter)
    versions.add(compile_content("shop", content, datetime.date(2026, 11, 27), origin="shop.json", command="a test"))
    shop = generic.service("shop", lambda: versions.load(first))
    async with life(tmp_path, shop) as server:
        plain, pinned = await server.open("pr-1"), await server.open("pr-2", shop={"contract": "2"})
        answers = [
            await server.client.post(
                f"{given['SHOP_API_BASE']}/customers",
                json={"email": "ada@example.com"},
                headers={"x-api-key": given["SHOP_API_KEY"]},
            )
            for given in (plain, pinned)
        ]
        assert [each.status_code for each in answers] == [201, 400]
        assert "plan" in answers[1].text
        versions.remove(versions.find("shop", "2"))
    async with life(tmp_path, shop) as server:
        gone = await server.client.get(
            f"{pinned['SHOP_API_BASE']}/customers", headers={"x-api-key": pinned["SHOP_API_KEY"]}
        )
        assert gone.status_code == 501
        assert "there is no version '2' of shop's contract" in gone.text
