"""Looks over an installation as a person would: settings, files, server, token, names. Changes nothing."""

from __future__ import annotations

import shutil
import socket
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from broker.settings import Settings, unknown_variables

#: Free space below which writing is about to fail.
_LOW_BYTES = 1 << 30

Verdict = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``next`` says what to do about it, empty when nothing is."""

    subject: str
    verdict: Verdict
    message: str
    next: str = ""


def local_findings(settings: Settings) -> Iterator[Finding]:
    """What can be seen without asking the server."""
    yield from _variables(unknown_variables())
    yield _address(settings)
    yield _folder(settings.data)
    for name in ("token", "key"):
        if (settings.data / name).exists():
            yield _secret(settings.data / name)
    yield _names(settings.base_domain)


def _variables(unknown: Sequence[str]) -> Iterator[Finding]:
    """A name that is spelt wrong is otherwise ignored in silence."""
    for name in unknown:
        yield Finding(f"variable {name}", "warning", "is no setting, so nothing reads it", "see docs/reference.md")


def _address(settings: Settings) -> Finding:
    if settings.listens_on_loopback:
        return Finding("address", "ok", f"{settings.host}:{settings.port} is reachable from this machine only")
    if settings.token is None:
        return Finding(
            "address",
            "failed",
            f"{settings.host} is reachable from other machines and no token is set: `broker serve` will refuse",
            "set BROKER_TOKEN to a long random text",
        )
    return Finding("address", "ok", f"{settings.host}:{settings.port} is reachable from other machines; a token is set")


def _folder(folder: Path) -> Finding:
    subject = f"data folder {folder}"
    if not folder.exists():
        return Finding(subject, "ok", "not there yet; the first `broker serve` makes it")
    if not folder.is_dir():
        return Finding(subject, "failed", "is not a folder", "point BROKER_DATA at a folder")
    free = shutil.disk_usage(folder).free
    if free < _LOW_BYTES:
        return Finding(subject, "warning", f"{free >> 20} MiB are free", "free space, or close environments")
    return Finding(subject, "ok", f"{free >> 30} GiB are free")


def _secret(path: Path) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding(
            f"file {path}", "failed", f"others may read it (mode {mode:04o})", f"chmod 600 {path}, and make a new one"
        )
    return Finding(f"file {path}", "ok", "only its owner may read it")


def _names(base_domain: str) -> Finding:
    """Addressing by host needs names below the base domain to lead somewhere."""
    name = f"service.environment.{base_domain}"
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return Finding(
            f"names below {base_domain}",
            "warning",
            f"{name} leads nowhere from here, so services are reached by path or key, not by host name",
            f"let *.{base_domain} lead to the server, or use /e/ENVIRONMENT/SERVICE",
        )
    return Finding(f"names below {base_domain}", "ok", f"lead to {found[0][4][0]}")
