"""Other tools' formats, by small recordings in the shape in which each tool writes them."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from broker.cassettes import foreign
from broker.cassettes.foreign import READERS, Format, Raw, told
from broker.cassettes.yaml_events import load

# https://andrewmcodes.gitbook.io/vcr/cassettes/format
VCR = """\
---
http_interactions:
- request:
    method: post
    uri: https://api.example.com/v1/things?expand%5B%5D=owner
    body:
      encoding: UTF-8
      string: name=Ada&size=2
    headers:
      Content-Type:
      - application/x-www-form-urlencoded
      X-Twice:
      - one
      - two
  response:
    status:
      code: 200
      message: OK
    headers: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
      Content-Type:
      - application/json
    body:
      encoding: ASCII-8BIT
      base64_string: |
        eyJpZCI6InRoX0
        EifQ==
    http_version:
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 6.2.0
"""

# VCR 1, before it had a version: https://github.com/vcr/vcr (features/cassettes/format.feature of 2011)
VCR_1 = """\
---
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :get
    uri: http://api.example.com/v1/things/1
    body:
    headers:
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 404
      message: Not Found
    headers:
      content-type:
      - text/plain
    body: !ruby/string:SafeBuffer Nothing here
    http_version: "1.1"
"""

# https://vcrpy.readthedocs.io/en/latest/usage.html
VCRPY = """\
interactions:
- request:
    body: !!python/unicode '{"a": 1}'
    headers:
      Content-Type: [application/json]
    method: PUT
    uri: https://api.example.com/v1/things/1
  response:
    body:
      string: !!binary |
        AAEC/w==
    headers:
      Content-Type: [application/octet-stream]
    status: {code: 200, message: OK}
- request:
    body: null
    headers: {}
    method: DELETE
    uri: https://api.example.com/v1/things/1
  response:
    body: {string: ''}
    headers: {}
    status: {code: 204, message: No Content}
version: 1
"""


def polly(text: str, encoding: str | None, coded: bool) -> dict[str, Any]:
    """https://www.npmjs.com/package/@pollyjs/persister (its types name the members)"""
    content = {"mimeType": "application/json", "size": len(text), "text": text}
    if encoding:
        content["encoding"] = encoding
    fields = [{"name": "Content-Type", "value": "application/json"}]
    return {
        "log": {
            "_recordingName": "things",
            "creator": {"comment": "persister:fs", "name": "Polly.JS", "version": "6.0.6"},
            "entries": [
                {
                    "_id": "0d5a7d0b2f2b7c6f1f4f5a3a9c0c3d2e",
                    "_order": 0,
                    "cache": {},
                    "request": {
                        "bodySize": 8,
                        "cookies": [],
                        "headers": [{"name": "accept", "value": "application/json"}],
                        "httpVersion": "HTTP/1.1",
                        "method": "POST",
                        "postData": {"mimeType": "application/json", "params": [], "text": '{"a": 1}'},
                        "queryString": [],
                        "url": "https://api.example.com/v1/things",
                    },
                    "response": {
                        "content": content,
                        "cookies": [],
                        "headers": fields + ([{"name": "content-encoding", "value": "gzip"}] if coded else []),
                        "httpVersion": "HTTP/1.1",
                        "status": 201,
                        "statusText": "Created",
                    },
                    "startedDateTime": "2024-05-01T10:00:00.123Z",
                    "time": 31,
                },
            ],
            "pages": [],
            "version": "1.2",
        }
    }


# https://w3c.github.io/web-performance/specs/HAR/Overview.html
HAR = {
    "log": {
        "version": "1.2",
        "creator": {"name": "Browser", "version": "1"},
        "entries": [
            {
                "startedDateTime": "2024-05-01T12:00:00.000+02:00",
                "request": {
                    "method": "POST",
                    "url": "https://api.example.com/v1/things?limit=3",
                    "headers": [],
                    "postData": {
                        "mimeType": "application/x-www-form-urlencoded",
                        "params": [{"name": "name", "value": "Ada L"}, {"name": "empty"}],
                    },
                },
                "response": {"status": 200, "headers": [], "content": {"text": "aGk=", "encoding": "base64"}},
            },
            {
                "startedDateTime": "2024-05-01T12:00:01.000+02:00",
                "request": {"method": "GET", "url": "https://api.example.com/v1/blocked", "headers": []},
                "response": {"status": 0, "headers": [], "content": {}},
            },
        ],
    }
}

