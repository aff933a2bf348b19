"""Moto's server as the real S3, STS and IAM: a process of its own on a free port of this machine.

It is independent of our mock. It accepts any credential and verifies no signature: tests of signatures use botocore.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from types import TracebackType

import httpx

#: Werkzeug's first words, once it listens.
_LISTENS = re.compile(rb"Running on (http://127\.0\.0\.1:(\d+))")
_PATIENCE_SECONDS = 60


class Moto:
    """``with Moto() as moto: ... moto.url``: services are told apart by the host name or the signature's scope."""

    def __init__(self) -> None:
        self.url = ""
        self.port = 0
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the server, and stop() closes it
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it listens."""
        # An empty environment: no credential, proxy or setting of the machine gets in.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            env={},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        ends = time.monotonic() + _PATIENCE_SECONDS
        while True:
            found = _LISTENS.search(self.log)
            if found is not None:
                self.url, self.port = found[1].decode(), int(found[2])
                return
            if self._process.poll() is not None or time.monotonic() > ends:
                log = self.log.decode("utf-8", "replace")
                self.stop()
                raise RuntimeError(f"moto did not start: {log[-2000:]}")
            time.sleep(0.005)

    def reset(self) -> None:
        """Everything that was made is gone."""
        httpx.post(f"{self.url}/moto-api/reset").raise_for_status()

    @property
    def log(self) -> bytes:
        """What it has written so far: a line a request."""
        # Not by seeking: the server writes at the same offset.
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0)

    def stop(self) -> None:
        """Idempotent."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._log.close()

    def __enter__(self) -> Moto:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
