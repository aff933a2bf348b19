"""The two sides of every comparison, each one process pinned to the same core: the bare app and the broker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.wire import Bundle
from demo.serving import Broker, free_port

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cores:
    """Where servers and load run. On a machine of one core both share it, and the report says so."""

    server: int
    load: int

    @classmethod
    def of_this_machine(cls) -> Cores:
        """The first and the last core that this process may use."""
        allowed = sorted(os.sched_getaffinity(0))
        return cls(allowed[0], allowed[-1])


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Processes that are started inside inherit the core; None leaves them free."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Bare:
    """``bench.bare`` in its own process."""

    def __init__(self, core: int | None) -> None:
        self.port = free_port()
        with pinned(core):
            self.process = subprocess.Popen([sys.executable, "-m", "bench.bare", str(self.port)])
        wait_for(self.port)

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def wait_for(port: int, timeout: float = 20.0) -> None:
    """Until somebody listens on the port."""
    until = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


class Served:
    """The broker with open environments; ``bundles`` are theirs, ``settings`` are further ones of the server."""

    def __init__(self, folder: Path, core: int | None, environments: int = 2, **settings: str) -> None:
        # The server of this tree, wherever another one may be installed.
        self.broker = Broker(folder, {"BROKER_LOG_LEVEL": "warning", "PYTHONPATH": str(ROOT), **settings})
        with pinned(core):
            self.ready_after = self.broker.start()
        self.bundles: list[Bundle] = []
        self.open(environments)

    @property
    def port(self) -> int:
        return self.broker.port

    def open(self, environments: int) -> Sequence[Bundle]:
        """So many more, through the control API."""
        first = len(self.bundles) + 1
        for number in range(first, first + environments):
            document: dict[str, Any] = self.broker.control("PUT", f"environments/pr-{number}", {})
            self.bundles.append(Bundle(document))
        return self.bundles[first - 1 :]

    def resident(self) -> float:
        """Memory of the process and its children, in MiB."""
        assert self.broker.process
        one = psutil.Process(self.broker.process.pid)
        return sum(part.memory_info().rss for part in (one, *one.children(recursive=True))) / 2**20

    def close(self) -> None:
        """End it."""
        self.broker.kill()