# https://wiremock.org/docs/stubbing/ and https://wiremock.org/docs/request-matching/
WIREMOCK = {
    "mappings": [
        {
            "request": {
                "method": "POST",
                "urlPath": "/v1/things",
                "queryParameters": {"limit": {"equalTo": "3"}, "q": {"matches": ".*"}},
                "headers": {"X-Kind": {"equalTo": "a"}, "Accept": {"contains": "json"}},
                "bodyPatterns": [{"equalToJson": {"a": 1}, "ignoreArrayOrder": True}],
            },
            "response": {"status": 201, "jsonBody": {"id": "th_A"}, "headers": {"X-Twice": ["one", "two"]}},
        },
        {
            "request": {
                "method": "PUT",
                "url": "/v1/things/1?x=y",
                "host": {"equalTo": "api.example.com"},
                "formParameters": {"name": {"equalTo": "Ada"}},
            },
            "response": {"body": "plain", "headers": {"Content-Type": "text/plain"}},
        },
        {"request": {"method": "GET", "urlPathPattern": "/v1/things/.*"}, "response": {"status": 200}},
        {"request": {"method": "ANY", "url": "/v1/things"}, "response": {"status": 200}},
        {"request": {"method": "GET", "url": "/a"}, "response": {"proxyBaseUrl": "https://api.example.com"}},
        {"request": {"method": "GET", "url": "/b"}, "response": {"body": "{{request.path}}"}},
    ]
}


def read(value: Any, skipped: list[str] | None = None, path: Path = Path("things.yaml")) -> list[Raw]:
    form = told(value)
    assert form is not None
    return list(READERS[form](value, path, [] if skipped is None else skipped))


def yaml(text: str) -> Any:
    return load(text.encode(), "things.yaml", foreign=True)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (yaml(VCR), "vcr"),
        (yaml(VCR_1), "vcr"),
        (yaml(VCRPY), "vcrpy"),
        (HAR, "har"),
        (polly("", None, False), "polly"),
        (WIREMOCK, "wiremock"),
        (WIREMOCK["mappings"][0], "wiremock"),
        (WIREMOCK["mappings"], "wiremock"),
        ({"cassette": 1}, "cassette"),
        ({"log": {}}, None),
        ({"openapi": "3.1.0"}, None),
        ([], None),
        ([{"request": {}}], None),
        ("text", None),
        (None, None),
    ],
)
def test_formats_are_told_apart(value: Any, form: Format | None) -> None:
    assert told(value) == form


def test_vcr() -> None:
    (one,) = read(yaml(VCR))
    assert (one.method, one.url, one.status) == ("post", "https://api.example.com/v1/things?expand%5B%5D=owner", 200)
    assert one.request == b"name=Ada&size=2"
    assert one.response == b'{"id":"th_A"}'
    assert one.request_headers[1:] == [("X-Twice", "one"), ("X-Twice", "two")]
    assert one.at == "Tue, 01 Nov 2011 04:58:44 GMT"


def test_vcr_as_json_is_the_same() -> None:
    assert read(json.loads(json.dumps(yaml(VCR)))) == read(yaml(VCR))


def test_the_first_vcr() -> None:
    (one,) = read(yaml(VCR_1))
    assert (one.method, one.status, one.request, one.response) == ("get", 404, b"", b"Nothing here")


def test_vcrpy() -> None:
    put, delete = read(yaml(VCRPY))
    assert (put.method, put.request, put.response) == ("PUT", b'{"a": 1}', b"\0\1\2\xff")
    assert (delete.method, delete.status, delete.request, delete.response) == ("DELETE", 204, b"", b"")


