"""Who gets mail and who does not, with the official sendgrid-python: groups and suppressions that suppress, contacts,
statistics that count, and Email Activity.
"""

from __future__ import annotations

import time
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest
from python_http_client.exceptions import BadRequestsError, NotFoundError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Asm, BypassListManagement, Category, GroupId, Mail, MailSettings

from demo.serving import Broker


@pytest.fixture
def api(environment: dict[str, Any]) -> Any:
    """The client's chain of paths."""
    variables = environment["variables"]
    return SendGridAPIClient(variables["SENDGRID_API_KEY"], host=variables["SENDGRID_API_BASE"])


def _mail(to: str, *, group: int | None = None, bypass: bool = False) -> Mail:
    mail = Mail("shop@example.com", to, "Your order", "Thank you.")
    mail.category = Category("orders")
    if group is not None:
        mail.asm = Asm(GroupId(group))
    if bypass:
        mail.mail_settings = MailSettings(bypass_list_management=BypassListManagement(True))
    return mail


def _today(days: int = 0) -> str:
    return datetime.fromtimestamp(time.time() + days * 86_400, UTC).date().isoformat()


def _metrics(api: Any) -> dict[str, int]:
    """What was counted since yesterday: a test may run at midnight."""
    found: dict[str, int] = {}
    for day in api.client.stats.get(query_params={"start_date": _today(-1)}).to_dict:
        for name, count in day["stats"][0]["metrics"].items():
            found[name] = found.get(name, 0) + count
    return {name: count for name, count in found.items() if count}


def test_who_left_gets_nothing(server: Broker, environment: dict[str, Any], api: Any) -> None:
    group = api.client.asm.groups.post(request_body={"name": "News", "description": "Weekly"}).to_dict["id"]
    left = {"recipient_emails": ["ada@example.com"]}
    assert api.client.asm.groups._(group).suppressions.post(request_body=left).status_code == 201
    assert api.client.asm.suppressions._("global").post(request_body={"recipient_emails": ["bob@example.com"]})
    for mail in (
        _mail("ada@example.com", group=group),
        _mail("ada@example.com"),
        _mail("bob@example.com"),
        _mail("bob@example.com", bypass=True),
        _mail("eve+bounce@example.com"),
        _mail("eve+bounce@example.com"),
    ):
        assert api.send(mail).status_code == 202
    assert _metrics(api) == {
        "requests": 6,
        "processed": 3,
        "delivered": 2,
        "bounces": 1,
        "bounce_drops": 1,
        "unsubscribe_drops": 2,
    }
    [bounce] = api.client.suppression.bounces.get().to_dict
    assert (bounce["email"], bounce["status"]) == ("eve+bounce@example.com", "5.1.1")
    assert api.client.suppression.bounces.delete(request_body={"emails": [bounce["email"]]}).status_code == 204
    assert api.send(_mail("eve+bounce@example.com")).status_code == 202
    assert _metrics(api)["bounces"] == 2
    sums = api.client.categories.stats.sums.get(query_params={"start_date": _today(-1)}).to_dict
    assert [(each["name"], each["metrics"]["requests"]) for each in sums["stats"]] == [("orders", 7)]
    with pytest.raises(BadRequestsError):
        api.client.stats.get()


def test_activity_tells_what_became_of_a_mail(api: Any) -> None:
    api.send(_mail("ada@example.com"))
    api.send(_mail("eve+bounce@example.com"))
    query = 'status="not_delivered" AND to_email LIKE "eve%"'
    [found] = api.client.messages.get(query_params={"query": query, "limit": 5}).to_dict["messages"]
    whole = api.client.messages._(found["msg_id"]).get().to_dict
    assert [event["event_name"] for event in whole["events"]] == ["processed", "bounced"]
    with pytest.raises(BadRequestsError) as refused:
        api.client.messages.get(query_params={"query": 'shoe="1"'})
    assert refused.value.to_dict["errors"][0]["message"] == "invalid syntax: 'shoe' is not a known field"
    verdict = api.client.validations.email.post(request_body={"email": "eve+bounce@example.com"}).to_dict["result"]
    assert verdict["checks"]["additional"]["has_known_bounces"]


def test_contacts_are_put_imported_searched_and_exported(api: Any) -> None:
    marketing = api.client.marketing
    news = marketing.lists.post(request_body={"name": "News"}).to_dict["id"]
    shoe = marketing.field_definitions.post(request_body={"name": "shoe", "field_type": "Text"}).to_dict["id"]
    ada = {"email": "Ada@example.com", "custom_fields": {shoe: "boot"}}
    job = marketing.contacts.put(request_body={"list_ids": [news], "contacts": [ada]})
    assert job.status_code == 202
    assert marketing.contacts.imports._(job.to_dict["job_id"]).get().to_dict["status"] == "completed"

    sent = {"file_type": "csv", "field_mappings": ["_rf2_T", shoe], "list_ids": [news]}
    told = marketing.contacts.imports.put(request_body=sent).to_dict
    headers = {each["header"]: each["value"] for each in told["upload_headers"]}
    upload = urllib.request.Request(  # noqa: S310 - loopback
        told["upload_uri"], b"mail,shoe\n" + b"bob@example.com,clog\n" * 5000, headers, method="PUT"
    )
    with urllib.request.urlopen(upload) as answer:  # noqa: S310 - loopback
        assert answer.status == 200
    assert marketing.contacts.imports._(told["job_id"]).get().to_dict["results"]["created_count"] == 1

    query = f"shoe IN ('boot', 'clog') AND CONTAINS(list_ids, '{news}')"
    found = marketing.contacts.search.post(request_body={"query": query}).to_dict
    assert [each["email"] for each in found["result"]] == ["ada@example.com", "bob@example.com"]

    select = "SELECT contact_id, updated_at FROM contact_data WHERE shoe = 'boot'"
    segment = marketing.segments._("2.0").post(request_body={"name": "Boots", "query_dsl": select}).to_dict
    assert segment["contacts_count"] == 1
    export = marketing.contacts.exports.post(request_body={"segment_ids": [segment["id"]]}).to_dict["id"]
    [url] = marketing.contacts.exports._(export).get().to_dict["urls"]
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - loopback
        lines = answer.read().decode().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["EMAIL", "ada@example.com"]

    gone = marketing.contacts.delete(query_params={"delete_all_contacts": "true"})
    assert gone.status_code == 202
    assert marketing.contacts.count.get().to_dict["contact_count"] == 0
    with pytest.raises(NotFoundError):
        marketing.contacts.search.emails.post(request_body={"emails": ["ada@example.com"]})
