"""``broker cassette``: other tools' recordings become cassettes on the disk, and cassettes are looked into."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import yaml

from broker.cassettes import document
from broker.cassettes.recorded import Body, Cassette, Recorded
from broker.cli import codes
from contracts import probes
from mocks.registry import SERVICES
from tests.broker.cli.conftest import Shell

SECRET = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"
CUSTOMER = {"id": "cus_9s6XKzkNRiz8i3", "object": "customer", "email": "jenny.rosen@example.org", "name": "Jenny Rosen"}


def recording(*, host: str = "https://api.stripe.com", key: str = "", note: str = "") -> str:
    """As VCR writes it: a customer made and read."""

    def interaction(method: str, path: str, body: str) -> dict[str, object]:
        fields = {"Content-Type": ["application/x-www-form-urlencoded"], "Authorization": [f"Bearer {key or 'x'}"]}
        return {
            "request": {"method": method, "uri": host + path, "body": {"string": body}, "headers": fields},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": ["application/json"]},
                "body": {"string": json.dumps(CUSTOMER)},
            },
            "recorded_at": "Tue, 04 Nov 2025 04:58:44 GMT",
        }

    made = "email=jenny.rosen%40example.org&name=Jenny+Rosen" + (f"&metadata[note]={note}" if note else "")
    exchanges = [interaction("post", "/v1/customers", made), interaction("get", f"/v1/customers/{CUSTOMER['id']}", "")]
    return yaml.safe_dump({"http_interactions": exchanges, "recorded_with": "VCR 6.2.0"})


def cassette(shell: Shell, name: str, *exchanges: Recorded, service: str = "stripe") -> Path:
    return shell.write(name, document.text(Cassette(service, "kept", list(exchanges))))


def test_import(shell: Shell) -> None:
    shell.write("way.yml", recording(key=SECRET))
    ran = shell("cassette", "import", "way.yml", "--out", "kept", "--json")
    assert ran.code == codes.OK
    (one,) = ran.json["imported"]
    assert one == {"service": "stripe", "name": "way", "exchanges": 2, "file": "kept/stripe/way.yaml"}
    text = (shell.folder / "kept/stripe/way.yaml").read_text()
    for hidden in (SECRET, "jenny.rosen", "Jenny", "uthorization"):
        assert hidden not in text
    kept = document.read(text.encode(), "way")
    assert [each.operation for each in kept.exchanges] == ["customers.create", "customers.retrieve"]
    sent, answered = kept.exchanges[0].request.value, kept.exchanges[0].response.value
    assert sent["email"] == answered["email"] != CUSTOMER["email"]
    assert sent["name"] == answered["name"] != CUSTOMER["name"]
    assert kept.exchanges[0].recorded_at == "2025-11-04T04:58:44Z"


def test_import_of_a_folder_says_what_is_left_out(shell: Shell) -> None:
    (shell.folder / "all").mkdir()
    shell.write("all/a.yml", recording())
    shell.write("all/b.yml", recording(host="https://elsewhere.example"))
    ran = shell("cassette", "import", "all", "--out", "kept")
    assert ran.code == codes.OK
    assert "kept/stripe/a.yaml" in ran.out
    assert ran.err.count("elsewhere.example is no wanted service's") == 2
    for_it = shell("cassette", "import", "all/b.yml", "--service", "stripe", "--out", "kept")
    assert "kept/stripe/b.yaml" in for_it.out
    assert for_it.err == ""


def test_a_bucket_in_the_host_moves_into_the_path(shell: Shell) -> None:
    host = "https://my.bucket.s3.eu-central-1.amazonaws.com"
    shell.write("way.yml", recording(host=host))
    assert shell("cassette", "import", "way.yml", "--out", "kept").code == codes.OK
    kept = document.read((shell.folder / "kept/s3/way.yaml").read_bytes(), "way")
    assert kept.exchanges[0].path == "/my.bucket/v1/customers"


def test_what_looks_like_a_secret_is_not_written(shell: Shell) -> None:
    shell.write("good.yml", recording())
    noted = base64.b64encode(SECRET[:24].encode()).decode()  # where no mask looks
    shell.write("bad.yml", recording(note=noted))
    ran = shell("cassette", "import", ".", "--out", "kept")
    assert ran.code == codes.FAILED
    assert "1 of 2 cassettes are not written" in ran.err
    assert "bad.yaml is not written" in ran.err
    assert "exchange 1" in ran.err
    assert noted not in ran.err + ran.out
    assert [path.name for path in (shell.folder / "kept/stripe").iterdir()] == ["good.yaml"]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("hello: there", codes.USAGE, "in none of the formats"),
        ("http_interactions: []", codes.FAILED, "no exchange of a service that is known"),
        ("!evil x", codes.USAGE, "tag"),
    ],
)
def test_what_cannot_be_imported(shell: Shell, text: str, code: int, message: str) -> None:
    shell.write("way.yml", text)
    ran = shell("cassette", "import", "way.yml", "--out", "kept")
    assert (ran.code, message in ran.err) == (code, True)
    assert shell("cassette", "import", "nowhere.yml", "--out", "kept").code == codes.USAGE


def test_show(shell: Shell) -> None:
    one = Recorded(
        operation="customers.retrieve",
        method="GET",
        path="/v1/customers/cus_9s6XKzkNRiz8i3",
        status=404,
        response=Body("json", {"error": {"code": "resource_missing"}}),
        recorded_at="2025-11-04T04:58:44Z",
    )
    cassette(shell, "kept.yaml", one)
    listed = shell("cassette", "show", "kept.yaml").out.splitlines()
    assert listed[1].split()[:5] == ["1", "customers.retrieve", "GET", one.path, "404"]
    assert shell("cassette", "show", "kept.yaml", "--json").json["exchanges"][0]["response"]["status"] == 404
    assert "resource_missing" in shell("cassette", "show", "kept.yaml", "1").out
    assert shell("cassette", "show", "kept.yaml", "1", "--json").json["operation"] == "customers.retrieve"
    assert shell("cassette", "show", "kept.yaml", "2").code == codes.MISSING
    assert shell("cassette", "show", "none.yaml").code == codes.MISSING
    shell.write("other.yaml", "a: b")
    assert shell("cassette", "show", "other.yaml").code == codes.USAGE


def test_check(shell: Shell) -> None:
    (shell.folder / "kept").mkdir()
    good = Recorded(operation=None, method="GET", path="/v1/customers", status=200)
    cassette(shell, "kept/good.yaml", good)
    assert shell("cassette", "check", "kept").out == "1 cassette is in order.\n"
    cassette(shell, "kept/secret.yaml", good, Recorded(operation=None, method="GET", path=f"/v1/{SECRET}", status=200))
    cassette(shell, "kept/stranger.yaml", good, service="nobody")
    shell.write("kept/broken.yaml", "cassette: 7")
    ran = shell("cassette", "check", "kept", "--json")
    assert ran.code == codes.FAILED
    assert [(Path(each["file"]).name, each["exchange"]) for each in ran.json["faults"]] == [
        ("broken.yaml", None),
        ("secret.yaml", 2),
        ("secret.yaml", 2),
        ("stranger.yaml", None),
    ]
    shown = shell("cassette", "check", "kept")
    assert "exchange 2: request.path: it has the shape of a key" in shown.out
    assert "there is no service nobody" in shown.out
    assert "4 faults in 4 cassettes" in shown.err
    (shell.folder / "empty").mkdir()
    assert shell("cassette", "check", "empty").code == codes.MISSING


def test_to_probe(shell: Shell) -> None:
    shell.write("way.yml", recording())
    shell("cassette", "import", "way.yml", "--out", "kept")
    ran = shell("cassette", "to-probe", "kept/stripe/way.yaml")
    (scenario,) = probes.parse(ran.out, "stripe")
    assert [f"{step.method} {step.path}" for step in scenario.steps] == [
        "POST /v1/customers",
        "GET /v1/customers/${customer}",
    ]
    assert shell("cassette", "to-probe", "kept/stripe/way.yaml", "--out", "probe.yaml").out == ""
    assert (shell.folder / "probe.yaml").read_text() == ran.out
    assert shell("cassette", "to-probe", "kept/stripe/way.yaml", "--out", "no/probe.yaml").code == codes.FAILED
    lonely = Recorded(operation=None, method="OPTIONS", path="/v1/customers", status=200)
    cassette(shell, "lonely.yaml", lonely)
    ended = shell("cassette", "to-probe", "lonely.yaml")
    assert (ended.code, "probes have no OPTIONS" in ended.err) == (codes.FAILED, True)


def test_every_service_has_its_hosts(shell: Shell) -> None:
    from broker.app import known

    mocks, providers = known()
    assert {each.name for each in mocks} == {each.name for each in SERVICES} == {each.name for each in providers}


def test_nothing_of_a_recording_steers_the_terminal(shell: Shell) -> None:
    steering = "\x1b[2J|`a"
    one = Recorded(
        operation=None,
        method="GET",
        path="/v1/customers",
        status=200,
        response=Body("json", {"object": "list", "data": [], "has_more": False, "url": "/v1", steering: SECRET}),
        response_headers={"content-type": "application/json"},
    )
    cassette(shell, "kept.yaml", one)
    shell.write("broken.yaml", 'cassette: 1\n"\\e[2J": 1\n"\\e[2J": 2\n')
    for words in (
        ("check", "kept.yaml"),
        ("show", "kept.yaml", "1"),
        ("show", "broken.yaml"),
        ("import", "kept.yaml", "--out", "out"),
    ):
        ran = shell("cassette", *words)
        assert "\x1b" not in ran.out + ran.err
    for options in ((), ("--markdown",)):
        shown = shell("fidelity", "--cassettes", "kept.yaml", *options)
        assert "only" in shown.out or "missing in ours" in shown.out
        assert "\x1b" not in shown.out
        assert "|`a`" not in shown.out
