"""``broker verify | wait | expect``: exit codes, near misses, and the body that is sent."""

from __future__ import annotations

import asyncio

import pytest

from broker.cli import codes
from tests.broker.cli.conftest import Shell


@pytest.fixture
def busy(shell: Shell) -> Shell:
    shell("env", "open", "pr-1", "--webhook", "alpha=http://127.0.0.1:9/")
    asyncio.run(shell.bench.happen())
    return shell


def test_what_holds_ends_well_and_what_does_not_says_why(busy: Shell) -> None:
    good = busy("verify", "pr-1", "exchanges", "--service", "alpha", "-w", "status=200", "--count", "3")
    assert (good.code, good.out) == (0, "expected exactly 3 of the exchanges to match, found 3\n")
    bad = busy("verify", "pr-1", "exchanges", "--operation", "things.create", "-w", "status>=400")
    assert bad.code == codes.UNMET
    assert "near miss ex_2" in bad.out
    assert 'status: expected {"$gte":400}, found 200' in bad.out
    assert busy("verify", "pr-1", "exchanges", "-w", "status>=400", "--never").code == 0
    assert busy("verify", "pr-1", "mails", "--to", "A@example.com", "-w", "text*=Dear").code == 0
    assert busy("verify", "pr-1", "events", "--type", "thing.created", "--at-least", "1", "--at-most", "1").code == 0
    as_json = busy("verify", "pr-1", "mails", "--scope", "other", "--json")
    assert (as_json.code, as_json.json["ok"]) == (codes.UNMET, False)


def test_a_match_from_a_file_and_from_the_line(busy: Shell) -> None:
    busy.write("match.json", '{"status": {"$in": [200, 201]}}')
    assert busy("verify", "pr-1", "exchanges", "--match", "@match.json").code == 0
    assert busy("verify", "pr-1", "exchanges", "--match", '{"status": 201}').code == codes.UNMET


@pytest.mark.parametrize(
    "arguments",
    [
        ("exchanges", "-w", "=1"),
        ("exchanges", "--match", "[1]"),
        ("exchanges", "--match", "{"),
        ("exchanges", "--match", "@nothing.json"),
        ("exchanges", "--never", "--count", "2"),
    ],
)
def test_what_cannot_be_read_is_a_wrong_line(busy: Shell, arguments: tuple[str, ...]) -> None:
    assert busy("verify", "pr-1", *arguments).code == codes.USAGE


def test_what_the_server_refuses(busy: Shell) -> None:
    refused = busy("verify", "pr-1", "exchanges", "--match", '{"a": {"$near": 1}}')
    assert refused.code == codes.FAILED
    assert "atch.a.$near: is no operator" in refused.err
    assert busy("verify", "pr-1", "things").code == codes.FAILED
    assert busy("verify", "pr-9", "mails").code == codes.MISSING


def test_waiting_ends_with_the_time(busy: Shell) -> None:
    assert busy("wait", "pr-1", "mails", "--to", "a@example.com").code == 0
    assert busy("wait", "pr-1", "mails", "--to", "b@example.com", "--timeout", "0.01").code == codes.UNMET


def test_expectations(busy: Shell) -> None:
    assert "Nothing is expected" in busy("expect", "list", "pr-1").out
    made = busy("expect", "add", "pr-1", "exchanges", "-w", "status=500", "--title", "it breaks", "--scope", "one")
    assert made.out.endswith("is unmet.\n")
    busy("expect", "add", "pr-1", "exchanges", "-w", "status>=400", "--never", "--json")
    listed = busy("expect", "list", "pr-1").out
    assert "it breaks" in listed
    assert "exactly 0" in listed
    assert [one["state"] for one in busy("expect", "list", "pr-1", "--json").json] == ["unmet", "met"]
    failed = busy("expect", "verify", "pr-1", "--scope", "one")
    assert (failed.code, "unmet: it breaks" in failed.out) == (codes.UNMET, True)
    assert busy("expect", "clear", "pr-1", "--scope", "one").out == "1 expectations are forgotten.\n"
    assert busy("expect", "verify", "pr-1").code == 0
    strict = busy("expect", "verify", "pr-1", "--strict", "--json")
    assert (strict.code, strict.json["unmatched_count"]) == (codes.UNMET, 3)
    assert busy("expect", "clear", "pr-1", "--json").json == {"deleted": 1}
