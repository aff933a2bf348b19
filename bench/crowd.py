"""Many uploads at once, again and again, until standard input ends: ``python -m bench.crowd CORE``.

It reads one JSON line, ``{"port", "heads", "size"}``: each head is the request of one upload, for a connection and a
thread of its own. It answers with a line once each has been sent once, and at the end with the number of uploads.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.servers import ROOT

_CHUNK = bytes(262144)


class _Uploads:
    """What the threads share."""

    def __init__(self, number: int) -> None:
        self.begun = threading.Barrier(number + 1)
        self.over = threading.Event()
        self.done = 0
        self.failed: list[str] = []
        self._lock = threading.Lock()

    def again(self, port: int, head: bytes, size: int) -> None:
        """One thread's uploads."""
        first = True
        while first or not self.over.is_set():
            self._one(port, head, size)
            if first:
                self.begun.wait()
                first = False

    def _one(self, port: int, head: bytes, size: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as sending:
            sending.sendall(head)
            for _ in range(size // len(_CHUNK)):
                sending.sendall(_CHUNK)
            status = sending.recv(65536).split(b"\r\n", 1)[0]
        with self._lock:
            self.done += 1
            if b" 200 " not in status:
                self.failed.append(status.decode())


def main() -> None:
    """See the module."""
    os.sched_setaffinity(0, {int(sys.argv[1])})
    # Whoever measures comes first.
    os.nice(10)
    asked = json.loads(sys.stdin.readline())
    heads = [head.encode() for head in asked["heads"]]
    uploads = _Uploads(len(heads))
    for head in heads:
        threading.Thread(target=uploads.again, args=(asked["port"], head, asked["size"])).start()
    uploads.begun.wait()
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    sys.stdin.read()
    uploads.over.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()
    sys.stdout.write(json.dumps({"done": uploads.done, "failed": uploads.failed}) + "\n")


@contextmanager
def crowd(core: int, port: int, heads: Sequence[bytes], size: int) -> Iterator[dict[str, Any]]:
    """Uploads run inside; the figures are there afterwards."""
    found: dict[str, Any] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "bench.crowd", str(core)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"port": port, "heads": [head.decode() for head in heads], "size": size}) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        yield found
        process.stdin.close()
        found |= json.loads(process.stdout.readline())


if __name__ == "__main__":
    main()
