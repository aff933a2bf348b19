"""A server with something of everything that the dashboard shows, and the one list of where words of others get in.

Whoever adds a page adds to PLACES what the page shows: the pages of the table are crawled and judged with it, and
hostile words are planted with it everywhere (tests/journeys/test_dashboard_xss.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import orjson

from broker.storage.base import Attempt, EnvironmentStore, Event, Incident, Made
from mocks.base import Attachment, Mail
from tests.broker.control.conftest import delivery
from tests.broker.dashboard import seeded
from tests.broker.dashboard.buckets import put_object
from tests.broker.dashboard.site import Site

#: Puts a text wherever somebody could have written it.
Plant = Callable[[Site, str], Awaitable[None]]

#: A violation of either side, with its place.
BROKEN = [
    {"side": "request", "where": "body.card.number", "rule": "pattern", "message": "is no number of a card"},
    {"side": "response", "where": "body.items[1]", "rule": "type", "message": "must be an integer"},
]
#: The smallest picture.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)


async def _store(site: Site) -> EnvironmentStore:
    environments = site.broker.environments
    return await environments.store(await environments.get("pr-1"))


async def calls(site: Site, text: str) -> None:
    """What is recorded of calls."""
    await site.record(
        "pr-1",
        {
            "path": f"/e/pr-1/stripe/v1/charges?note={text}",
            "service": "stripe",
            "operation": text,
            "method": text,
            "request_headers": [("content-type", "application/x-www-form-urlencoded"), (text, text)],
            "request_body": f"card[number]={text}&{text}=1",
            "response_headers": [("content-type", "application/json"), (text, text)],
            "response_body": orjson.dumps({"items": [1, 2.5], text: [text, {"a": text}]}).decode(),
            "violations": [*BROKEN, {"side": "response", "where": f"body.{text}", "rule": text, "message": text}],
            "scope": text,
            "incident": text,
        },
        {"service": text, "request_body": text, "response_body": f"<p>{text}</p>", "status": 503, "fidelity": text},
        {
            "service": None,
            "operation": None,
            "mode": "refuse",
            "status": 401,
            "request_headers": [("content-type", "application/json")],
            "request_body": '{"a": [true, null, "x"]}',
        },
    )


async def incidents(site: Site, text: str) -> None:
    """Of an environment, and of nobody."""
    environment = await site.broker.environments.get("pr-1")
    for name, uid in (("pr-1", environment.uid), (None, None)):
        await site.broker.storage.registry.add_incident(
            Incident(
                id=f"inc_{name}",
                at=site.broker.clock.now(),
                kind=text,
                environment=name,
                uid=uid,
                service=text,
                message=text,
                details={"method": text, "path": text, text: [text]},
            )
        )


async def records(site: Site, text: str) -> None:
    """What a mock holds."""
    transaction = (await _store(site)).begin("stripe")
    await transaction.put("customer", "cus_1", {"id": "cus_1", "name": text, "metadata": {text: text}})
    await transaction.put("customer", "cus_2", {"id": text, "email": text})
    await transaction.commit()


async def files(site: Site, text: str) -> None:
    """Objects in buckets: their names and contents."""
    environments = site.broker.environments
    variables = (await environments.bundle(await environments.get("pr-1")))["variables"]
    await put_object(site, variables, "/photos")
    quoted = "".join(f"%{byte:02X}" for byte in text.replace("/", "").encode())
    await put_object(site, variables, f"/photos/{quoted}/{quoted}.html", f"<p>{text}</p>".encode(), "text/html")
    await put_object(site, variables, "/photos/dot.png", PNG, "image/png")
    await put_object(site, variables, "/photos/raw.bin", bytes(range(256)), "application/octet-stream")


async def events(site: Site, text: str) -> None:
    """Events with their deliveries and what became of them."""
    outbox, clock = (await _store(site)).outbox, site.broker.clock
    now = clock.now()
    payload = {"id": "evt_a", text: text}
    event = Event(id="evt_a", service="stripe", type=text, payload=payload, created_at=now)
    await outbox.add_event(event, [delivery("dl_a", event.id, clock)])
    attempt = Attempt(number=1, at=now, status=503, error=text, duration_ms=2.0)
    await outbox.record_attempts([Made(delivery_id="dl_a", attempt=attempt, status="failed", next_at=None)])


async def mails(site: Site, text: str) -> None:
    """A mail, hostile in each of its parts."""
    store = await _store(site)
    person = {"email": "a@example.com", "name": text}
    transaction = store.begin("sendgrid")
    blob = await transaction.write_blob(_pieces(text.encode()))
    mail = Mail(
        id="mail_1",
        sender=person,
        to=[person],
        cc=[person],
        subject=text,
        text=text,
        html=f"<p>{text}</p><a href='javascript:planted()'>x</a><img src='https://remote.example/x.png'>",
        headers={"x-note": text},
        categories=[text],
        custom={"note": text},
        attachments=[Attachment(text, "text/html", blob)],
    )
    await transaction.start()
    transaction.add_mail("sendgrid", mail, site.broker.clock.now())
    await transaction.commit()


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


#: By name; each text of a name's own is found again on some page.
PLACES: Mapping[str, Plant] = {
    "operators": seeded.fill,
    "calls": calls,
    "incidents": incidents,
    "records": records,
    "files": files,
    "events": events,
    "mails": mails,
}


async def fill(site: Site, text: Callable[[str], str] = lambda place: "plain") -> None:
    """All places, with what ``text`` says for each."""
    for place, plant in PLACES.items():
        await plant(site, text(place))
