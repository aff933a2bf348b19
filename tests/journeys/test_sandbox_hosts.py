"""No application makes the broker call anybody but its provider, and no path leads past the wall inside of an account;
a key of the live mode gets nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from demo.serving import Broker, CommandFailed
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, MAIL_KEY, STRIPE_KEY, policy, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.raw import MAIL, Caller, exchange, status
from tests.journeys.test_sandbox_boto3 import client, connect
from tests.standins.between import Between
from tests.standins.localstripe import LocalStripe
from tests.standins.mailprovider import MailProvider
from tests.standins.moto import Moto

LIVE_KEY = "sk_live_" + "51LiveKeyOfSomebody" * 3


Sides = dict[str, Between]
SECRETS = {"stripe": STRIPE_KEY, "s3": {"key": AWS_KEY, "secret": AWS_SECRET}, "sendgrid": MAIL_KEY}
POLICY = policy(stripe="hosts-stripe", s3="hosts-s3", sendgrid="hosts-sendgrid")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Between]:
    """A server that nobody has any business with."""
    with Between() as other:
        yield other


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    with Moto() as storage:
        yield storage


@pytest.fixture(scope="module")
def sides(server: Broker, elsewhere: Between, moto: Moto) -> Iterator[Sides]:
    """The real side of each service, and what it is asked."""
    with ExitStack() as stack:
        payments, mails = stack.enter_context(LocalStripe()), stack.enter_context(MailProvider())
        urls = {"stripe": payments.url, "s3": moto.url, "sendgrid": mails.url}
        found = {name: stack.enter_context(Between(url, elsewhere=elsewhere.url)) for name, url in urls.items()}
        for name, between in found.items():
            put_account(server, f"hosts-{name}", name, between.url, {"value": SECRETS[name]})
        yield found


@pytest.fixture
def provider(sides: Sides, elsewhere: Between) -> Sides:
    """The same, without what was before this test."""
    for between in (*sides.values(), elsewhere):
        between.asked.clear()
    return sides


def asked(provider: Sides) -> list[str]:
    """What reached the providers, without what the broker itself asks about webhooks."""
    lines = [f"{one.method} {one.target}" for between in provider.values() for one in between.asked]
    return [line for line in lines if "webhook" not in line]


def test_a_target_with_a_host_in_it_leads_nowhere_else(
    server: Broker, provider: Sides, elsewhere: Between, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=POLICY)
    key = bundle["variables"]["STRIPE_API_KEY"]
    host, evil = f"127.0.0.1:{server.port}", elsewhere.url.removeprefix("http://")
    by_path = f"/e/{bundle['name']}/stripe"
    for target in (
        f"http://{evil}/v1/customers",
        f"http://{evil}{by_path}/v1/customers",
        f"//{evil}/v1/customers",
        f"/{by_path}/v1/customers",
        f"{by_path}//{evil}/v1/customers",
        f"{by_path}/http://{evil}/v1/customers",
        f"{by_path}/@{evil}/v1/customers",
        f"{by_path}@{evil}/v1/customers",
        f"{by_path}/%2F%2F{evil}/v1/customers",
        f"{by_path}/..//{evil}/v1/customers",
        f"{by_path}/\\\\{evil}/v1/customers",
        f"{by_path}/v1/customers/%0d%0aHost:%20{evil}",
        f"{by_path}/v1/customers?url=http://{evil}/&host={evil}",
        f"{by_path}/v1/customers#@{evil}/",
    ):
        for fields in (
            f"Host: {host}\r\n",
            f"Host: {evil}\r\n",
            f"Host: {host}\r\nX-Forwarded-Host: {evil}\r\nForwarded: host={evil}\r\nX-Original-URL: http://{evil}/\r\n",
            f"Host: {host}\r\nHost: {evil}\r\n",
            f"Host: {host}@{evil}\r\n",
            f"Host: stripe.{bundle['name']}.localhost:{server.port}\r\n",
        ):
            head = f"GET {target} HTTP/1.1\r\n{fields}Authorization: Bearer {key}\r\nConnection: close\r\n\r\n"
            answer = exchange(server.port, head.encode(), finish=False)
            served = f"broker-environment: {bundle['name']}".encode()
            assert status(answer) in (400, 401, 404, 421) or served in answer.lower(), answer
    assert elsewhere.asked == []
    assert asked(provider), "not even the right ones came through"
    assert {line.partition("?")[0] for line in asked(provider)} == {"GET /v1/customers"}
    reached = provider["stripe"].asked
    assert {one.headers["host"] for one in reached} == {provider["stripe"].url.removeprefix("http://")}
    assert not [one for one in reached if "x-forwarded-host" in one.headers or "forwarded" in one.headers]


def test_a_redirect_is_answered_and_never_followed(
    server: Broker, provider: Sides, elsewhere: Between, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=POLICY)
    with Caller(server.url, bundle) as caller:
        for service, call in (
            ("stripe", lambda: caller.stripe("GET", "/v1/customers")),
            ("stripe", lambda: caller.stripe("POST", "/v1/customers", {"email": "ada@example.com"})),
            ("sendgrid", lambda: caller.sendgrid(json=MAIL)),
            ("s3", lambda: caller.s3("PUT", "/invoices")),
            ("s3", lambda: caller.s3("GET", "/")),
        ):
            provider[service].spoil("elsewhere")
            answer = call()
            assert answer.status_code == 302, answer.text
            assert STRIPE_KEY not in str(answer.headers)
    for service in ("stripe", "s3", "sendgrid"):
        provider[service].spoil("elsewhere", times=100)
        assert not server.control("POST", f"accounts/hosts-{service}/check")["usable"]
        provider[service].spoilt.clear()
    assert elsewhere.asked == []


@pytest.mark.parametrize("way", ["path", "credential"])
def test_a_key_opens_its_own_service_only(
    server: Broker, provider: Sides, open_environment: OpenEnvironment, way: Any
) -> None:
    bundle = open_environment(policy=POLICY)
    keys = bundle["variables"]
    with Caller(server.url, bundle, way) as caller:
        answers = [
            caller.stripe("GET", "/v3/templates", key=keys["STRIPE_API_KEY"]),
            caller.stripe("GET", "/v1/customers", key=keys["SENDGRID_API_KEY"]),
            caller.stripe("GET", "/v1/customers", key=keys["AWS_ACCESS_KEY_ID"]),
            caller.sendgrid("GET", "/v1/customers", None),
            caller.sendgrid("GET", "/v3/scopes", None, headers={"Authorization": f"Bearer {keys['STRIPE_API_KEY']}"}),
        ]
    assert [answer.status_code for answer in answers if answer.status_code < 400] == []
    assert asked(provider) == []


@pytest.mark.parametrize("shared", ["none", "read"])
def test_a_path_leads_to_no_other_operation_than_the_one_that_was_read(
    server: Broker, provider: Sides, open_environment: OpenEnvironment, shared: str
) -> None:
    """Servers and proxies between may resolve dot segments, and decode slashes."""
    wanted = {**POLICY, "services": {name: dict(each) for name, each in POLICY["services"].items()}}
    for each in wanted["services"].values():
        each["sandbox"] = {**each["sandbox"], "shared": shared}
    bundle = open_environment(policy=wanted)
    keys = bundle["variables"]
    for service, key, paths in (
        (
            "stripe",
            keys["STRIPE_API_KEY"],
            (
                "/v1/customers/../subscriptions",
                "/v1/customers/%2e%2e/subscriptions",
                "/v1/customers/.%2E/subscriptions",
                "/v1/customers/./subscriptions",
                "/v1/customers/..",
                "/v1/customers/.",
                "/v1/customers/cus_1%2F..%2F..%2Faccounts",
                "/v1/customers/%2e%2e%2faccounts",
                "/v1/customers/..%5caccounts",
                "/v1/customers/cus_1%3Fexpand",
                "/v1/customers/cus_1%23",
                "/v1/customers/cus_1%00",
                "/v1/customers/cus_1%0d%0aX: y",
                "/v1/customers/%252e%252e/subscriptions",
            ),
        ),
        (
            "sendgrid",
            keys["SENDGRID_API_KEY"],
            (
                "/v3/templates/..",
                "/v3/templates/../versions/x",
                "/v3/templates/%2e%2e/versions/x",
                "/v3/templates/a%2F..%2F..%2Fapi_keys",
                "/v3/asm/groups/../suppressions",
            ),
        ),
    ):
        for path in paths:
            head = (
                f"GET /e/{bundle['name']}/{service}{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                f"Authorization: Bearer {key}\r\nConnection: close\r\n\r\n"
            )
            assert status(exchange(server.port, head.encode(), finish=False)) in (400, 403, 404), path
    assert asked(provider) == []


@pytest.mark.usefixtures("provider")
def test_a_key_of_an_object_is_no_way_into_another_bucket(
    server: Broker, moto: Moto, open_environment: OpenEnvironment
) -> None:
    real = client(moto.url, AWS_KEY, AWS_SECRET)
    real.create_bucket(Bucket="made-by-hand")
    real.put_object(Bucket="made-by-hand", Key="secret", Body=b"of somebody")
    bundle = open_environment(policy=policy(s3="hosts-s3"))
    connect(bundle).create_bucket(Bucket="own")
    with Caller(server.url, bundle) as caller:
        for path in ("/own/../made-by-hand/secret", "/own/%2e%2e/made-by-hand/secret", "/own//made-by-hand/secret"):
            answer = caller.s3("GET", path)
            assert answer.status_code in (400, 403, 404), path
            assert b"of somebody" not in answer.content
            assert caller.s3("PUT", path, b"changed").status_code in (200, 400, 403, 404)
        for path in ("//made-by-hand/secret", "/made-by-hand%2Fsecret", "/.%2E/made-by-hand/secret"):
            assert b"of somebody" not in caller.s3("GET", path).content
    assert real.get_object(Bucket="made-by-hand", Key="secret")["Body"].read() == b"of somebody"
    assert server.control("DELETE", f"environments/{bundle['name']}?wait=60")["status"] == "closed"
    assert [each["Name"] for each in real.list_buckets()["Buckets"]] == ["made-by-hand"]


def test_a_live_key_gets_nowhere(server: Broker, provider: Sides, open_environment: OpenEnvironment) -> None:
    """Neither as an account's, nor in a call."""
    for secret in ({"value": LIVE_KEY}, {"value": LIVE_KEY.replace("sk_", "rk_")}):
        with pytest.raises(CommandFailed, match="answered with 400") as refused:
            put_account(server, "hosts-live", "stripe", provider["stripe"].url, secret)
        assert LIVE_KEY not in str(refused.value)
    with pytest.raises(CommandFailed, match="answered with 400"):
        # Nor in place of a good one, which stays.
        put_account(server, "hosts-stripe", "stripe", provider["stripe"].url, {"value": LIVE_KEY})
    incidents = server.control("GET", "incidents?limit=1000")["items"]
    named = [each["details"].get("account") for each in incidents if each["kind"] == "live_credential"]
    assert {"hosts-live", "hosts-stripe"} <= set(named)
    assert LIVE_KEY not in str(incidents)
    assert "hosts-live" not in [each["name"] for each in server.control("GET", "accounts")["items"]]

    bundle = open_environment(policy=POLICY)
    with Caller(server.url, bundle) as caller:
        refusals = [
            caller.stripe("GET", "/v1/customers", key=LIVE_KEY),
            caller.stripe("POST", "/v1/customers", {"email": "ada@example.com"}, key=LIVE_KEY),
            caller.stripe("GET", "/v1/customers", headers={"Authorization": f"Bearer {LIVE_KEY}"}),
        ]
    assert [answer.status_code for answer in refusals] == [401] * 3
    assert asked(provider) == []
    told = server.control("GET", f"environments/{bundle['name']}/incidents")["items"]
    assert [each["kind"] for each in told] == ["live_credential"] * 3
