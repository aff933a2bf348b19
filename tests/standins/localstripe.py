"""localstripe, an independent imitation of Stripe, as a process of its own: what "the real Stripe" is to tests.

Run as a module it is the server itself: localstripe's own program listens beyond loopback, on a port that must be
known before, and keeps one file under /tmp for all its processes, so here its application is served instead.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

#: Seconds until a starting server is given up.
_PATIENCE = 30.0
_ROOT = Path(__file__).resolve().parents[2]


class LocalStripe:
    """A fresh server on a port of its own: ``with LocalStripe() as stripe: stripe.url``. Any key ``sk_...`` opens it.

    It differs from Stripe, among others: lists know no ``created`` and mostly no ``ending_before``, errors have no
    ``code``, idempotency keys mean nothing, events are signed a second late, and objects are fewer and poorer.
    """

    def __init__(self) -> None:
        self.port = 0
        self._server: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it is reached, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> LocalStripe:
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.standins.localstripe"],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        if not line.strip().isdigit():
            self.stop()
            raise RuntimeError("localstripe did not start")
        self.port = int(line)
        return self

    def stop(self) -> None:
        if self._server is None:
            return
        self._server.kill()  # it has nothing to keep
        self._server.wait(timeout=_PATIENCE)
        if self._server.stdout is not None:
            self._server.stdout.close()
        self._server = None

    def flush(self) -> None:
        """Forget every object."""
        self._configure("DELETE", "/_config/data", None)

    def webhook(self, name: str, url: str, secret: str) -> None:
        """Send every event to ``url``, signed with ``secret``: in place of Stripe's own webhook endpoints, which
        localstripe does not have."""
        self._configure("POST", f"/_config/webhooks/{name}", {"url": url, "secret": secret})

    def _configure(self, method: str, path: str, value: Any) -> None:
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - our own server on loopback
        with urllib.request.urlopen(request, timeout=_PATIENCE):  # noqa: S310 - the same
            pass

    def __enter__(self) -> LocalStripe:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve() -> None:
    """Print the port, then serve until the process is ended."""
    import socket

    from aiohttp import web
    from localstripe import resources, server

    # One file under /tmp, written at every change and read by nobody here.
    resources.Store.dump_to_disk = lambda self: None
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - how its starter learns the port
    web.run_app(server.app, sock=listener, access_log=None, print=None)


if __name__ == "__main__":
    serve()
