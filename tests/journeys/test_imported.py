"""What another tool recorded is imported and replayed by the provider's own SDK; the mock is scored by it as well."""

from __future__ import annotations

import json

import pytest
import stripe

from broker import cli
from demo.serving import Broker
from tests.broker.cli.test_cassette import CUSTOMER, SECRET, recording
from tests.journeys.test_recording import opened
from tests.journeys.test_sandbox_stripe import connect


@pytest.fixture
def server(own_server: Broker) -> Broker:
    """With a folder of cassettes of its own."""
    own_server.start()
    return own_server


def test_a_recording_of_vcr_is_replayed(server: Broker, capsys: pytest.CaptureFixture[str]) -> None:
    path = server.data / "checkout.yml"
    path.write_text(recording(key=SECRET))
    assert cli.main(["cassette", "import", str(path), "--out", str(server.data / "cassettes")]) == 0
    client = connect(opened(server, "pr-7", "stripe", "replay"))
    made = client.customers.create({"email": "somebody@example.com", "name": "Somebody Else"})
    assert made.id == CUSTOMER["id"]
    assert (made.email, made.name) == ("somebody@example.com", "Somebody Else")
    assert client.customers.retrieve(made.id).id == made.id
    with pytest.raises(stripe.InvalidRequestError, match=r"It holds no customers\.delete"):
        client.customers.delete(made.id)
    capsys.readouterr()
    assert cli.main(["fidelity", "--cassettes", str(server.data / "cassettes"), "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert (scored["exchanges"], scored["scored"]) == (2, 2)
