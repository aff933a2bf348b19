"""The policy document: what is accepted, what is refused with line and key, and which rule decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.errors import InvalidInput
from broker.policy import DEFAULT_RETRIES, Policy, pause

SERVICES = ("alpha", "beta")


FULL = """
version: 1
ttl: 3d
default_mode: refuse
seed: 7
limits: {body_mib: 4, journal_exchanges: 10}
services:
  beta: sandbox
  alpha:
    mode: mock
    rules:
      - operation: things.create
        mode: refuse
      - request: DELETE /v1/things/{id}
        mode: sandbox
      - operation: things.*
        mode: record
    webhooks:
      - url: https://app.example/hooks
      - {url: "http://127.0.0.1:9/hooks", events: [thing.*]}
    webhook_retries: [250ms, 5s, 1h]
    seed: 9
    options: {anything: [1, two]}
"""


def test_a_full_policy_is_read() -> None:
    policy = Policy.parse(FULL, SERVICES)
    assert policy.ttl == timedelta(days=3)
    assert policy.seed == 7
    assert policy.mode("beta") == "sandbox"
    assert policy.mode("alpha") == "mock"
    assert [target.events for target in policy.webhooks("alpha")] == [("*",), ("thing.*",)]
    assert policy.retry_schedule("alpha") == (timedelta(milliseconds=250), timedelta(seconds=5), timedelta(hours=1))
    assert policy.service_seed("alpha", 7) == 9
    assert policy.service_seed("beta", 7) == 7
    assert policy.options("alpha") == {"anything": [1, "two"]}
    assert policy.limit("body_mib", 32) == 4
    assert policy.limit("body_mib", 2) == 2, "a policy can only lower a limit"
    assert policy.limit("journal_mib", 64) == 64


def test_the_first_matching_rule_decides_and_is_named() -> None:
    policy = Policy.parse(FULL, SERVICES)
    created = policy.decide("alpha", "things.create", "POST", "/v1/things")
    assert (created.mode, created.rule_index) == ("refuse", 0)
    assert created.because == "services.alpha.rules[0] (things.create) says refuse"
    deleted = policy.decide("alpha", "things.delete", "DELETE", "/v1/things/th_1")
    assert (deleted.mode, deleted.rule_index) == ("sandbox", 1)
    listed = policy.decide("alpha", "things.list", "GET", "/v1/things")
    assert (listed.mode, listed.rule_index) == ("record", 2)
    other = policy.decide("alpha", "others.list", "GET", "/v1/others")
    assert (other.mode, other.rule_index) == ("mock", None)
    assert other.because == "services.alpha.mode says mock"
    assert policy.decide("alpha", None, "GET", "/nowhere").mode == "mock"


def test_decisions_of_the_same_operation_on_other_paths_are_not_mixed_up() -> None:
    text = "version: 1\nservices: {alpha: {rules: [{request: GET /a/*, mode: refuse}]}}"
    policy = Policy.parse(text, SERVICES)
    assert policy.decide("alpha", "get", "GET", "/a/1").mode == "refuse"
    assert policy.decide("alpha", "get", "GET", "/b/1").mode == "mock"
    assert policy.decide("alpha", "get", "GET", "/a/1").mode == "refuse"


@pytest.mark.parametrize(
    ("pattern", "method", "path", "matches"),
    [
        ("POST /v1/charges", "POST", "/v1/charges", True),
        ("POST /v1/charges", "GET", "/v1/charges", False),
        ("POST /v1/charges", "POST", "/v1/charges/ch_1", False),
        ("* /v1/charges/*", "GET", "/v1/charges/ch_1", True),
        ("* /v1/charges/*", "GET", "/v1/charges/ch_1/refunds", False),
        ("GET /v1/**", "GET", "/v1/charges/ch_1/refunds", True),
        ("GET /v1/{kind}/x", "GET", "/v1/a/x", True),
        ("GET /v1/a.b", "GET", "/v1/aXb", False),
        ("GET /v1/pre*", "GET", "/v1/prefix", True),
        ("PUT /box/secret*", "PUT", "/box/%73ecret-1", True),
        ("PUT /box/*", "PUT", "/box/a%2Fb", True),
        # An encoded slash is a plain one to some services, and HEAD asks about what GET reads.
        ("PUT /box/a/b", "PUT", "/box/a%2Fb", True),
        ("PUT /box/a/*", "PUT", "/box%2Fa/b", True),
        ("GET /box/**", "HEAD", "/box/a", True),
        ("PUT /box/**", "HEAD", "/box/a", False),
        ("PUT /box/**", "PUT", "/box/a%0Ab", True),
    ],
)
def test_request_patterns(pattern: str, method: str, path: str, matches: bool) -> None:
    document = {"version": 1, "services": {"alpha": {"rules": [{"request": pattern, "mode": "refuse"}]}}}
    assert (Policy.parse(document, SERVICES).decide("alpha", "x", method, path).mode == "refuse") is matches


def test_defaults() -> None:
    policy = Policy.parse(None, SERVICES)
    assert policy == Policy.parse("version: 1", SERVICES)
    decision = policy.decide("alpha", "x", "GET", "/")
    assert (decision.mode, decision.rule_index) == ("mock", None)
    assert "says nothing about alpha" in decision.because
    assert policy.decide("alpha", "y", "GET", "/") is decision, "the hot path builds nothing"
    assert len(policy.retry_schedule("alpha")) == len(DEFAULT_RETRIES)
    refusing = Policy.parse({"version": 1, "default_mode": "refuse"}, SERVICES)
    assert refusing.decide("beta", None, "GET", "/").because == "default_mode says refuse"


def test_the_normalised_form_survives_storage_and_shorthands() -> None:
    policy = Policy.parse(FULL, SERVICES)
    again = Policy.from_normalised(orjson.loads(orjson.dumps(policy.normalised)))
    assert again == policy
    assert again.decide("alpha", "things.create", "POST", "/").rule_index == 0
    short = Policy.parse("version: 1\nservices: {beta: sandbox}", SERVICES)
    long = Policy.parse({"services": {"beta": {"mode": "sandbox"}}, "version": 1}, SERVICES)
    assert short == long
    with pytest.raises(TypeError):
        hash(short)


def test_webhooks_of_the_command_line_are_added_once() -> None:
    policy = Policy.parse(FULL, SERVICES)
    added = policy.with_webhooks({"alpha": ["https://app.example/hooks", "https://new/"], "beta": ["https://b/"]})
    assert [t.url for t in added.webhooks("alpha")][-1] == "https://new/"
    assert len(added.webhooks("alpha")) == 3
    assert added.mode("beta") == "sandbox"
    assert [t.url for t in added.webhooks("beta")] == ["https://b/"]
    assert added.with_webhooks({"alpha": ["https://new/"]}) == added
    assert len(policy.webhooks("alpha")) == 2, "the original is left alone"


def test_pauses() -> None:
    assert pause("250ms") == timedelta(milliseconds=250)
    assert pause("1h30m") == timedelta(minutes=90)
    with pytest.raises(ValueError, match="not a duration"):
        pause("soon")


def parsed(document: str | bytes | dict[str, object]) -> Policy | list[Mapping[str, object]] | None:
    """The policy, or its faults; None would be a refusal without any."""
    try:
        return Policy.parse(document, SERVICES)
    except InvalidInput as refused:
        return list(refused.errors) or None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**40) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MODES = st.sampled_from(["mock", "sandbox", "refuse", "nonsense"]) | JSON
RULES = st.fixed_dictionaries(
    {"mode": MODES},
    optional={"operation": st.sampled_from(["*", "a.b", "[", "a*["]) | JSON, "request": st.just("GET /a/**") | JSON},
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "mode": MODES,
        "rules": st.lists(RULES, max_size=2) | JSON,
        "webhooks": st.lists(st.fixed_dictionaries({"url": st.just("http://a/") | JSON}), max_size=2) | JSON,
        "webhook_retries": st.lists(st.sampled_from(["1s", "10ms", "x"]), max_size=2) | JSON,
        "options": JSON,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"version": st.just(1)},
    optional={
        "ttl": st.sampled_from(["1d", "x"]) | JSON,
        "seed": st.integers(0, 9) | JSON,
        "limits": st.fixed_dictionaries({}, optional={"body_mib": st.integers(0, 9)}) | JSON,
        "services": st.dictionaries(st.sampled_from(["alpha", "beta", "gamma"]), MODES | BODIES, max_size=2) | JSON,
    },
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(DOCUMENTS)
def test_what_parses_decides_and_survives_storage(document: dict[str, object]) -> None:
    policy = parsed(document)
    if not isinstance(policy, Policy):
        assert all(fault["message"] for fault in policy)
        return
    again = Policy.from_normalised(orjson.loads(orjson.dumps(policy.normalised)))
    assert again == policy
    for service in (*SERVICES, "unnamed"):
        for operation in ("a.b", None):
            decided = policy.decide(service, operation, "GET", "/a/b")
            assert decided == again.decide(service, operation, "GET", "/a/b")
            assert decided.because


def test_what_is_allowed_is_read_strictly() -> None:
    """An encoded slash never makes a call fit a rule that lets it through."""
    rules = [{"request": "GET /box/open/*", "mode": "mock"}]
    policy = Policy.parse({"version": 1, "services": {"alpha": {"mode": "refuse", "rules": rules}}}, SERVICES)
    assert policy.decide("alpha", "x", "GET", "/box/open/a").mode == "mock"
    for method, path in (("GET", "/box%2Fopen/a"), ("HEAD", "/box/open/a"), ("GET", "/box/open%2Fa")):
        assert policy.decide("alpha", "x", method, path).mode == "refuse"
