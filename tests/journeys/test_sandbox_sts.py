"""``isolation: account`` at S3: each environment works with a session of the account's role, limited to its own
buckets. STS and S3 are moto's, which checks no policy: what the session may do is seen in what STS was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ClientError

from demo.serving import Broker
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.test_sandbox_boto3 import client, connect, names, use
from tests.standins.between import Asked, Between
from tests.standins.moto import Moto

ROLE = "arn:aws:iam::123456789012:role/previews"
POLICY = {
    "version": 1,
    "services": {"s3": {"mode": "sandbox", "sandbox": {"account": "s3-sts", "isolation": "account"}}},
}


@pytest.fixture(scope="module")
def provider(server: Broker) -> Iterator[Between]:
    with Moto() as moto, Between(moto.url) as between:
        secret = {"value": {"key": AWS_KEY, "secret": AWS_SECRET}}
        put_account(server, "s3-sts", "s3", between.url, secret, options={"role_arn": ROLE})
        yield between


def sessions(provider: Between) -> list[dict[str, Any]]:
    """What STS was asked for."""
    forms = [parse_qs(one.body.decode()) for one in provider.asked if b"Action=AssumeRole" in one.body]
    return [{name: values[0] for name, values in form.items()} for form in forms]


def signers(asked: list[Asked]) -> set[str]:
    """The access key ids that signed."""
    signed = [one.headers["authorization"] for one in asked if "authorization" in one.headers]
    return {text.partition("Credential=")[2].partition("/")[0] for text in signed}


def test_an_environment_works_with_a_session_of_its_own(
    server: Broker, provider: Between, open_environment: OpenEnvironment
) -> None:
    first, second = open_environment(policy=POLICY), open_environment(policy=POLICY)
    provider.asked.clear()
    one, two = connect(first), connect(second)
    use(one)
    use(two)
    assert (names(one), names(two)) == (["invoices"], ["invoices"])

    asked = sessions(provider)
    assert [form["RoleArn"] for form in asked] == [ROLE, ROLE]
    labels = [form["RoleSessionName"] for form in asked]
    assert len(set(labels)) == 2
    for form, label in zip(asked, labels, strict=True):
        limits = json.loads(form["Policy"])["Statement"]
        assert limits[0]["Resource"] == [f"arn:aws:s3:::{label}-*", f"arn:aws:s3:::{label}-*/*"]
        assert 900 <= int(form["DurationSeconds"]) <= 43_200
    # Only STS was asked with the account's own key; each environment's calls are signed by its session.
    calls = [each for each in provider.asked if b"Action=AssumeRole" not in each.body]
    assert AWS_KEY not in signers(calls)
    assert len(signers(calls)) == 2
    assert all("x-amz-security-token" in each.headers for each in calls)

    with pytest.raises(ClientError):
        one.get_object(Bucket=next(name for name in real_names(provider) if labels[1] in name), Key="a/1.txt")

    held = server.json("lease", "list", first["name"])
    assert [
        (lease["account"], lease["kind"], lease["renewable"]) for lease in held if lease["kind"] == "credential"
    ] == [("s3-sts", "credential", True)]
    renewed = server.json("lease", "renew", next(lease["lease_id"] for lease in held if lease["kind"] == "credential"))
    assert renewed["lease_duration"] > 800
    assert len(sessions(provider)) == 3
    one.put_object(Bucket="invoices", Key="after", Body=b"x")

    receipt = server.control("DELETE", f"environments/{first['name']}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert [label for name in real_names(provider) for label in labels if label in name] == [labels[1]]
    assert server.json("lease", "list", first["name"]) == []
    assert server.json("lease", "list", second["name"]) != []
    before = len(provider.asked)
    with pytest.raises(ClientError):
        one.list_buckets()
    assert len(provider.asked) == before, "a dead key reaches nobody"


def real_names(provider: Between) -> list[str]:
    """The buckets of the account, as its owner sees them."""
    return names(client(provider.behind, AWS_KEY, AWS_SECRET))


def test_a_revoked_session_is_followed_by_another(
    server: Broker, provider: Between, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=POLICY)
    s3 = connect(bundle)
    s3.create_bucket(Bucket="kept")
    provider.asked.clear()
    [ended] = server.json("lease", "revoke", "--environment", bundle["name"])[:1]
    assert ended["revoked_at"] is not None
    assert ended["renewable"] is False
    assert names(s3) == ["kept"]
    assert len(sessions(provider)) == 1
    assert server.cli("lease", "renew", ended["lease_id"], check=False).returncode == 5


def test_without_a_role_each_call_says_what_is_missing(
    server: Broker, provider: Between, open_environment: OpenEnvironment
) -> None:
    put_account(server, "s3-bare", "s3", provider.url, {"value": {"key": AWS_KEY, "secret": AWS_SECRET}})
    sandbox = {"account": "s3-bare", "isolation": "account"}
    bundle = open_environment(policy={"version": 1, "services": {"s3": {"mode": "sandbox", "sandbox": sandbox}}})
    provider.asked.clear()
    with pytest.raises(ClientError, match="role_arn") as refused:
        connect(bundle).list_buckets()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 400
    assert AWS_SECRET not in str(refused.value)
    assert provider.asked == []
