"""What a document may say, and how every fault of it is named at once."""

from __future__ import annotations

import orjson
import pytest
from jsonschema import Draft202012Validator

from broker.errors import InvalidInput
from broker.policy import MODES, Policy
from broker.policy.document import schema, schema_bytes

SERVICES = ("alpha", "beta")


def faults(document: object, services: tuple[str, ...] = SERVICES) -> list[dict[str, object]]:
    with pytest.raises(InvalidInput) as caught:
        Policy.parse(document, services)  # type: ignore[arg-type]  # some tests hand over nonsense
    return [dict(fault) for fault in caught.value.errors]


def test_every_fault_is_named_with_line_and_key_at_once() -> None:
    text = """version: 1
ttl: soon
services:
  alhpa: mock
  alpha:
    mdoe: mock
    rules:
      - mode: refuse
      - {operation: a, request: GET /, mode: mock}
      - {request: v1/charges, mode: nope}
    webhooks:
      - url: ftp://x/
  beta: sandbx
"""
    found = {(fault["line"], fault["key"]): fault["message"] for fault in faults(text)}
    assert found == {
        (2, "ttl"): "must be a duration like 7d, 12h, 90m or 1d12h",
        (4, "services.alhpa"): "unknown service; did you mean alpha?; known ones are alpha, beta",
        (6, "services.alpha.mdoe"): "unknown key; did you mean mode?",
        (8, "services.alpha.rules[0]"): "must have either operation or request",
        (9, "services.alpha.rules[1]"): "must have either operation or request",
        (10, "services.alpha.rules[2].request"): (
            "must be a method and a path, like POST /v1/charges (* for any method)"
        ),
        (10, "services.alpha.rules[2].mode"): "must be one of mock, sandbox, record, replay, refuse",
        (12, "services.alpha.webhooks[0].url"): (
            "must be an http or https address without user, password and fragment"
        ),
        (13, "services.beta"): "must be one of mock, sandbox, record, replay, refuse; did you mean sandbox?",
    }


def test_the_detail_reads_as_a_sentence() -> None:
    with pytest.raises(InvalidInput) as caught:
        Policy.parse("version: 1\nservcies: {}\n", SERVICES)
    assert caught.value.detail == "The policy has 1 fault: line 2, servcies: unknown key; did you mean services?"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("version: 1\nversion: 1\n", 2, "stands twice (first on line 1)"),
        ("services: {}\n", 1, "the key version is missing"),
        ("version: 2\n", 1, "must be 1"),
        ("version: 1\nalpha: mock\n", 2, "services stand below the key services"),
        ("version: 1\nservices: [alpha]\n", 2, "must be a mapping, not a list"),
        ("version: 1\nservices: {alpha: {mode: off}}\n", 2, "must be text, not yes/no"),
        ("version: 1\nservices: {alpha: 3}\n", 2, "must be a mapping, not a number"),
        ("version: 1\nseed: 2024-01-01\n", 2, "must be an integer, not text"),
        ("version: 1\nseed: .inf\n", 2, "must be a finite number"),
        ("version: 1\nseed: !!python/object:os.system x\n", 2, "is not supported"),
        ("version: 1\nttl: 999999d\n", 2, "out of range"),
        (
            "version: 1\nservices: {alpha: {rules: [{mode: mock, request: GET /a*b*c}]}}",
            2,
            "** must be a whole segment",
        ),
        (
            "version: 1\nservices: {alpha: {rules: [{mode: mock, request: GET /**/**}]}}",
            2,
            "** must be a whole segment",
        ),
        ("version: 1\nservices: {alpha: {rules: [{mode: mock, request: GET /a**}]}}", 2, "** must be a whole segment"),
        (
            "version: 1\nservices: {alpha: {rules: [{mode: mock, request: 'GET /*{b}'}]}}",
            2,
            "** must be a whole segment",
        ),
        ("version: 1\n? [a]\n: b\n", 2, "a key must be text"),
        ("version: 1\n  bad indent: x\n", 2, "not valid YAML"),
        ("version: 1\n---\nversion: 1\n", 2, "not valid YAML"),
        ("- a\n", None, "a policy is a mapping of keys, not a list"),
        ("", None, "the policy is empty"),
        ("# nothing\n", None, "the policy is empty"),
        ("\x00", None, "not valid YAML"),
        (b"\xff\xfe\x00", None, "not UTF-8"),
        ("version: 1\n#" + "x" * 200_000, None, "at most 128 KiB"),
    ],
)
def test_faults(text: str | bytes, line: int | None, says: str) -> None:
    first = faults(text)[0]
    assert says in str(first["message"])
    if line is not None:
        assert first["line"] == line


