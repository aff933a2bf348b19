"""The load generator: a process on its own core, raw sockets and one epoll loop, so that it is not what is measured.

It reads jobs as JSON lines on stdin and answers each with a JSON line: ``python -m bench.load CORE``.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import resource
import select
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import httptools

MARK = b"@@@@@@@@@@@@"


#: A run of twelve digits would look like a card number to the journal, which no SDK's key does.
_LETTERS = bytes.maketrans(b"0123456789", b"abcdefghkm")


def marked(request: bytes, number: int) -> bytes:
    """The request with a text of its own in the place of ``MARK``."""
    return request.replace(MARK, (b"%012d" % number).translate(_LETTERS))


class LoadFailed(RuntimeError):
    """A window or a transfer that could not be carried out."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One window. ``requests`` are whole HTTP requests, sent in turn; with ``once`` each is sent once at most.

    ``rate`` (a second) makes the loop open: requests are due at even intervals however slow the answers are,
    and latency counts from when a request was due. Without it every connection sends as soon as it was answered.
    ``MARK`` in a request becomes a number of its own at each sending, of the same length.
    """

    port: int
    requests: Sequence[bytes]
    seconds: float
    connections: int = 32
    rate: float | None = None
    once: bool = False
    #: Keep the ``id`` of each JSON answer.
    collect: bool = False


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One big body, up (``head`` announces ``size`` bytes) or down."""

    port: int
    head: bytes
    size: int
    up: bool


@dataclass(kw_only=True)
class Outcome:
    """What a window saw. Latencies in milliseconds; ``busy`` is the generator's own share of its core."""

    requests: int
    seconds: float
    statuses: dict[str, int]
    p50: float
    p99: float
    busy: float
    ids: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds

    @property
    def failed(self) -> int:
        """Answers that are not 2xx."""
        return sum(count for status, count in self.statuses.items() if not status.startswith("2"))


_NUMBERS = itertools.count(1)


