"""Prism, an independent server that answers from an OpenAPI document, as a process of its own.

It stands in for SendGrid: it refuses every request that the official document does not allow, and answers the others
with values that its schemas allow. It remembers nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from tests.standins import npm
from tests.standins.npm import available as available
from tests.standins.openapi import document

FOLDER = Path(__file__).parent
#: Seconds until a starting or a stopping server is given up.
PATIENCE = 60.0


def installed() -> Path:
    """The folder with Prism's packages, installed once from the lock file."""
    return npm.installed(FOLDER)


class Prism:
    """A server with the document of one contract on a free port of loopback: ``with Prism("sendgrid") as prism``.

    A request that breaks the document is answered with 422, or with the refusal that the document describes; the header
    ``sl-violations`` says what was wrong. (It names faults of Prism's own answers, too.)
    """

    def __init__(self, contract: str) -> None:
        self.contract = contract
        self.port = 0
        self._server: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """Where it is reached, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Prism:
        program = installed() / "@stoplight" / "prism-cli" / "dist" / "index.js"
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "document.json"
        path.write_text(json.dumps(document(self.contract)))
        log = Path(self._folder.name) / "log"
        # It writes a line for every request: into a file, because a pipe that nobody reads ends a server.
        with log.open("w") as output:
            self._server = subprocess.Popen(
                ["node", str(program), "mock", "--host", "127.0.0.1", "--port", "0", "-m", "false", str(path)],
                stdout=output,
                stderr=output,
            )
        until = time.monotonic() + PATIENCE
        while self._server.poll() is None and time.monotonic() < until:
            if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", log.read_text()):
                self.port = int(found[1])
                return self
            time.sleep(0.02)
        told = log.read_text()[-2000:]
        self.stop()
        raise RuntimeError(f"Prism did not start: {told}")

    def stop(self) -> None:
        if self._server is not None:
            self._server.kill()  # it has nothing to keep
            self._server.wait(timeout=PATIENCE)
            self._server = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> Prism:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
