"""What a server claims on its machine before it answers: a port, its folder, descriptors."""

from __future__ import annotations

import fcntl
import os
import resource
import socket
from pathlib import Path

from broker.settings import InvalidSetting, Settings

_DESCRIPTORS = 65_536
#: Connections that wait to be accepted; uvicorn's own default.
_BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """The socket that the server answers on. Raises InvalidSetting."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        # At once: until then a second server could bind the same port, and would fail later and less clearly.
        listening.listen(_BACKLOG)
    except OSError as taken:
        listening.close()
        raise InvalidSetting(
            f"BROKER_PORT: cannot listen on {settings.host}:{settings.port} ({taken.strerror}); choose another port"
        ) from taken
    return listening


def lock_folder(folder: Path) -> int:
    """One server for one data folder: the lock ends with the process, however it ends. Answers the descriptor that
    holds it; raises InvalidSetting where another server does."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as held:
        os.close(handle)
        raise InvalidSetting(
            f"BROKER_DATA: another server uses {folder}; stop it, or give this one a folder of its own"
        ) from held
    return handle


def raise_descriptor_limit() -> None:
    """As many connections and files as the machine lets this process have, up to a sensible number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