def test_a_mapping_has_no_lines_but_keys() -> None:
    assert faults({"version": 1, "services": {"alpha": {"mode": "x"}}}) == [
        {"key": "services.alpha.mode", "message": "must be one of mock, sandbox, record, replay, refuse"}
    ]
    assert "not a JSON value" in str(faults({"version": object()})[0]["message"])


def test_the_published_schema_is_one_and_names_every_mode() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$defs"]["mode"]["enum"] == list(MODES)
    assert orjson.loads(schema_bytes()) == schema()


def test_every_key_of_the_schema_says_what_it_is_for() -> None:
    """Editors show the descriptions; a key is described where it stands or where it refers to."""
    bare = [
        f"{name}.{key}"
        for name, body in {"policy": schema(), **schema()["$defs"]}.items()
        for key, value in body.get("properties", {}).items()
        if "description" not in value and not {"mode", "url", "limits"} & {key}
    ]
    assert bare == []


def test_targets_that_must_not_be_called_are_faults_with_their_line() -> None:
    def check(url: str) -> None:
        if "forbidden" in url:
            raise InvalidInput("is never a target")

    text = "version: 1\nservices:\n  alpha:\n    webhooks:\n      - url: http://a/\n      - url: http://forbidden/\n"
    with pytest.raises(InvalidInput) as refused:
        Policy.parse(text, SERVICES, check)
    assert refused.value.errors == [
        {"line": 6, "column": 9, "key": "services.alpha.webhooks[1].url", "message": "is never a target"}
    ]


def test_keys_that_look_like_numbers_keep_their_name() -> None:
    assert [fault["key"] for fault in faults({"version": 1, "services": {"0": None}})] == ["services.0", "services.0"]


def test_a_service_of_the_policys_own_says_where_its_contract_is() -> None:
    own = {"version": 1, "services": {"crm": {"contract": "crm.yaml"}}}
    policy = Policy.parse(own, SERVICES)
    assert policy.contracts() == {"crm": "crm.yaml"}
    assert policy.documents() == {}
    applied = Policy.from_normalised(policy.with_documents({"crm": "d" * 64}).normalised)
    assert applied.documents() == {"crm": "d" * 64}
    assert applied.contracts() == policy.contracts()
    with pytest.raises(InvalidInput, match="an environment's mails are read there"):
        Policy.parse({"version": 1, "services": {"mailpit": {"contract": "crm.yaml"}}}, SERVICES)
    with pytest.raises(InvalidInput, match="must be a name of 1 to 40"):
        Policy.parse({"version": 1, "services": {"C_R_M": {"contract": "crm.yaml"}}}, SERVICES)
    with pytest.raises(InvalidInput, match="unknown service"):
        Policy.parse({"version": 1, "services": {"crm": {"mode": "mock"}}}, SERVICES)
    pinned = Policy.parse(
        {"version": 1, "services": {"alpha": {"contract": "2026-10-28", "mode": "sandbox"}}}, SERVICES
    )
    assert pinned.contracts() == {"alpha": "2026-10-28"}


def test_a_service_that_is_made_from_a_document_is_nowhere_real() -> None:
    body = {"contract": "crm.yaml", "mode": "sandbox", "rules": [{"operation": "*", "mode": "record"}]}
    found = faults({"version": 1, "services": {"crm": body}})
    assert [fault["key"] for fault in found] == ["services.crm.mode", "services.crm.rules[0].mode"]
    assert "no driver for crm" in found[0]["message"]
