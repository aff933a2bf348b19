"""Files and folders of other tools' recordings become cassettes, whatever is in them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.cassettes import document
from broker.cassettes.importers import Hosts, moment, read
from broker.cassettes.recorded import Body, Cassette, Recorded
from broker.errors import InvalidInput
from tests.broker.cassettes.test_foreign import HAR, VCR, VCRPY, WIREMOCK

HOSTS = Hosts({"things": ["api.example.com"], "files": ["files.example.org", "eu.files.example.org"]})


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def vcr(*exchanges: tuple[str, str], status: int = 200, fields: Any = None, body: Any = "{}") -> str:
    """(method, address) each."""
    return yaml.safe_dump(
        {
            "http_interactions": [
                {
                    "request": {"method": method, "uri": address, "body": {"string": ""}, "headers": {}},
                    "response": {
                        "status": {"code": status},
                        "headers": fields or {"Content-Type": ["application/json"]},
                        "body": {"string": body},
                    },
                    "recorded_at": "Tue, 01 Nov 2011 04:58:44 GMT",
                }
                for method, address in exchanges
            ]
        }
    )


def test_an_exchange_is_decoded(tmp_path: Path) -> None:
    found = read(written(tmp_path, "my things.yml", VCR), HOSTS)
    (cassette,) = found.cassettes
    assert (cassette.service, cassette.name, found.skipped) == ("things", "my-things", [])
    assert cassette.exchanges == [
        Recorded(
            operation=None,
            method="POST",
            path="/v1/things",
            query={"expand[]": "owner"},
            request_headers={"content-type": "application/x-www-form-urlencoded", "x-twice": ["one", "two"]},
            request=Body("form", {"name": "Ada", "size": "2"}),
            status=200,
            response_headers={"content-type": "application/json"},
            response=Body("json", {"id": "th_A"}),
            recorded_at="2011-11-01T04:58:44Z",
        )
    ]


def test_a_cassette_a_service(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "all.yml",
        vcr(
            ("get", "https://api.example.com/1"),
            ("get", "https://eu.files.example.org/2"),
            ("get", "https://elsewhere.example.net/3"),
            ("get", "https://api.example.com/4"),
        ),
    )
    found = read(path, HOSTS)
    assert [(each.service, each.name, len(each.exchanges)) for each in found.cassettes] == [
        ("things", "all", 2),
        ("files", "all", 1),
    ]
    assert found.skipped == [f"{path}: exchange 3: elsewhere.example.net is no wanted service's"]


def test_a_wanted_service_gets_unknown_hosts_and_nobody_elses(tmp_path: Path) -> None:
    hosts = Hosts({"things": ["api.example.com"], "files": ["files.example.org"]}, "things")
    path = written(tmp_path, "a.yml", vcr(("get", "http://127.0.0.1:9/1"), ("get", "https://files.example.org/2")))
    found = read(path, hosts)
    assert [(each.service, len(each.exchanges)) for each in found.cassettes] == [("things", 1)]
    assert len(found.skipped) == 1


def test_what_stands_before_a_host_moves_into_the_path(tmp_path: Path) -> None:
    hosts = Hosts({"files": ["files.example.org"]}, None, lambda service, label, path: f"/{label}{path}")
    assert hosts.find("my.bucket.files.example.org", "/key") == ("files", "/my.bucket/key")
    assert hosts.find("files.example.org", "/key") == ("files", "/key")
    assert hosts.find("example.org", "/key") is None


def test_a_folder(tmp_path: Path) -> None:
    written(tmp_path, "b/one.yml", VCR)
    written(tmp_path, "b/one.yaml", VCRPY)
    written(tmp_path, "a.har", json.dumps(HAR))
    written(tmp_path, "notes.txt", "nothing")
    outside = written(tmp_path.parent, f"{tmp_path.name}-outside.yml", VCR)
    (tmp_path / "link.yml").symlink_to(outside)
    found = read(tmp_path, HOSTS)
    assert [each.name for each in found.cassettes] == ["a", "b-one", "b-one-2"]
    assert [each for each in found.skipped if "a link" in each] == [
        f"{tmp_path}/link.yml: it is a link that leads out of the folder"
    ]


def test_a_folder_may_hold_other_files(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", VCR)
    written(tmp_path, "package.json", "{}")
    written(tmp_path, "erb.yml", "<% erb %>: {")
    found = read(tmp_path, HOSTS)
    assert [each.name for each in found.cassettes] == ["a"]
    assert len(found.skipped) == 2
    assert found.skipped[0].startswith(f"{tmp_path}/erb.yml, line ")
    assert found.skipped[1].startswith(f"{tmp_path}/package.json: in none of the formats")


def test_mappings_of_a_folder_are_one_recording(tmp_path: Path) -> None:
    for number, mapping in enumerate(WIREMOCK["mappings"][:2]):
        written(tmp_path, f"mappings/{number}.json", json.dumps(mapping))
    written(tmp_path, "__files/body.json", "{}")
    found = read(tmp_path, Hosts({}, "things"))
    (cassette,) = found.cassettes
    assert (cassette.name, [each.method for each in cassette.exchanges]) == (tmp_path.name, ["POST", "PUT"])
    unsaid = read(tmp_path / "mappings" / "0.json", HOSTS)
    assert (unsaid.cassettes, unsaid.skipped) == (
        [],
        [f"{tmp_path}/mappings/0.json: exchange 1: it names no host"],
    )


def test_lines_are_scenarios_in_order(tmp_path: Path) -> None:
    def line(cassette: str, seq: int) -> str:
        asked = {"method": "GET", "host": "api.example.com", "path": f"/{seq}"}
        return json.dumps({"cassette": cassette, "seq": seq, "request": asked, "response": {"status": 200}})

    path = written(tmp_path, "all.jsonl", "\n".join([line("b", 1), "", line("a", 0), line("b", 0)]))
    found = read(path, HOSTS).cassettes
    assert [(each.name, [one.path for one in each.exchanges]) for each in found] == [("b", ["/0", "/1"]), ("a", ["/0"])]


def test_our_own_are_read_as_they_are(tmp_path: Path) -> None:
    one = Recorded(operation="things.list", method="GET", path="/v1/things", status=200)
    path = written(tmp_path, "x.yaml", document.text(Cassette("things", "kept", [one])))
    assert read(path, HOSTS).cassettes == [Cassette("things", "kept", [one])]


def test_compressed_bodies_are_opened(tmp_path: Path) -> None:
    fields = {"Content-Type": ["application/json"], "Content-Encoding": ["gzip"]}
    for body in (gzip.compress(b'{"a": 1}'), '{"a": 1}'):
        path = written(tmp_path, "a.yml", vcr(("get", "https://api.example.com/1"), fields=fields, body=body))
        (one,) = read(path, HOSTS).cassettes[0].exchanges
        assert one.response == Body("json", {"a": 1})
        assert "content-encoding" not in one.response_headers
    broken = vcr(("get", "https://api.example.com/1"), fields=fields, body=b"\x1f\x8b broken")
    (one,) = read(written(tmp_path, "a.yml", broken), HOSTS).cassettes[0].exchanges
    assert one.response.raw() == b"\x1f\x8b broken"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    fields = {"Content-Encoding": ["gzip"]}
    bomb = gzip.compress(bytes(16 << 20))
    path = written(tmp_path, "a.yml", vcr(("get", "https://api.example.com/1"), fields=fields, body=bomb))
    (one,) = read(path, HOSTS).cassettes[0].exchanges
    assert one.response.form == "digest"
    assert one.response.value["size"] == 8 << 20


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.yml", "just: something", "in none of the formats"),
        ("a.yml", "http_interactions: [1]", "not as vcr writes it"),
        ("a.yml", "http_interactions: 5", "not as vcr writes it"),
        ("a.yml", vcr(("get", "https://api.example.com/1"), status=99), "ValueError the status 99"),
        ("a.yml", vcr(("get", "https://[::1/")), "not as vcr writes it"),
        ("a.yml", "a: &a [*a]", "before its end"),
        ("a.yml", "a: !!python/object/apply:os.system [echo]\nb: !evil x", "the tag !evil is not supported"),
        ("a.yml", b"\xff\xfe", "not UTF-8"),
        ("a.yml", "<% erb %>: {", "not valid YAML"),
        ("a.json", "{", "not valid YAML"),
        ("a.json", "[" * 500, "nested too deeply"),
        ("a.har", '{"log": {"entries": [{"request": {}, "response": {"status": 200}}]}}', "not as har writes it"),
        ("a.jsonl", "{}", "line 1: no such exchange: KeyError"),
        ("a.jsonl", "[" * 100_000, "line 1: no such exchange"),
        ("none.yml", None, "No such file"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, text: str | bytes | None, message: str) -> None:
    path = tmp_path / name if text is None else written(tmp_path, name, text)
    with pytest.raises(InvalidInput, match=message):
        read(path, HOSTS)


def test_no_object_is_made_of_a_tag(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"http_interactions: []\nx: !!python/object/apply:os.system ['touch {mark}']\n"
    assert read(written(tmp_path, "a.yml", text), HOSTS).cassettes == []
    assert not mark.exists()


def test_a_format_can_be_said(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a.yml", VCR), HOSTS, format="vcr").cassettes
    with pytest.raises(InvalidInput, match="not as wiremock writes it"):
        read(tmp_path / "a.yml", HOSTS, format="wiremock")
    with pytest.raises(InvalidInput, match="line 1"):
        read(tmp_path / "a.yml", HOSTS, format="jsonl")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Tue, 01 Nov 2011 04:58:44 GMT", "2011-11-01T04:58:44Z"),
        ("2024-05-01T12:00:00.000+02:00", "2024-05-01T10:00:00Z"),
        ("2024-05-01 10:00:00", "2024-05-01T10:00:00Z"),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_times(text: str, wanted: str) -> None:
    assert moment(text) == wanted


def test_long_names_keep_their_end(tmp_path: Path) -> None:
    deep = "/".join(["a" * 50] * 3)
    written(tmp_path, f"{deep}/the-end.yml", VCR)
    written(tmp_path, f"{deep}/x/the-end.yml", VCR)
    names = [each.name for each in read(tmp_path, HOSTS).cassettes]
    assert all(len(name) <= 100 and name.endswith("the-end") for name in names)
