"""Every setting of the server and the CLI: the only module that reads the environment.

Each field is documented in the README's settings table, which a test holds against this file.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


#: Below an environment's address, where its mails are read as of the tool of that name: no service is called so.
INBOX = "mailpit"


class InvalidSetting(ValueError):
    """A setting that cannot be used: names it and says what it wants."""


def duration(text: str) -> timedelta:
    """``7d``, ``12h``, ``1d12h``, ``90s``: at least one second, at most ten years."""
    compact = text.strip().replace(" ", "")
    parts = _DURATION.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(f"{text!r} is not a duration; write one like 7d, 12h, 90m or 1d12h")
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if not 1 <= seconds <= 10 * 366 * 86400:
        raise ValueError(f"{text!r} is out of range: from 1s to 10 years")
    return timedelta(seconds=seconds)


def _flag(text: str) -> bool:
    found = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return found[text.strip().lower()]
    except KeyError:
        raise ValueError(f"{text!r} is neither yes nor no") from None


_NUMBER = re.compile(r"[0-9]{1,9}")


def _port(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > 65535:
        raise ValueError(f"{text!r} is not a port (0 to 65535; 0 picks a free one)")
    return int(text)


def _fixed_port(text: str) -> int:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= 65535:
        raise ValueError(f"{text!r} is not a port (1 to 65535)")
    return int(text)


def _positive(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) < 1:
        raise ValueError(f"{text!r} is not a positive whole number")
    return int(text)


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"{text!r} is none of {', '.join(choices)}")
        return text.lower()

    return read


def _environment_name(text: str) -> str:
    """``pr-{number}``, ``{repo}-{number}``: what stands around the number must fit a DNS label."""
    rest = text.replace("{number}", "1", 1).replace("{repo}", "r", 1)
    if "{number}" not in text or not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", rest):
        raise ValueError(
            f"{text!r} makes no names of environments; write one like pr-{{number}} or {{repo}}-{{number}}"
        )
    return text


def _time_of_day(text: str) -> str:
    if text.lower() == "off":
        return "off"
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError(f"{text!r} is no time of the day; write one like 03:00, or off")
    return text


def _setting(default: Any, read: Callable[[str], Any], about: str) -> Any:
    return field(default=default, metadata={"read": read, "about": about})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of them, with their defaults. The variable of a field is ``BROKER_`` plus its name in capitals."""

    host: str = _setting("127.0.0.1", str, "address to listen on; beyond loopback BROKER_TOKEN must be set")
    port: int = _setting(4600, _port, "port to listen on")
    data: Path = _setting(Path("data"), Path, "folder of all state")
    token: str | None = _setting(None, str, "bearer token of the control API; made on first start when unset")
    key: str | None = _setting(
        None, str, "secret that encrypts credentials at rest; a key file in the data folder when unset"
    )
    url: str = _setting("http://127.0.0.1:4600", str, "where the CLI finds the server")
    public_url: str | None = _setting(None, str, "origin that environments call; http://HOST:PORT when unset")
    base_domain: str = _setting("localhost", str, "domain below which SERVICE.ENVIRONMENT is served")
    default_ttl: timedelta = _setting(timedelta(days=7), duration, "life of an environment that names none")
    max_body_mib: int = _setting(32, _positive, "largest request body that is held in memory; streams are not limited")
    body_timeout_seconds: int = _setting(30, _positive, "longest silence while a request body arrives")
    journal_exchanges: int = _setting(5000, _positive, "exchanges kept per environment")
    journal_mib: int = _setting(64, _positive, "size of the exchanges kept per environment")
    journal_body_kib: int = _setting(16, _positive, "part of each body that the journal keeps")
    storage_mib: int | None = _setting(
        None, _positive, "size of the objects and files that the mocks of an environment keep; no limit when unset"
    )
    mails_kept: int = _setting(10000, _positive, "mails kept per environment; the oldest go")
    incidents_kept: int = _setting(1000, _positive, "incidents kept per environment")
    strict_replies: bool = _setting(False, _flag, "answer 500 when a mock breaks its own contract (on in the tests)")
    private_targets: str = _setting(
        "auto",
        _one_of("auto", "yes", "no"),
        "webhooks to loopback and private addresses: yes, no, or auto (only while listening on loopback)",
    )
    github_webhook_secret: str | None = _setting(
        None, str, "secret of GitHub's webhook; while it is unset POST /_broker/hooks/github is off"
    )
    github_environment: str = _setting(
        "pr-{number}",
        _environment_name,
        "name of a pull request's environment, made of {number} and {repo}",
    )
    sandbox_timeout_seconds: int = _setting(
        80, _positive, "longest wait for the head of a real provider's answer, and longest silence in its body"
    )
    notify_url: str | None = _setting(
        None,
        str,
        "where the orchestrator is told of closed, expired and stuck environments; nothing is told when unset",
    )
    notify_secret: str | None = _setting(None, str, "secret that signs what is told: whsec_ and base64, or a long text")
    cassettes: Path | None = _setting(None, Path, "folder of cassettes; cassettes in the data folder when unset")
    sweep_at: str = _setting("03:00", _time_of_day, "when leftovers at real providers are swept, in UTC; or off")
    sweep_keep: str = _setting("", str, "patterns of ids and owners that a sweep never deletes, separated by spaces")
    drift_at: str = _setting(
        "off", _time_of_day, "when drift between mocks and real providers is looked for, in UTC; or off"
    )
    drift_accepted: Path | None = _setting(None, Path, "file of accepted drift: keys with reasons and last days")
    drift_contracts: bool = _setting(True, _flag, "nights fetch the newest official contracts; no where they cannot")
    sandbox_settle_seconds: int = _setting(
        60, _positive, "how long a real provider may still carry out a request that is over here; a close waits for it"
    )
    contracts: Path | None = _setting(
        None, Path, "folder of the contracts that were pulled; contracts in the data folder when unset"
    )
    documents: Path | None = _setting(
        None, Path, "folder of OpenAPI documents that policies may name beside the uploaded ones"
    )
    smtp_port: int | None = _setting(
        None, _fixed_port, "port on which applications submit mail by SMTP; none when unset"
    )
    smtp_host: str | None = _setting(None, str, "address to take mail on; that of BROKER_HOST when unset")
    smtp_certificate: Path | None = _setting(
        None, Path, "certificate, with its chain, that SMTP offers STARTTLS with; no TLS when unset"
    )
    smtp_key: Path | None = _setting(None, Path, "key of that certificate; in the same file when unset")
    smtp_plain: bool = _setting(False, _flag, "take keys by SMTP without TLS beyond loopback, too")
    log_level: str = _setting("info", _one_of("debug", "info", "warning", "error"), "debug, info, warning or error")

    @property
    def listens_on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def contracts_folder(self) -> Path:
        """Where versions of contracts are kept beside those that come with the broker."""
        return self.contracts or self.data / "contracts"

    @property
    def allows_private_targets(self) -> bool:
        """Whether webhooks may go to loopback and private addresses."""
        return self.listens_on_loopback if self.private_targets == "auto" else self.private_targets == "yes"

    @property
    def document_folders(self) -> Sequence[Path]:
        """Where the documents are that policies name: those that were uploaded first."""
        return [self.data / "documents", *([] if self.documents is None else [self.documents])]

    @property
    def cassette_folder(self) -> Path:
        """Where recorded exchanges with real providers are."""
        return self.cassettes or self.data / "cassettes"

    @property
    def origin(self) -> str:
        """Where environments reach the gateway: scheme, host and port, without a trailing slash."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 - a name for it, not a bind
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def smtp(self) -> tuple[str, int] | None:
        """Where environments submit mail by SMTP: host and port."""
        return None if self.smtp_port is None else (self.home, self.smtp_port)

    @property
    def home(self) -> str:
        """The gateway's own host name."""
        return urlsplit(self.origin).hostname or "localhost"

    def with_(self, **changes: Any) -> Settings:
        """A copy with some fields replaced; None leaves a field as it is."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


def is_loopback(host: str) -> bool:
    """Whether a bind address is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``BROKER_*`` variables; empty ones count as unset. Raises InvalidSetting."""
    source = os.environ if environment is None else environment  # noqa: TID251 - this is the one place
    found: dict[str, Any] = {}
    for item in fields(Settings):
        variable = "BROKER_" + item.name.upper()
        text = source.get(variable, "")
        if not text:
            continue
        try:
            found[item.name] = item.metadata["read"](text)
        except ValueError as wrong:
            raise InvalidSetting(f"{variable}: {wrong}") from wrong
    return Settings(**found)


def variables(names: Iterable[str], environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Chosen variables of this process, those that are no settings of ours; empty ones count as unset."""
    source = os.environ if environment is None else environment  # noqa: TID251 - this is the one place
    return {name: source[name] for name in names if source.get(name)}