def test_har() -> None:
    skipped: list[str] = []
    (one,) = read(HAR, skipped)
    assert (one.request, one.response) == (b"name=Ada+L&empty=", b"hi")
    assert one.request_headers == [("content-type", "application/x-www-form-urlencoded")]
    assert skipped == ["things.yaml: entry 2: it has no answer (blocked, or broken off)"]


def test_polly() -> None:
    packed = gzip.compress(b'{"id":"th_A"}')
    pieces = [packed[:9], packed[9:]]
    now = json.dumps([base64.b64encode(each).decode() for each in pieces])
    before = json.dumps([each.hex() for each in pieces])
    for text, encoding, coded, wanted in (
        ('{"id":"th_A"}', None, False, b'{"id":"th_A"}'),
        ('["a"]', None, False, b'["a"]'),
        (now, "base64", True, packed),
        (before, None, True, packed),
    ):
        (one,) = read(polly(text, encoding, coded))
        assert (one.response, one.at) == (wanted, "2024-05-01T10:00:00.123Z")
        assert foreign.header(one.request_headers, "content-type") == "application/json"


def test_wiremock() -> None:
    skipped: list[str] = []
    made, put = read(WIREMOCK, skipped)
    assert (made.method, made.url, made.status) == ("POST", "/v1/things?limit=3", 201)
    assert made.request_headers == [("X-Kind", "a"), ("content-type", "application/json")]
    assert (json.loads(made.request), json.loads(made.response)) == ({"a": 1}, {"id": "th_A"})
    assert made.response_headers == [("X-Twice", "one"), ("X-Twice", "two"), ("content-type", "application/json")]
    assert (put.url, put.request, put.response) == ("https://api.example.com/v1/things/1?x=y", b"name=Ada", b"plain")
    assert [each.partition(": mapping ")[2] for each in skipped] == [
        "3: only an exact method and url can be replayed, no pattern",
        "4: only an exact method and url can be replayed, no pattern",
        "5: it answers nothing of its own (a proxy, or a fault)",
        "6: its answer is a template",
    ]


def test_bodies_of_wiremock(tmp_path: Path) -> None:
    for folder in ("mappings", "__files"):
        (tmp_path / folder).mkdir()
    (tmp_path / "__files" / "a.json").write_bytes(b"{}")
    (tmp_path / "secret").write_text("never")
    path = tmp_path / "mappings" / "one.json"

    def body(response: Any, **request: Any) -> Raw:
        (one,) = read({"request": {"method": "GET", "url": "/", **request}, "response": response}, path=path)
        return one

    assert body({"bodyFileName": "a.json"}).response == b"{}"
    assert body({"base64Body": "aGk="}).response == b"hi"
    assert body({}, bodyPatterns=[{"matches": ".*"}, {"equalTo": "a=b"}]).request == b"a=b"
    assert body({}, bodyPatterns=[{"equalToXml": "<a/>"}]).request == b"<a/>"
    assert body({}, bodyPatterns=[{"equalToJson": '{"a": 1}'}]).request == b'{"a": 1}'
    for name in ("../secret", "../../secret", str(tmp_path / "secret"), "none.json"):
        with pytest.raises(ValueError, match="is not in the folder __files"):
            body({"bodyFileName": name})


def test_lines() -> None:
    scenario, at, one = foreign.line(
        {
            "source_repo": "a/b",
            "cassette": "things.yml",
            "seq": 4,
            "api_version": "2020-08-27",
            "request": {"method": "POST", "host": "api.example.com", "path": "/v1/things", "query": "", "body": "a=b"},
            "response": {"status": 200, "headers": {}, "json": {"id": "th_A"}},
        }
    )
    assert (scenario, at, one.url) == ("a/b/things.yml", 4, "https://api.example.com/v1/things")
    assert one.request_headers == [("content-type", "application/x-www-form-urlencoded")]
    assert (json.loads(one.response), one.contract) == ({"id": "th_A"}, "2020-08-27")
    request = {"method": "GET", "host": "h", "path": "/", "body": "aGk=", "body_base64": True}
    _, at, one = foreign.line({"request": request, "response": {"status": 200, "body": "hi"}})
    assert (at, one.request, one.response) == (-1, b"hi", b"hi")
