"""Who may do what in S3, as its users try it: two accounts and nobody, with boto3 over a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.client import Config
from botocore.exceptions import ClientError

from demo.serving import Broker
from tests.journeys.test_s3_accounts import add, connect

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


@dataclass
class World:
    """The bucket ``shared`` is ``owner``'s, and the object ``k`` in it."""

    owner: Any
    other: Any
    nobody: Any
    owners: dict[str, Any]
    others: dict[str, Any]

    def policy(self, **members: Any) -> None:
        """What the bucket's policy says."""
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/*"}
        whole = {"Version": "2012-10-17", "Statement": [{**statement, **members}]}
        self.owner.put_bucket_policy(Bucket="shared", Policy=json.dumps(whole))


@pytest.fixture
def world(server: Broker, environment: dict[str, Any]) -> Iterator[World]:
    owners, others = add(server, environment, "primary"), add(server, environment, "reader")
    nobody = boto3.client(
        "s3",
        endpoint_url=environment["variables"]["AWS_ENDPOINT_URL_S3"],
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}),
    )
    found = World(connect(environment, owners), connect(environment, others), nobody, owners, others)
    found.owner.create_bucket(Bucket="shared")
    found.owner.put_object(Bucket="shared", Key="k", Body=b"content")
    yield found
    for client in (found.owner, found.other, found.nobody):
        client.close()


def refused(code: str, call: Callable[..., Any], **arguments: Any) -> str:
    """The call is refused with that code: its sentence."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert error["Code"] == code
    return str(error.get("Message", ""))


def test_a_new_bucket_is_closed(world: World) -> None:
    settings = world.owner.get_public_access_block(Bucket="shared")["PublicAccessBlockConfiguration"]
    assert all(settings.values())
    rules = world.owner.get_bucket_ownership_controls(Bucket="shared")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    told = refused("AccessDenied", world.policy)
    assert "are prevented by the BlockPublicPolicy setting in S3 Block Public Access" in told
    refused("AccessControlListNotSupported", world.owner.put_object, Bucket="shared", Key="k", ACL="public-read")
    for client in (world.other, world.nobody):
        assert refused("AccessDenied", client.get_object, Bucket="shared", Key="k") == "Access Denied"
        refused("403", client.head_bucket, Bucket="shared")
        refused("403", client.head_object, Bucket="shared", Key="no")


def test_a_policy_shares_with_one_account(world: World) -> None:
    world.policy(Principal={"AWS": f"arn:aws:iam::{world.others['account']}:root"})
    assert not world.owner.get_bucket_policy_status(Bucket="shared")["PolicyStatus"]["IsPublic"]
    assert world.other.get_object(Bucket="shared", Key="k")["Body"].read() == b"content"
    refused("AccessDenied", world.nobody.get_object, Bucket="shared", Key="k")
    refused("AccessDenied", world.other.put_object, Bucket="shared", Key="k", Body=b"2")
    world.other.create_bucket(Bucket="copies")
    world.other.copy_object(Bucket="copies", Key="k", CopySource={"Bucket": "shared", "Key": "k"})
    refused("AccessDenied", world.owner.get_object, Bucket="copies", Key="k")
    assert json.loads(world.owner.get_bucket_policy(Bucket="shared")["Policy"])["Version"] == "2012-10-17"


def test_a_policy_shares_with_all(world: World) -> None:
    world.owner.delete_public_access_block(Bucket="shared")
    world.policy(Condition={"StringLike": {"aws:UserAgent": "*Boto3*"}})
    assert world.nobody.get_object(Bucket="shared", Key="k")["Body"].read() == b"content"
    url = f"{world.nobody.meta.endpoint_url}/shared/k"
    assert httpx.get(url).status_code == 403
    world.policy()
    assert httpx.get(url).content == b"content"
    assert httpx.get(f"{url}?response-content-type=text/plain").status_code == 400
    world.policy(Condition={"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1/128"]}})
    assert httpx.get(url).status_code == 200
    world.policy(Condition={"NotIpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1/128"]}})
    assert httpx.get(url).status_code == 403
    told = refused("MalformedPolicy", world.policy, Action="s3:ListBucket")
    assert told == "Action does not apply to any resource(s) in statement"


def test_a_presigned_address_is_who_signed_it(world: World) -> None:
    asked = {"Bucket": "shared", "Key": "k"}
    assert httpx.get(world.owner.generate_presigned_url("get_object", Params=asked)).status_code == 200
    assert httpx.get(world.other.generate_presigned_url("get_object", Params=asked)).status_code == 403
    world.policy(
        Effect="Deny",
        Condition={"StringEquals": {"s3:authType": "REST-QUERY-STRING"}},
    )
    assert httpx.get(world.owner.generate_presigned_url("get_object", Params=asked)).status_code == 403
    assert world.owner.get_object(**asked)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_access_control_lists(world: World) -> None:
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    world.owner.put_bucket_ownership_controls(Bucket="shared", OwnershipControls=rules)
    told = refused("AccessDenied", world.owner.put_object_acl, Bucket="shared", Key="k", ACL="public-read")
    assert "are prevented by the BlockPublicAcls setting" in told
    world.owner.delete_public_access_block(Bucket="shared")
    world.owner.put_object_acl(Bucket="shared", Key="k", ACL="public-read")
    assert world.nobody.get_object(Bucket="shared", Key="k")["Body"].read() == b"content"
    acl = world.owner.get_object_acl(Bucket="shared", Key="k")
    grants = {grant["Grantee"].get("URI", "owner"): grant["Permission"] for grant in acl["Grants"]}
    assert grants == {"owner": "FULL_CONTROL", ALL_USERS: "READ"}
    acl["Grants"][1]["Grantee"] = {"Type": "CanonicalUser", "ID": world.others["canonical_id"]}
    policy = {"Owner": acl["Owner"], "Grants": acl["Grants"]}
    world.owner.put_object_acl(Bucket="shared", Key="k", AccessControlPolicy=policy)
    refused("AccessDenied", world.nobody.get_object, Bucket="shared", Key="k")
    assert world.other.get_object(Bucket="shared", Key="k")["Body"].read() == b"content"
    world.owner.put_bucket_acl(Bucket="shared", GrantWrite=f"id={world.others['canonical_id']}")
    world.other.put_object(Bucket="shared", Key="theirs", Body=b"theirs")
    refused("AccessDenied", world.owner.get_object, Bucket="shared", Key="theirs")
    refused("AccessDenied", world.other.list_objects_v2, Bucket="shared")
    owner = world.other.get_object_acl(Bucket="shared", Key="theirs")["Owner"]
    assert owner == {"ID": world.others["canonical_id"]}


def test_many_deletes_are_decided_one_by_one(world: World) -> None:
    world.owner.put_object(Bucket="shared", Key="open/a", Body=b"1")
    world.policy(
        Principal={"AWS": world.others["account"]},
        Action="s3:DeleteObject",
        Resource="arn:aws:s3:::shared/open/*",
    )
    keys = [{"Key": "open/a"}, {"Key": "k"}]
    told = world.other.delete_objects(Bucket="shared", Delete={"Objects": keys})
    assert [each["Key"] for each in told["Deleted"]] == ["open/a"]
    assert [(each["Key"], each["Code"]) for each in told["Errors"]] == [("k", "AccessDenied")]


def test_requesters_pay(world: World) -> None:
    world.policy(Principal={"AWS": world.others["account"]})
    world.owner.put_bucket_request_payment(Bucket="shared", RequestPaymentConfiguration={"Payer": "Requester"})
    refused("AccessDenied", world.other.get_object, Bucket="shared", Key="k")
    paid = world.other.get_object(Bucket="shared", Key="k", RequestPayer="requester")
    assert paid["RequestCharged"] == "requester"
    url = world.other.generate_presigned_url(
        "get_object", Params={"Bucket": "shared", "Key": "k", "RequestPayer": "requester"}
    )
    assert httpx.get(url).status_code == 200
