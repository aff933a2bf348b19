"""Secrets and card numbers never reach the journal, the logs or any other file; nor does the journal show them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from demo.serving import Broker
from tests.journeys.raw import MAIL, Caller

#: Real-looking secrets that nobody issued, by the place where an application would send them by mistake.
LIVE_KEY = "sk_live_" + "51Canary0Live" * 6
RESTRICTED = "rk_live_" + "51Canary1Rest" * 6
UNKNOWN_KEY = "sk_test_" + "51Canary2Test" * 6
SENDGRID_KEY = "SG.Canary3CanaryCanary3Ca." + "Canary4" * 6 + "C"
AWS_KEY = "AKIACANARY5CANARY5XX"
CARD = "4242424242424242"
OTHER_CARD = "5555555555554444"
CVC_NOTE = "4000056655665556"

#: Sent as the text of a description, which the mock has to keep as any text: the journal must hide it all the same.
STORED = "sk_live_" + "51Canary9Kept" * 6

CANARIES = (LIVE_KEY, RESTRICTED, UNKNOWN_KEY, SENDGRID_KEY, AWS_KEY, CARD, OTHER_CARD, CVC_NOTE)


def send(caller: Caller, bundle: dict[str, Any]) -> None:
    """Canaries in headers, form, JSON, query, path and body, at every service, accepted or not."""
    for key in (LIVE_KEY, RESTRICTED, UNKNOWN_KEY):
        caller.stripe("GET", "/v1/customers", key=key)
        caller.stripe("GET", f"/v1/customers?api_key={key}&key={quote(key)}")
        caller.stripe("POST", "/v1/nonesuch", {"description": key, "metadata[note]": f"use {key} please"})
        caller.stripe("POST", "/v1/customers", {"nonesuch": key, "metadata[note]": f"use {key} please"})
        caller.stripe("GET", f"/v1/customers/{key}")
        caller.stripe("GET", "/v1/customers", headers={"X-Api-Key": key, "Cookie": f"session={key}"})
    for number in (CARD, OTHER_CARD, CVC_NOTE):
        spaced = " ".join(number[index : index + 4] for index in range(0, 16, 4))
        card = {"card[number]": number, "card[exp_month]": "12", "card[exp_year]": "2034", "card[cvc]": "123"}
        caller.stripe("POST", "/v1/payment_methods", {"type": "card", **card})
        caller.stripe("POST", "/v1/tokens", card)
        caller.stripe("POST", "/v1/payment_methods", {"type": "card", "card[number]": spaced})
        caller.stripe("POST", "/v1/charges", {"amount": "100", "currency": "usd", "source": number})
        caller.stripe("GET", f"/v1/customers?email={number}")
        caller.stripe("POST", "/v1/nonesuch", card)
    caller.sendgrid(headers={"Authorization": f"Bearer {SENDGRID_KEY}"})
    caller.sendgrid("POST", "/v3/api_keys", {"name": "x", "api_key": SENDGRID_KEY})
    caller.sendgrid(json={**MAIL, "nonesuch": {"password": SENDGRID_KEY, "card": CARD}})
    caller.sendgrid(content=f"{{broken {SENDGRID_KEY} {CARD}".encode(), headers={"content-type": "application/json"})
    foreign = {"AWS_ACCESS_KEY_ID": AWS_KEY, "AWS_SECRET_ACCESS_KEY": "x" * 40, "AWS_REGION": "us-east-1"}
    caller.s3("GET", "/", variables=foreign)
    caller.s3("GET", f"/?X-Amz-Credential={AWS_KEY}&X-Amz-Security-Token={LIVE_KEY}")
    # What the environment itself was given.
    caller.stripe("GET", f"/v1/customers?key={bundle['variables']['STRIPE_API_KEY']}")
    caller.stripe("POST", "/v1/customers", {"nonesuch": bundle["variables"]["STRIPE_WEBHOOK_SECRET"]})
    made = caller.stripe("POST", "/v1/customers", {"description": STORED, "metadata[note]": f"use {STORED} please"})
    assert made.status_code == 200, made.text
    caller.stripe("GET", f"/v1/customers/{made.json()['id']}")


def shapes(secret: str) -> set[bytes]:
    """A secret as it could stand in a file: as it is, encoded, in two byte orders of text."""
    spaced = " ".join(secret[index : index + 4] for index in range(0, len(secret), 4))
    plain = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")}
    if secret.isdigit():
        plain |= {spaced, spaced.replace(" ", "-")}
    return {text.encode() for text in plain} | {secret.encode("utf-16-le")}


def leaks(folder: Path, secrets: tuple[str, ...], allowed: tuple[str, ...] = ()) -> list[str]:
    """``file: secret`` for each that stands in a file below the folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in allowed:
            content = path.read_bytes()
            found += [
                f"{path.relative_to(folder)}: {one}" for one in secrets for form in shapes(one) if form in content
            ]
    return found


@pytest.fixture
def served(own_server: Broker) -> Broker:
    """A server that logs all it has to say."""
    own_server.variables |= {"BROKER_LOG_LEVEL": "debug"}
    own_server.start()
    return own_server


def test_no_secret_reaches_a_file(served: Broker) -> None:
    bundle = served.open("canary")
    caller = Caller(served.url, bundle)
    send(caller, bundle)
    caller.close()
    journal = served.control("GET", "environments/canary/exchanges?limit=1000")["items"]
    assert len(journal) > 40, "nothing was written down, so nothing was looked at"
    shown = json.dumps(journal) + json.dumps(served.json("incidents", "canary"))
    shown += served.cli("journal", "tail", "canary", "--limit", "1000").stdout
    for exchange in journal:
        shown += json.dumps(served.control("GET", f"environments/canary/exchanges/{exchange['id']}"))
    assert not [one for one in (*CANARIES, STORED) if one in shown]
    served.stop()

    secrets = tuple(
        value for name, value in bundle["variables"].items() if name.endswith(("_KEY", "_SECRET", "_KEY_ID"))
    )
    assert len(secrets) >= 4
    # A restart in between would not help: what is looked at is what is on the disk, write-ahead logs included.
    assert leaks(served.data, CANARIES + secrets) == []
    assert leaks(served.folder, (*CANARIES, *secrets, served.token), allowed=("policy-canary.yaml",)) == []


def test_the_look_itself_can_find(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"..." + base64.b64encode(CARD.encode()) + b"...")
    assert leaks(tmp_path, (CARD,))
