"""Recorded once at a provider, replayed without it: official SDKs, unmodified, and nothing secret in any cassette."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import stripe
from botocore.exceptions import ClientError
from python_http_client.exceptions import BadRequestsError

from demo.serving import Broker
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, MAIL_KEY, STRIPE_KEY, put_account
from tests.journeys.test_canary import leaks
from tests.journeys.test_sandbox_boto3 import connect as connect_s3
from tests.journeys.test_sandbox_sendgrid import connect as connect_mail
from tests.journeys.test_sandbox_stripe import connect
from tests.standins.localstripe import LocalStripe
from tests.standins.mailprovider import MailProvider
from tests.standins.moto import Moto

CARD = "4242424242424242"
#: Drawn anew by every run of an application.
ORDERS = {name: f"{at}f0d1c2b-3a49-4958-8677-8695a4b3c2d1" for at, name in enumerate(("recorder", "first", "second"))}
#: What must be in no cassette, in whatever spelling.
PRIVATE = ("ada.lovelace@example.org", "Ada Lovelace", "12 St James's Square", CARD, "+44 20 7946 0000")


@pytest.fixture
def server(own_server: Broker) -> Broker:
    """Ended and started again here."""
    own_server.start()
    return own_server


def opened(server: Broker, name: str, service: str, mode: str, account: str | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"mode": mode, "cassette": "checkout"}
    if account is not None:
        body["sandbox"] = {"account": account}
    bundle: dict[str, Any] = server.control(
        "PUT", f"environments/{name}", {"policy": {"version": 1, "services": {service: body}}}
    )
    return bundle


@contextmanager
def recorded(server: Broker, service: str, provider: Any, secret: Any, **account: Any) -> Iterator[dict[str, Any]]:
    """The bundle of the environment that records. After it the environment and the provider are gone."""
    with provider:
        put_account(server, f"{service}-real", service, provider.url, {"value": secret}, **account)
        yield opened(server, "recorder", service, "record", f"{service}-real")
        (one,) = server.control("GET", "cassettes")["items"]
        assert (one["service"], one["name"], one["environment"], one["lost"]) == (service, "checkout", "recorder", [])
        assert one["exchanges"] > 4
        receipt = server.control("DELETE", "environments/recorder?wait=60")
        assert (receipt["status"], receipt["left"]) == ("closed", {})
    server.control("DELETE", f"accounts/{service}-real")


def told(server: Broker, *secrets: str) -> list[str]:
    """The secrets that stand in a file of the folder of cassettes, whatever it is."""
    folder = server.data / "cassettes"
    assert list(folder.rglob("*.yaml"))
    return leaks(folder, secrets)


def shop(client: Any, order: str, email: str) -> list[Any]:
    """A customer who pays, with what is told of it; ``order`` and ``email`` are other ones at every run."""
    customer = client.customers.create(
        {
            "email": email,
            "name": "Ada Lovelace",
            "phone": "+44 20 7946 0000",
            "address": {"line1": "12 St James's Square", "city": "London"},
            "metadata": {"order": order},
        }
    )
    assert (customer.email, customer.metadata.to_dict()) == (email, {"order": order})
    method = client.payment_methods.create(
        {"type": "card", "card": {"number": CARD, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    )
    client.payment_methods.attach(method.id, {"customer": customer.id})
    intent = client.payment_intents.create(
        {"amount": 2000, "currency": "eur", "customer": customer.id, "payment_method": method.id, "confirm": True}
    )
    emails = []
    for change in ("new@example.org", email):
        client.customers.update(customer.id, {"email": change})
        emails.append(client.customers.retrieve(customer.id).email)
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.customers.retrieve("cus_there_is_none")
    listed = [each.id for each in client.customers.list({"limit": 3}).data]
    return [customer.id, method.card.last4, intent.id, intent.status, emails, missing.value.code, listed]


def test_stripe_is_recorded_and_replayed_without_stripe(server: Broker) -> None:
    with recorded(server, "stripe", LocalStripe(), STRIPE_KEY) as bundle:
        heard = shop(connect(bundle), ORDERS["recorder"], "ada.lovelace@example.org")
        keys = [bundle["variables"][name] for name in ("STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET")]
    assert heard[3] == "succeeded"
    assert told(server, STRIPE_KEY, *keys, *PRIVATE) == []

    bundles = [opened(server, name, "stripe", "replay") for name in ("first", "second")]
    for bundle in bundles:
        client = connect(bundle)
        # Each from the begin, with an order and an address of its own.
        email = f"{bundle['name']}@elsewhere.org"
        replayed = shop(client, ORDERS[bundle["name"]], email)
        assert replayed == [*heard[:4], ["new@example.org", email], *heard[5:]]
        with pytest.raises(stripe.InvalidRequestError) as unfit:
            client.payment_intents.create({"amount": 2001, "currency": "eur"})
        assert unfit.value.http_status == 400
        assert "The closest of 1 is exchange" in str(unfit.value.user_message)
        assert "body.amount was recorded as '2000' and is '2001' here" in str(unfit.value.user_message)
    exchanges = server.control("GET", "environments/first/exchanges")["items"]
    assert {(each["mode"], each["fidelity"]) for each in exchanges} == {("replay", "recorded"), ("replay", None)}
    assert server.control("GET", "environments/first/incidents")["items"] == []
    receipt = server.control("DELETE", "environments/first?wait=60")
    assert receipt["status"] == "closed"


def use(s3: Any) -> list[Any]:
    """What an application does with a bucket."""
    s3.create_bucket(Bucket="invoices")
    s3.put_object(Bucket="invoices", Key="a/1.txt", Body=b"one", Metadata={"order": "6735"})
    s3.put_object(Bucket="invoices", Key="a/ünï 2.json", Body=b'{ "a":  1 }\n', ChecksumAlgorithm="SHA256")
    raw = bytes(range(256)) * 400
    s3.put_object(Bucket="invoices", Key="raw", Body=raw)
    first = s3.get_object(Bucket="invoices", Key="a/1.txt")
    part = s3.get_object(Bucket="invoices", Key="a/1.txt", Range="bytes=1-")["Body"].read()
    text = s3.get_object(Bucket="invoices", Key="a/ünï 2.json", ChecksumMode="ENABLED")["Body"].read()
    assert (
        hashlib.sha256(s3.get_object(Bucket="invoices", Key="raw")["Body"].read()).digest()
        == hashlib.sha256(raw).digest()
    )
    s3.copy_object(Bucket="invoices", Key="b/3.txt", CopySource={"Bucket": "invoices", "Key": "a/1.txt"})
    head = s3.head_object(Bucket="invoices", Key="raw")
    listed = [one["Key"] for one in s3.list_objects_v2(Bucket="invoices", Prefix="a/")["Contents"]]
    with pytest.raises(ClientError) as missing:
        s3.get_object(Bucket="invoices", Key="none")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "invoices", "Key": "a/1.txt"})
    signed = httpx.get(url).content
    deleted = s3.delete_objects(Bucket="invoices", Delete={"Objects": [{"Key": "a/1.txt"}, {"Key": "raw"}]})["Deleted"]
    return [
        first["Body"].read(),
        first["Metadata"],
        first["ETag"],
        part,
        text,
        head["ContentLength"],
        head["LastModified"],
        listed,
        missing.value.response["Error"]["Code"],
        signed,
        sorted(each["Key"] for each in deleted),
    ]


def test_s3_is_recorded_and_replayed_without_s3(server: Broker) -> None:
    with recorded(server, "s3", Moto(), {"key": AWS_KEY, "secret": AWS_SECRET}) as bundle:
        heard = use(connect_s3(bundle))
        variables = bundle["variables"]
        keys = [variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]]
    assert heard[3:5] == [b"ne", b'{ "a":  1 }\n']
    assert told(server, AWS_KEY, AWS_SECRET, *keys) == []
    for name in ("first", "second"):
        s3 = connect_s3(opened(server, name, "s3", "replay"))
        assert use(s3) == heard
        with pytest.raises(ClientError) as unfit:
            s3.put_object(Bucket="invoices", Key="a/1.txt", Body=b"two")
        assert unfit.value.response["Error"]["Code"] == "InvalidRequest"
        assert "body was recorded as 'one' and is 'two' here" in unfit.value.response["Error"]["Message"]


def send(api: Any, to: str) -> list[Any]:
    """A mail by a template, and what a wrong one is told."""
    template = json.loads(api.client.templates.post(request_body={"name": "Welcome", "generation": "dynamic"}).body)
    answer = api.send(
        {
            "personalizations": [
                {"to": [{"email": to, "name": "Ada Lovelace"}], "dynamic_template_data": {"city": "London"}}
            ],
            "from": {"email": "shop@example.com"},
            "subject": "Welcome",
            "content": [{"type": "text/plain", "value": f"Dear {to}, welcome."}],
        }
    )
    with pytest.raises(BadRequestsError) as wrong:
        api.send({"personalizations": []})
    name = json.loads(api.client.templates._(template["id"]).get().body)["name"]
    gone = api.client.templates._(template["id"]).delete().status_code
    lists = json.loads(api.client.marketing.lists.get().body)["result"]
    return [template["id"], answer.status_code, wrong.value.status_code, name, gone, lists]


def test_sendgrid_is_recorded_and_replayed_without_sendgrid(server: Broker) -> None:
    options = {"recipients": ["*@example.com"]}
    with recorded(server, "sendgrid", MailProvider(), MAIL_KEY, options=options) as bundle:
        heard = send(connect_mail(bundle), "ada.lovelace@example.com")
        key = bundle["variables"]["SENDGRID_API_KEY"]
    assert heard[1:5] == [202, 400, "Welcome", 204]
    assert told(server, MAIL_KEY, key, "ada.lovelace@example.com", "Ada Lovelace") == []
    for name in ("first", "second"):
        api = connect_mail(opened(server, name, "sendgrid", "replay"))
        assert send(api, f"{name}@elsewhere.org") == heard


def test_a_killed_server_leaves_whole_cassettes_and_replays_begin_anew(server: Broker) -> None:
    with LocalStripe() as provider:
        put_account(server, "one", "stripe", provider.url, {"value": STRIPE_KEY})
        client = connect(opened(server, "recorder", "stripe", "record", "one"))
        for number in range(3):
            client.customers.create({"email": f"n{number}@example.org"})
        written = server.control("GET", "cassettes")["items"][0]["exchanges"]
        assert written == 3
        for number in range(20):
            client.customers.create({"email": f"m{number}@example.org"})
        server.kill()
        server.start()
        (one,) = server.control("GET", "cassettes")["items"]
        assert 3 <= one["exchanges"] <= 23
        # The environment goes on with its own.
        client = connect(opened(server, "recorder", "stripe", "record", "one"))
        last = client.customers.create({"email": "last@example.org"})
        assert server.control("GET", "cassettes")["items"][0]["exchanges"] == one["exchanges"] + 1

        def ids(count: int) -> list[str]:
            client = connect(opened(server, "player", "stripe", "replay"))
            return [client.customers.create({"email": f"p{number}@example.org"}).id for number in range(count)]

        every = ids(one["exchanges"] + 1)
        assert len(set(every)) == len(every)
        assert every[-1] == last.id
        server.kill()
        server.start()
        assert ids(2) == every[:2]
        assert not list((server.data / "cassettes").rglob("*.part"))
