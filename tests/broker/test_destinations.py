"""Which destinations are refused, in whatever spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.destinations import (
    Allowance,
    ForbiddenTarget,
    allowance,
    as_address,
    check_address,
    check_endpoint,
    check_target,
)
from broker.errors import InvalidInput
from broker.settings import Settings

OPEN = Allowance(private=True, own_hosts=frozenset({"localhost", "127.0.0.1", "broker.example"}), own_port=4600)
SHUT = Allowance(private=False)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "169.254.169.254.",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::169.254.169.254]",
        "[::169.254.169.254]",
        "[2002:a9fe:a9fe::1]",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fec0::1]",
        "[fd00:ec2::254]",
        "[fd20:ce::254]",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "metadata",
        "instance-data",
        "0.0.0.0",  # noqa: S104 - a target, not a bind
        "0.1.2.3",
        "[::]",
        "224.0.0.1",
        "[ff02::1]",
        "255.255.255.255",
        "240.0.0.1",
    ],
)
def test_always_refused(host: str) -> None:
    for allow in (OPEN, SHUT):
        with pytest.raises(ForbiddenTarget):
            check_target(f"http://{host}/hook", allow)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "017700000001",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.0.0.5",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "[fd12::1]",
        "localhost",
        "pr-1.LOCALHOST.",
    ],
)
def test_private_addresses_only_where_they_are_allowed(host: str) -> None:
    check_target(f"http://{host}:8080/hook", OPEN)
    with pytest.raises(ForbiddenTarget, match="BROKER_PRIVATE_TARGETS"):
        check_target(f"http://{host}:8080/hook", SHUT)


@pytest.mark.parametrize("host", ["1.1.1.1", "example.com", "[2606:4700::1111]", "[::ffff:1.1.1.1]", "a_b.example."])
def test_public_hosts_pass(host: str) -> None:
    check_target(f"https://{host}/hook?x=%20y", SHUT)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com/", "http or https"),
        ("file:///etc/passwd", "http or https"),
        ("//example.com/", "http or https"),
        ("http://user@example.com/", "user name"),
        ("http://user:pw@example.com/", "user name"),
        ("http://example.com@127.0.0.1/", "user name"),
        ("http:///path", "host name"),
        ("http://-bad/", "host name"),
        ("http://[::1", "no URL"),
        ("http://[1::2::3]/", "valid|no URL"),
        ("http://example.com:99999/", "no URL"),
        ("http://example.com:0/", "port"),
        ("http://example.com/a b", "percent-encoded"),
        ("http://example.com\\@127.0.0.1/", "percent-encoded"),
        ("http://example.com/\r\nX: 1", "percent-encoded"),
        ("http://\uff11\uff12\uff17.0.0.1/", "percent-encoded"),
    ],
)
def test_what_is_no_target(url: str, why: str) -> None:
    with pytest.raises(ForbiddenTarget, match=why):
        check_target(url, OPEN)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4600/_broker/v1/environments",
        "http://localhost:4600/_broker/v1/environments",
        "http://127.1:4600//_broker/v1",
        "http://127.0.0.1:4600/x/../_broker/v1",
        "http://127.0.0.1:4600/%5Fbroker/v1",
        "http://127.0.0.1:4600/%255Fbroker/v1",
        "http://rebound.example:4600/_BROKER/v1",
        "https://broker.example/_broker/v1",
        "http://pr-1.localhost:4600/_broker/",
    ],
)
def test_our_own_control_api_is_no_target(url: str) -> None:
    with pytest.raises(ForbiddenTarget, match="control API"):
        check_target(url, OPEN)


def test_our_own_gateway_and_strangers_with_that_path_are_targets() -> None:
    check_target("http://127.0.0.1:4600/e/pr-1/alpha/v1/things", OPEN)
    check_target("https://elsewhere.example/_broker/hook", OPEN)


def test_other_spellings_become_the_canonical_one() -> None:
    assert check_target("http://0x7f.1:81/x?y#z", OPEN).geturl() == "http://127.0.0.1:81/x?y"
    assert check_target("http://[0:0::1]/x", OPEN).netloc == "[::1]"
    assert check_target("http://Example.COM/x", OPEN).netloc == "example.com"


def test_names_are_no_addresses() -> None:
    assert as_address("example.com") is None
    assert as_address("127.0.0.1.example") is None
    assert str(as_address("010.0.0.1")) == "8.0.0.1"


def test_a_refused_address_is_named_with_the_name_that_led_there() -> None:
    with pytest.raises(ForbiddenTarget, match=r"innocent.example \(10.1.2.3\)"):
        check_address("10.1.2.3", SHUT, name="innocent.example")


def test_the_allowance_follows_the_settings(tmp_path: Path) -> None:
    inside = allowance(Settings(data=tmp_path))
    assert inside.private
    assert inside.own_port == 4600
    assert {"127.0.0.1", "localhost"} <= inside.own_hosts
    outside = allowance(Settings(data=tmp_path, host="10.0.0.1", public_url="https://broker.example"))
    assert not outside.private
    assert "broker.example" in outside.own_hosts


@pytest.mark.parametrize(
    "url",
    ["https://api.example.com", "https://api.example.com:8443/", "http://127.0.0.1:9", "http://box", "http://a.svc"],
)
def test_an_accounts_address_is_an_origin(url: str) -> None:
    assert check_endpoint("endpoint", url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://api.example.com", "https is needed"),
        ("http://93.184.216.34", "https is needed"),
        ("https://api.example.com/v1", "host and port only"),
        ("https://api.example.com?a=b", "host and port only"),
        ("https://169.254.169.254", "metadata"),
        ("https://user@api.example.com", "user name"),
    ],
)
def test_what_is_no_accounts_address_is_refused_by_its_place(url: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=f"options.x: .*{words}"):
        check_endpoint("options.x", url)