def inherited(**changes: str) -> dict[str, str]:
    """The variables for a process that this one begins: its own, some of them changed."""
    return {**os.environ, **changes}  # noqa: TID251 - this is the one place


_SECRET_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,199}")


def secret_variable(name: str, environment: Mapping[str, str] | None = None) -> str | None:
    """A variable of this process that holds a credential of a real account, read anew each time; None when it is unset
    or empty. Raises InvalidSetting for what is no name of one: ``BROKER_*`` are this server's own secrets."""
    if not _SECRET_VARIABLE.fullmatch(name):
        raise InvalidSetting(f"{name[:80]!r} names no variable: use letters, digits and _, beginning with a letter")
    if name.startswith("BROKER_"):
        raise InvalidSetting(f"{name} is a setting of this server: a credential stands in a variable of its own")
    source = os.environ if environment is None else environment  # noqa: TID251 - this is the one place
    return source.get(name) or None


#: Set by the bundle of an environment, and read by the application or by ``broker env attest`` beside it.
_OTHERS = {"BROKER_ENVIRONMENT", "BROKER_ATTEST_KEY", "BROKER_ATTEST_SALT"}


def unknown_variables(environment: Mapping[str, str] | None = None) -> Sequence[str]:
    """``BROKER_*`` variables that no setting reads, by name."""
    source = os.environ if environment is None else environment  # noqa: TID251 - this is the one place
    known = _OTHERS | {"BROKER_" + item.name.upper() for item in fields(Settings)}
    return sorted(name for name in source if name.startswith("BROKER_") and name not in known)
