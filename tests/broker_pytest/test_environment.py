"""An environment as tests hold it: the API's names, scopes in threads, and its life."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from broker_pytest.control import Control, Refused
from broker_pytest.environment import Environment

pytestmark = pytest.mark.slow


def test_eight_scopes_in_threads_do_not_disturb_each_other(home: Environment) -> None:
    def one(number: int) -> None:
        mine = home.scoped(f"scope-{number}")
        mine.expect("exchanges", operation="customers.create", count=number + 1)
        for _ in range(number + 1):
            mine.stripe.v1.customers.create({"email": f"{number}@example.com"})
            mine.sendgrid.client.mail.send.post(
                request_body={
                    "personalizations": [{"to": [{"email": f"{number}@example.com"}]}],
                    "from": {"email": "shop@example.com"},
                    "subject": "Hi",
                    "content": [{"type": "text/plain", "value": "Hi"}],
                }
            )
        mine.verify("exchanges", service="stripe", count=number + 1)
        mine.verify("events", type="customer.created", count=number + 1)
        mine.verify("mails", to=f"{number}@example.com", count=number + 1)
        mine.never("exchanges", {"request.body.email": {"$ne": f"{number}@example.com"}}, operation="customers.create")
        mine.verify_expectations()
        mine.end()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert len(home.scoped("").mails()) == sum(range(1, 9))
    assert home.mails() == []


def test_a_wait_is_woken_by_another_thread(home: Environment) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(home.wait, "exchanges", operation="customers.create", count=1, timeout=30)
        home.stripe.v1.customers.create({"name": "Ada"})
        found = waiting.result()
    assert found.count == 1
    assert found.first["request_body"] == "name=Ada"
    assert [one["id"] for one in found.all] == list(found.ids)


def test_variables_carry_the_scope_and_so_do_header_fields(home: Environment) -> None:
    assert f"/e/{home.name}~one/" in home.env["STRIPE_API_BASE"]
    assert home.headers == {"Broker-Scope": "one"}
    plain = home.scoped("")
    assert (plain.headers, "~" in plain.env["STRIPE_API_BASE"]) == ({}, False)
    client = stripe.StripeClient(plain.env["STRIPE_API_KEY"], base_addresses={"api": plain.env["STRIPE_API_BASE"]})
    client.v1.customers.create({"name": "Bob"}, {"headers": home.headers})  # type: ignore[typeddict-unknown-key]  # sent as is
    home.verify("exchanges", operation="customers.create", count=1)


def test_a_header_field_may_be_signed(home: Environment) -> None:
    """An SDK that signs its header fields signs the scope, too: it is looked at, and then taken out."""
    client = home.scoped("").s3
    client.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("Broker-Scope", "one")
    )
    client.create_bucket(Bucket="things")
    client.put_object(Bucket="things", Key="a", Body=b"x")
    found = home.verify("exchanges", service="s3", status=200, count=2)
    assert "broker-scope" not in [name for name, _ in found.first["request_headers"]]


def test_the_time_and_triggers(home: Environment) -> None:
    before = home.clock.freeze()
    assert home.clock.advance("31d") > before
    assert home.clock.now == home.clock.now
    home.clock.release()
    home.clock.reset()
    home.trigger("customer.created", override={"customer:email": "ada@example.com"})
    assert home.verify("events", type="customer.created", count=1).first["payload"]["type"] == "customer.created"


def test_what_is_in_it_and_its_end(home: Environment, control: Control) -> None:
    other = home.open("other", policy={"version": 1, "services": {"s3": "refuse"}})
    other.s3.meta.events.register("before-send.s3", lambda **_: None)
    home.s3.create_bucket(Bucket="things")
    home.s3.put_object(Bucket="things", Key="a", Body=b"x")
    assert {one["operation"] for one in home.exchanges(service="s3")} == {"CreateBucket", "PutObject"}
    assert home.exchange(home.exchanges()[0]["id"])["service"] == "s3"
    home.scoped("").reset()
    assert home.s3.list_buckets()["Buckets"] == []
    home.end()
    with pytest.raises(Refused) as refused:
        other.exchanges()
    assert refused.value.status == 410
    assert repr(home) == f"Environment('{home.name}', scope='one')"


def test_deliveries_are_looked_at(control: Control) -> None:
    made = Environment.opened(control, "hooked", webhooks={"stripe": "http://127.0.0.1:9/"}, scope="one")
    made.stripe.v1.customers.create({})
    found = made.wait("deliveries", type="customer.created", attempts={"$gte": 1}, timeout=30)
    assert found.first["url"] == "http://127.0.0.1:9/"
    assert [one["id"] for one in made.deliveries()] == list(found.ids)
    assert made.scoped("two").deliveries() == []
    made.close()


def test_a_wrong_question_is_refused(home: Environment) -> None:
    with pytest.raises(Refused, match="is no operator"):
        home.verify("mails", {"to": {"$near": 1}})
