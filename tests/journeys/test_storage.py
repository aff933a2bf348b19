"""What may be stored, as boto3 meets it; and peers that break off, which leave neither files nor descriptors."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from demo.serving import Broker
from tests.journeys.buckets import connect
from tests.journeys.test_boto3 import MIB

LIMITED = {"version": 1, "limits": {"storage_mib": 20}}


def refusal(call: Callable[[], Any]) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as refused:
        call()
    answer = refused.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def test_a_quota_is_told_before_during_and_after_and_room_comes_back(own_server: Broker) -> None:
    own_server.start()
    bundle: dict[str, Any] = own_server.control("PUT", "environments/pr-1", {"policy": LIMITED})
    s3 = connect(bundle)
    s3.create_bucket(Bucket="bkt")
    status, code, message = refusal(lambda: s3.put_object(Bucket="bkt", Key="large", Body=bytes(21 * MIB)))
    assert (status, code) == (507, "QuotaExceeded")
    assert "limits.storage_mib" in message
    s3.put_object(Bucket="bkt", Key="a", Body=bytes(12 * MIB))
    upload = s3.create_multipart_upload(Bucket="bkt", Key="parts")["UploadId"]
    where = {"Bucket": "bkt", "Key": "parts", "UploadId": upload}
    s3.upload_part(**where, PartNumber=1, Body=bytes(6 * MIB))
    assert refusal(lambda: s3.upload_part(**where, PartNumber=2, Body=bytes(6 * MIB)))[1] == "QuotaExceeded"
    assert s3.copy_object(Bucket="bkt", Key="copy", CopySource="bkt/a"), "a copy takes no room"
    shown = own_server.json("env", "show", "pr-1")
    assert shown["storage"] == {"used_bytes": 18 * MIB, "limit_bytes": 20 * MIB}
    s3.abort_multipart_upload(**where)
    s3.put_object(Bucket="bkt", Key="b", Body=bytes(8 * MIB))
    own_server.restart()
    assert refusal(lambda: s3.put_object(Bucket="bkt", Key="c", Body=b"x"))[1] == "QuotaExceeded"
    s3.delete_object(Bucket="bkt", Key="a")
    assert refusal(lambda: s3.put_object(Bucket="bkt", Key="c", Body=b"x"))[1] == "QuotaExceeded"
    s3.delete_object(Bucket="bkt", Key="copy")
    s3.put_object(Bucket="bkt", Key="c", Body=b"x")


def open_ones(server: Broker) -> list[str]:
    """Blob files that the server holds open."""
    assert server.process is not None
    found = []
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except FileNotFoundError:
            continue
        if "/blobs/" in target:
            found.append(target)
    return found


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def begun(s3: Any, operation: str, key: str, length: int | None = None) -> socket.socket:
    url = urlsplit(s3.generate_presigned_url(operation, Params={"Bucket": "bkt", "Key": key}))
    method = "PUT" if length is not None else "GET"
    field = "" if length is None else f"Content-Length: {length}\r\n"
    calling = socket.create_connection((url.hostname or "", url.port or 0))
    calling.sendall(f"{method} {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n{field}\r\n".encode())
    return calling


def cut(calling: socket.socket) -> None:
    """Without a goodbye: the peer's next read or write fails."""
    calling.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    calling.close()


@pytest.mark.parametrize("end", [socket.socket.close, cut], ids=["closed", "reset"])
def test_peers_that_break_off_leave_no_file_and_no_descriptor(
    own_server: Broker, end: Callable[[socket.socket], None]
) -> None:
    own_server.start()
    s3 = connect(own_server.open("pr-1"))
    s3.create_bucket(Bucket="bkt")
    s3.put_object(Bucket="bkt", Key="large", Body=bytes(64 * MIB))
    (kept,) = own_server.data.rglob("blobs/*/*")
    up = [begun(s3, "put_object", f"half-{number}", 8 * MIB) for number in range(8)]
    for calling in up:
        calling.sendall(bytes(3 * MIB))
    down = [begun(s3, "get_object", "large") for _ in range(8)]
    for calling in down:
        assert calling.recv(1000)
    eventually(lambda: len(open_ones(own_server)) == 16)
    for calling in (*up, *down):
        end(calling)
    eventually(lambda: not open_ones(own_server))
    eventually(lambda: list(own_server.data.rglob("blobs/*/*")) == [kept])
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="bkt")["Contents"]] == ["large"]
    own_server.stop()
    assert "Traceback" not in own_server.log.read_text()