class _Connection:
    """One keep-alive connection, with at most one request on the wire."""

    __slots__ = ("_body", "_parser", "_port", "begun", "body", "done", "ended", "keep", "socket")

    def __init__(self, port: int, keep: bool) -> None:
        self._port = port
        self.open()
        self.keep = keep
        self.begun = 0.0
        self.done = False
        self._body = bytearray()
        self.body = b""
        self._parser = httptools.HttpResponseParser(self)

    def open(self) -> None:
        """Connect, for the first time or again."""
        self.socket = socket.create_connection(("127.0.0.1", self._port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        #: The server said that it closes after its last answer.
        self.ended = False

    def on_message_complete(self) -> None:
        self.done = True

    def on_body(self, chunk: bytes) -> None:
        if self.keep:
            self._body += chunk

    def ask(self, request: bytes, begun: float) -> None:
        self.begun = begun
        self.done = False
        self.socket.sendall(request)

    def take(self) -> int | None:
        """Read what has come; the status once the answer is complete."""
        chunk = self.socket.recv(262144)
        if not chunk:
            raise ConnectionError("the server closed a connection that was kept alive")
        self._parser.feed_data(chunk)
        if not self.done:
            return None
        status: int = self._parser.get_status_code()
        self.ended = not self._parser.should_keep_alive()
        if self.keep:
            self.body, self._body = bytes(self._body), bytearray()
        self._parser = httptools.HttpResponseParser(self)
        return status


def run(job: Job) -> Outcome:
    """Carry out one job in this process."""
    connections = [_Connection(job.port, job.collect) for _ in range(job.connections)]
    poll = select.epoll()
    by_number = {one.socket.fileno(): one for one in connections}
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    window = _Window(job, deque(connections))
    try:
        window.run(poll, by_number)
    finally:
        poll.close()
        for one in connections:
            one.socket.close()
    return window.outcome()


_CHUNK = bytes(262144)


def transfer(work: Transfer) -> float:
    """Seconds that the transfer took, the answer's last byte included. Raises when the answer is not 200."""
    one = _Connection(work.port, keep=False)
    begun = time.perf_counter()
    one.socket.sendall(work.head)
    left = work.size if work.up else 0
    while left:
        left -= one.socket.send(_CHUNK if left >= len(_CHUNK) else _CHUNK[:left])
    status = None
    while status is None:
        status = one.take()
    taken = time.perf_counter() - begun
    one.socket.close()
    if status != 200:
        raise LoadFailed(f"a transfer was answered with {status}")
    return taken


class _Window:
    """The loop of one job and what it counts."""

    def __init__(self, job: Job, idle: deque[_Connection]) -> None:
        self.job = job
        self.idle = idle
        self.sent = 0
        self.marked = any(MARK in request for request in job.requests)
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.ids: list[str] = []
        self.elapsed = 0.0
        self.busy = 0.0

    def _left(self) -> bool:
        return not self.job.once or self.sent < len(self.job.requests)

    def _ask(self, begun: float) -> None:
        request = self.job.requests[self.sent % len(self.job.requests)]
        if self.marked:
            request = marked(request, next(_NUMBERS))
        self.idle.popleft().ask(request, begun)
        self.sent += 1

    def _send_due(self, now: float, start: float) -> float:
        """Send what is due; answers for how long epoll may sleep (0 spins, for exact times)."""
        if self.job.rate is None:
            while self.idle and self._left():
                self._ask(now)
            return 0.05
        while self.idle and self._left():
            due = start + self.sent / self.job.rate
            if due > now:
                return 0.0 if due - now < 0.002 else due - now - 0.001
            self._ask(due)
        return 0.05

    def run(self, poll: select.epoll, by_number: dict[int, _Connection]) -> None:
        clock = time.perf_counter
        before = resource.getrusage(resource.RUSAGE_SELF)
        start = now = clock()
        stop = start + self.job.seconds
        total = len(by_number)
        while True:
            wait = 0.05
            if now < stop and self._left():
                wait = self._send_due(now, start)
            elif len(self.idle) == total:
                break
            elif now > stop + 30:
                raise TimeoutError("answers are missing half a minute after the window")
            for number, _ in poll.poll(wait):
                one = by_number[number]
                status = one.take()
                if status is not None:
                    self._note(one, status, clock())
                    if one.ended:
                        # As a client does: what the server closes is opened again, on its account.
                        poll.unregister(number)
                        by_number.pop(number).socket.close()
                        one.open()
                        by_number[one.socket.fileno()] = one
                        poll.register(one.socket.fileno(), select.EPOLLIN)
            now = clock()
        self.elapsed = clock() - start
        after = resource.getrusage(resource.RUSAGE_SELF)
        self.busy = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / self.elapsed

    def _note(self, one: _Connection, status: int, now: float) -> None:
        self.latencies.append(now - one.begun)
        self.statuses[status] += 1
        if self.job.collect and status in (200, 201):
            self.ids.append(json.loads(one.body)["id"])
        self.idle.append(one)

    def outcome(self) -> Outcome:
        ordered = sorted(self.latencies) or [0.0]
        return Outcome(
            requests=len(self.latencies),
            seconds=self.elapsed,
            statuses={str(status): count for status, count in self.statuses.items()},
            p50=ordered[len(ordered) // 2] * 1000,
            p99=ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
            busy=self.busy,
            ids=self.ids,
        )


class Generator:
    """The load process, from the outside. ``core`` is where it is pinned."""

    def __init__(self, core: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load", str(core)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, job: Job) -> Outcome:
        """One window, carried out over there."""
        document = {**asdict(job), "requests": [base64.b64encode(one).decode() for one in job.requests]}
        return Outcome(**self._ask({"job": document}))

    def transfer(self, work: Transfer) -> float:
        """One big body, sent or read over there; answers the seconds that it took."""
        seconds: float = self._ask({"transfer": {**asdict(work), "head": base64.b64encode(work.head).decode()}})
        return seconds

    def _ask(self, document: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(document) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise LoadFailed("the load generator ended; its error stands above")
        answer = json.loads(line)
        if isinstance(answer, dict) and "failed" in answer:
            raise LoadFailed(answer["failed"])
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=30)
        if self._process.stdout:
            self._process.stdout.close()


def main() -> None:
    """Answer jobs until stdin ends."""
    os.sched_setaffinity(0, {int(sys.argv[1])})
    for line in sys.stdin:
        document: dict[str, Any] = json.loads(line)
        try:
            answer = _carry_out(document)
        except (OSError, LoadFailed, httptools.HttpParserError) as failed:
            answer = {"failed": f"{type(failed).__name__}: {failed}"}
        print(json.dumps(answer), flush=True)


def _carry_out(document: dict[str, Any]) -> Any:
    if "job" in document:
        job = document["job"]
        job["requests"] = [base64.b64decode(one) for one in job["requests"]]
        return asdict(run(Job(**job)))
    work = document["transfer"]
    return transfer(Transfer(**{**work, "head": base64.b64decode(work["head"])}))


if __name__ == "__main__":
    main()
