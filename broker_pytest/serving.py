"""Where the server of a test run comes from: BROKER_URL where it is set, else a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broker.clock import SystemClock
from broker.settings import from_environment, inherited, variables
from broker_pytest.control import Control

#: Seconds until a server of our own has to answer, and until it has to be gone.
_START, _STOP = 60.0, 15.0
_LISTENS = re.compile(r"preview-broker listens on (http://\S+),")


class NotServing(RuntimeError):
    """No server could be reached or started: what to do, or what it last logged."""


@contextmanager
def served(folder: Path) -> Iterator[Control]:
    """The control API of a server: that of BROKER_URL, which stays, or one over ``folder``, which ends with the block.
    Raises NotServing."""
    given = variables(["BROKER_URL", "BROKER_TOKEN"])
    if "BROKER_URL" in given:
        yield Control(given["BROKER_URL"].rstrip("/"), given.get("BROKER_TOKEN") or _token_file())
        return
    with _started(folder) as control:
        yield control


def _token_file() -> str:
    path = from_environment().data / "token"
    try:
        return path.read_text().strip()
    except (OSError, UnicodeError):
        raise NotServing(
            f"BROKER_URL is set and no token is: set BROKER_TOKEN to the server's, or BROKER_DATA to its data folder "
            f"(there is no {path})"
        ) from None


@contextmanager
def _started(folder: Path) -> Iterator[Control]:
    folder.mkdir(parents=True, exist_ok=True)
    log, token = folder / "server.log", SystemClock().text(40)
    # No setting of the machine's own server is meant for this one.
    settings = {
        "BROKER_TOKEN": token,
        "BROKER_KEY": "",
        "BROKER_PUBLIC_URL": "",
        "BROKER_HOST": "",
        "BROKER_NOTIFY_URL": "",
        "BROKER_DRIFT_AT": "",
        "BROKER_LOG_LEVEL": "info",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "broker", "serve", "--host", "127.0.0.1", "--port", "0"]
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own server
            [*command, "--data", str(folder / "state")],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=inherited(**settings),
        )
    try:
        yield Control(_address(process, log), token)
    finally:
        process.terminate()
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, once it answers."""
    ends = time.monotonic() + _START
    while time.monotonic() < ends:
        text = log.read_text(errors="replace")
        found = _LISTENS.search(text)
        if found is not None and "Application startup complete" in text:
            return found.group(1)
        if process.poll() is not None:
            raise NotServing(f"the broker ended with {process.returncode}:\n{_tail(text)}")
        time.sleep(0.02)
    raise NotServing(f"the broker did not answer within {_START:g} seconds:\n{_tail(log.read_text(errors='replace'))}")


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-20:])
