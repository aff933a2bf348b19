"""A real broker server in its own process over a folder, driven through the real ``broker`` command.

The demo, the bench and the journey tests all run the server through this, the way an operator would.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Below Linux's ephemeral range (32768 and up), so that no outgoing connection takes a port between kill and restart.
PORTS = range(20_000, 32_000)
BROKER = str(Path(sys.executable).with_name("broker"))


class NotServing(RuntimeError):
    """The server ended, or did not become ready; the message ends with what it last logged."""


class CommandFailed(RuntimeError):
    """A ``broker`` command ended with another exit code than 0."""


def free_port() -> int:
    """A port that nobody listens on now."""
    for port in random.SystemRandom().sample(PORTS, 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NotServing("no free port among fifty")


def plain_environment(home: Path) -> dict[str, str]:
    """The variables that a process needs and nothing that would configure it."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath, os.environ.get("PATH", "")])  # noqa: TID251 - the demo starts commands
    # The code that is run is that of the checkout which this file lies in, wherever the command is installed from.
    checkout = str(Path(__file__).parents[1])
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC", "COLUMNS": "160", "PYTHONPATH": checkout}


class Broker:
    """``broker serve`` on a free port of this machine, with its state in ``folder``.

    ``variables`` are further ``BROKER_*`` settings. The same port and token hold over restarts, so what an
    environment was given keeps working.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "state"
        self.log = folder / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = "local-" + format(random.SystemRandom().getrandbits(160), "040x")
        self.variables = dict(variables or {})
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    # The process

    def command(self) -> list[str]:
        """What starts it, before its options."""
        return [BROKER, "serve"]

    def start(self, timeout: float = 30.0) -> float:
        """Start it and wait until it is ready; answers how long that took, in seconds."""
        if self.process is not None:
            raise NotServing("it runs already")
        begun = time.perf_counter()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command(), "--host", "127.0.0.1", "--port", str(self.port), "--data", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**self._environment(), **self.variables},
                cwd=self.folder,
            )
        while time.perf_counter() - begun < timeout:
            if self.process.poll() is not None:
                code, self.process = self.process.returncode, None
                raise NotServing(f"the server ended with {code}\n{self.tail()}")
            if self.is_ready():
                return time.perf_counter() - begun
            time.sleep(0.01)
        self.kill()
        raise NotServing(f"not ready after {timeout:g} s\n{self.tail()}")

    def is_ready(self) -> bool:
        """Whether it answers 200 on its readiness route."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/_broker/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """SIGKILL: no goodbye, as when the machine loses power for this process."""
        self._end(signal.SIGKILL)

    def stop(self) -> int | None:
        """SIGTERM, and wait; answers the exit code."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Kill it if it runs, and start it over the same folder, port and token."""
        self.kill()
        self.start()

    def _end(self, number: signal.Signals) -> int | None:
        process, self.process = self.process, None
        if process is None:
            return None
        process.send_signal(number)
        try:
            return process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def tail(self, lines: int = 30) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    # Its control API

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control API below ``/_broker/v1/``: the answer's JSON. For what is done a thousand times."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(
                method, f"/_broker/v1/{path}", None if body is None else json.dumps(body).encode(), headers
            )
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise CommandFailed(f"{method} {path} was answered with {answer.status}: {text.decode()}")
        return json.loads(text) if text else None

    # Its command

    def _environment(self) -> dict[str, str]:
        return {**plain_environment(self.folder), "BROKER_URL": self.url, "BROKER_TOKEN": self.token}

    def cli(self, *words: str, check: bool = True, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run ``broker WORDS``; raises CommandFailed on another exit code than 0 unless ``check`` is off."""
        done = subprocess.run(
            [BROKER, *words], capture_output=True, text=True, input=text, env=self._environment(), cwd=self.folder
        )
        if check and done.returncode:
            raise CommandFailed(f"broker {' '.join(words)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def json(self, *words: str) -> Any:
        """What ``broker WORDS --json`` prints."""
        return json.loads(self.cli(*words, "--json").stdout)

    def open(
        self,
        name: str,
        *,
        policy: Mapping[str, Any] | Path | None = None,
        ttl: str | None = None,
        webhooks: Mapping[str, str] | None = None,
        reopen: bool = False,
    ) -> dict[str, Any]:
        """``broker env open``: the bundle. ``policy`` is a file or what one would hold."""
        words = ["env", "open", name]
        if policy is not None:
            words += ["--policy", str(self._policy_file(name, policy))]
        if ttl is not None:
            words += ["--ttl", ttl]
        for service, target in (webhooks or {}).items():
            words += ["--webhook", f"{service}={target}"]
        if reopen:
            words.append("--reopen")
        bundle: dict[str, Any] = self.json(*words)
        return bundle

    def close(self, name: str) -> dict[str, Any]:
        """``broker env close``: the receipt."""
        receipt: dict[str, Any] = self.json("env", "close", name)
        return receipt

    def _policy_file(self, name: str, policy: Mapping[str, Any] | Path) -> Path:
        if isinstance(policy, Path):
            return policy
        path = self.folder / f"policy-{name}.yaml"
        path.write_text(json.dumps(policy))  # JSON is YAML
        return path
