"""kill -9 in the middle of what goes to a real account: however far the call was, the close leaves nothing there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from demo.serving import Broker
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, policy, put_account
from tests.journeys.test_sandbox_boto3 import client, connect
from tests.standins.between import Between
from tests.standins.moto import Moto

pytestmark = pytest.mark.slow

MIB = 1 << 20


@pytest.fixture
def moto() -> Iterator[Moto]:
    with Moto() as storage:
        yield storage


class Body:
    """Bytes that stop in their middle until the test lets them go on."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.half, self.go_on = threading.Event(), threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for sent in range(0, self.size, MIB):
            if sent == self.size // 2:
                self.half.set()
                self.go_on.wait(30)
            yield bytes(MIB)


def single(s3: Any) -> str:
    url: str = s3.generate_presigned_url("put_object", Params={"Bucket": "invoices", "Key": "big"})
    return url


def in_parts(s3: Any) -> str:
    """The address of an upload's second part."""
    upload = {"Bucket": "invoices", "Key": "big"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    s3.upload_part(**upload, PartNumber=1, Body=bytes(5 * MIB))
    url: str = s3.generate_presigned_url("upload_part", Params={**upload, "PartNumber": 2})
    return url


@pytest.mark.parametrize("upload", [single, in_parts])
def test_a_kill_in_the_middle_of_an_upload(own_server: Broker, moto: Moto, upload: Callable[[Any], str]) -> None:
    server = own_server
    server.start()
    put_account(server, "one", "s3", moto.url, {"value": {"key": AWS_KEY, "secret": AWS_SECRET}})
    real = client(moto.url, AWS_KEY, AWS_SECRET)
    real.create_bucket(Bucket="made-by-hand")
    first, second = (server.control("PUT", f"environments/pr-{n}", {"policy": policy(s3="one")}) for n in (1, 2))
    for bundle in (first, second):
        connect(bundle).create_bucket(Bucket="invoices")
    connect(second).put_object(Bucket="invoices", Key="kept", Body=b"kept")
    url, body = upload(connect(first)), Body(64 * MIB)

    def send() -> None:
        with contextlib.suppress(httpx.TransportError):  # the kill
            httpx.put(url, content=iter(body), headers={"content-length": str(body.size)}, timeout=30)

    sending = threading.Thread(target=send)
    sending.start()
    assert body.half.wait(30)
    server.kill()
    body.go_on.set()
    sending.join()
    server.start()

    [line] = server.control("GET", "environments/pr-1/resources")["items"]
    theirs = line["external_id"]
    assert theirs in names(real)
    if upload is in_parts:
        assert real.list_multipart_uploads(Bucket=theirs)["Uploads"], "there is no upload to be left over"
    receipt = server.control("DELETE", "environments/pr-1?wait=30")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert receipt["external"]["s3"]["kinds"] == {"bucket": {"deleted": 1}}
    assert theirs not in names(real)
    assert len(names(real)) == 2
    assert connect(second).get_object(Bucket="invoices", Key="kept")["Body"].read() == b"kept"


def names(s3: Any) -> list[str]:
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_a_bucket_is_made(own_server: Broker, moto: Moto, when: str) -> None:
    """Before the provider has made it, or after; nobody was told of it."""
    server = own_server
    server.variables |= {"BROKER_SANDBOX_TIMEOUT_SECONDS": "2", "BROKER_SANDBOX_SETTLE_SECONDS": "1"}
    server.start()
    real = client(moto.url, AWS_KEY, AWS_SECRET)
    with Between(moto.url, late=20) as between:
        put_account(server, "one", "s3", between.url, {"value": {"key": AWS_KEY, "secret": AWS_SECRET}})
        bundle = server.control("PUT", "environments/pr-1", {"policy": policy(s3="one")})
        between.spoil("late" if when == "before" else "done", "PUT")

        def create() -> None:
            with contextlib.suppress(ClientError, BotoCoreError):
                connect(bundle).create_bucket(Bucket="invoices")

        creating = threading.Thread(target=create)
        creating.start()
        assert between.arrived.wait(30)
        server.kill()
        creating.join()
        server.start()
        [line] = server.control("GET", "environments/pr-1/resources")["items"]
        assert (line["kind"], line["status"]) == ("bucket", "pending")
        assert len(names(real)) == (0 if when == "before" else 1)
        receipt = server.control("DELETE", "environments/pr-1?wait=30")
        assert (receipt["status"], receipt["left"]) == ("closed", {})
        outcome = {"absent": 1} if when == "before" else {"deleted": 1}
        assert receipt["external"]["s3"]["kinds"] == {"bucket": outcome}
    assert names(real) == []
