"""Random sequences of calls through boto3, here and at moto's server.

Each difference is ours to mend, or is written down with the page that says why ours is right.

`python -m tests.differential` runs as many as it is asked for, and tells of entries that nothing needs any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.differential.programs import GROUPS, programs
from tests.differential.runs import Accepted, Differential, accepted, both
from tests.differential.sides import differences
from tests.differential.words import Ref, Step

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Differential]:
    with both(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.mark.parametrize("group", GROUPS)
@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(drawn=st.data())
def test_nothing_differs_but_what_is_written_down(servers: Differential, group: str, drawn: st.DataObject) -> None:
    program = drawn.draw(programs(group))
    assert servers.run(program) == []


def test_a_difference_is_seen(servers: Differential) -> None:
    """The comparison itself: without what is written down, an ordinary program differs."""
    blind = Differential(servers.ours, servers.theirs, servers.clear, ())
    found = blind.run([Step("create_bucket", {"Bucket": "alpha"})])
    assert len(found) == 1
    assert "BucketArn" in found[0]
    program = [
        Step("create_bucket", {"Bucket": "alpha"}),
        Step("put_object", {"Bucket": "alpha", "Key": "k", "Body": b"x"}),
        Step("get_object", {"Bucket": "alpha", "Key": "k", "IfMatch": Ref("ETag", 0)}),
    ]
    assert servers.run(program) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)]),
        ({"a": [1, {"b": 2}]}, {"a": [1, {}]}, [("a.*.b", 2, None)]),
        ({"a": [1]}, {"a": [1, 2]}, [("a", [1], [1, 2])]),
    ],
)
def test_where_answers_differ(ours: object, theirs: object, found: object) -> None:
    assert differences(ours, theirs) == found


def test_every_entry_has_a_name_of_its_own() -> None:
    names = [one.id for one in accepted()]
    assert len(set(names)) == len(names)


def test_an_entry_takes_what_it_says_and_no_more() -> None:
    entry = Accepted.read(
        {
            "id": "a",
            "operation": "get_.*",
            "path": r"answer\.Payer",
            "ours": "BucketOwner",
            "because": "b",
            "source": "https://docs.aws.amazon.com/",
        }
    )
    step = Step("get_bucket_request_payment", {})
    assert entry.takes(step, "answer.Payer", "BucketOwner", None)
    assert not entry.takes(step, "answer.Payer", "Requester", None)
    assert not replace(entry, asks=frozenset({"Bucket"})).takes(step, "answer.Payer", "BucketOwner", None)
    assert not entry.takes(step, "answer", "BucketOwner", None)
    assert not entry.takes(Step("put_object", {}), "answer.Payer", "BucketOwner", None)
    refused = Accepted.read(
        {
            "id": "b",
            "operation": "put_object",
            "refused": "BadDigest",
            "refuses": "|InvalidDigest",
            "because": "b",
            "source": "https://docs.aws.amazon.com/",
        }
    )
    put = Step("put_object", {})
    assert refused.takes(put, "status", 400, 200, ("BadDigest", ""))
    assert not refused.takes(put, "status", 400, 200, ("NoSuchBucket", ""))
    assert not refused.takes(put, "status", 400, 403, ("BadDigest", "AccessDenied"))
    assert not refused.takes(put, "status", 200, 400)
    assert not refused.takes(put, "answer.ETag", "a", "b")
    with pytest.raises(KeyError):
        Accepted.read({"id": "a", "operation": "x", "path": "y"})


def test_the_file_is_where_it_is_looked_for() -> None:
    assert Path(__file__).with_name("accepted.toml").is_file()
