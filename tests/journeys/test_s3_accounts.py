"""Several AWS accounts in one environment's S3, as access tests need them: boto3 over a real socket."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.client import Config
from botocore.exceptions import ClientError

from demo.serving import Broker


def connect(bundle: dict[str, Any], account: dict[str, Any]) -> Any:
    keys = account["variables"]
    return boto3.client(
        "s3",
        endpoint_url=bundle["variables"]["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 0}),
    )


def add(server: Broker, bundle: dict[str, Any], account: str) -> Any:
    body = {"service": "s3", "account": account}
    return server.control("POST", f"environments/{bundle['name']}/credentials", body)


def test_two_accounts_own_what_they_make(server: Broker, environment: dict[str, Any]) -> None:
    own, alt = add(server, environment, "primary"), add(server, environment, "alt")
    assert set(alt) == {"account", "canonical_id", "variables"}
    assert own["variables"]["AWS_ACCESS_KEY_ID"] == environment["variables"]["AWS_ACCESS_KEY_ID"]
    first, second = connect(environment, own), connect(environment, alt)
    first.create_bucket(Bucket="mine")
    second.create_bucket(Bucket="theirs")
    for client, account, bucket in ((first, own, "mine"), (second, alt, "theirs")):
        listed = client.list_buckets()
        assert listed["Owner"] == {"ID": account["canonical_id"]}
        assert [each["Name"] for each in listed["Buckets"]] == [bucket]
        client.put_object(Bucket=bucket, Key="k", Body=b"1", ExpectedBucketOwner=account["account"])
        with pytest.raises(ClientError, match="AccessDenied"):
            client.get_object(Bucket=bucket, Key="k", ExpectedBucketOwner="111122223333")
    with pytest.raises(ClientError, match="BucketAlreadyExists"):
        second.create_bucket(Bucket="mine")


def test_the_command_prints_what_a_client_needs(server: Broker, environment: dict[str, Any]) -> None:
    command = ("env", "credentials", "add", environment["name"], "--service", "s3", "--account")
    alt = server.json(*command, "Team_B")
    assert set(alt) == {"account", "canonical_id", "variables"}
    assert set(alt["variables"]) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert (len(alt["account"]), alt["account"].isdecimal()) == (12, True)
    assert (len(alt["canonical_id"]), set(alt["canonical_id"]) <= set("0123456789abcdef")) == (64, True)
    assert connect(environment, alt).list_buckets()["Owner"] == {"ID": alt["canonical_id"]}
    assert server.json(*command, alt["account"]) == alt


def test_an_account_is_removed(server: Broker, environment: dict[str, Any]) -> None:
    client = connect(environment, add(server, environment, "111122223333"))
    client.create_bucket(Bucket="theirs")
    server.control("DELETE", f"environments/{environment['name']}/credentials/s3/111122223333")
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        client.list_buckets()


def test_nobody_is_let_in_and_gets_no_further_than_what_is_for_all(server: Broker, environment: dict[str, Any]) -> None:
    client = connect(environment, add(server, environment, "primary"))
    client.create_bucket(Bucket="mine")
    client.put_object(Bucket="mine", Key="k", Body=b"1")
    nobody = boto3.client(
        "s3",
        endpoint_url=environment["variables"]["AWS_ENDPOINT_URL_S3"],
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}),
    )
    for ask in (
        nobody.list_buckets,
        lambda: nobody.get_object(Bucket="mine", Key="k"),
        lambda: nobody.put_object(Bucket="mine", Key="k", Body=b"2"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            ask()
    assert server.control("GET", f"environments/{environment['name']}/incidents")["items"] == []
