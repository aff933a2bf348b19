"""The real keys of three accounts reach nobody but their provider, although every provider here quotes them whenever it
can: not the applications, no file, log or journal, no answer of the control API, no command's output, no process's
arguments, and where they are sealed or in files, no process's environment."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from demo.serving import Broker
from tests.journeys.accounts import policy
from tests.journeys.raw import Caller
from tests.journeys.test_canary import leaks, shapes
from tests.standins.between import Between, How
from tests.standins.localstripe import LocalStripe
from tests.standins.mailprovider import MailProvider
from tests.standins.moto import Moto

Place = Literal["sealed", "file", "variable"]
HOWS: tuple[How, ...] = ("refused", "long", "late", "reset", "page", "elsewhere", "failed", "garbage")
SERVICES = ("stripe", "s3", "sendgrid")
#: How often a call is sent at the most.
ATTEMPTS = 3
SETTINGS = {
    "BROKER_LOG_LEVEL": "debug",
    "BROKER_STRICT_REPLIES": "1",
    "BROKER_SANDBOX_TIMEOUT_SECONDS": "1",
    "BROKER_SANDBOX_SETTLE_SECONDS": "1",
}


@dataclass
class Keys:
    """Of one broker alone, so that what is found in a process belongs to this test."""

    stripe: str
    s3: dict[str, str]
    sendgrid: str

    @classmethod
    def of(cls, place: Place) -> Keys:
        word = place.capitalize().ljust(8, "x")
        return cls(
            stripe="sk_test_51" + f"Canary{word}" * 4,
            s3={"key": f"AKIA{word.upper()}CANA"[:20], "secret": f"S3+Canary/{word}" * 2},
            sendgrid=f"SG.Canary{word}Canary00.{('Canary' + word) * 3}C",
        )

    @property
    def all(self) -> tuple[str, ...]:
        return (self.stripe, *self.s3.values(), self.sendgrid)

    def text(self, service: str) -> str:
        """As the account's owner writes it."""
        found = getattr(self, service)
        return found if isinstance(found, str) else ":".join(found.values())


class Processes(threading.Thread):
    """Looks at all processes of the machine, again and again, for a key in their arguments and environments."""

    def __init__(self, keys: Keys) -> None:
        super().__init__(daemon=True)
        self._forms = [form for key in keys.all for form in shapes(key)]
        self._over = threading.Event()
        self.looks = 0
        self.found: set[str] = set()

    def run(self) -> None:
        while not self._over.wait(0.1):
            self.look()

    def look(self) -> None:
        self.looks += 1
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            for name in ("cmdline", "environ"):
                try:
                    shown = (folder / name).read_bytes()
                    if any(form in shown for form in self._forms):
                        self.found.add(f"{name} of {(folder / 'cmdline').read_bytes().decode('utf-8', 'replace')}")
                except OSError:
                    continue  # it has ended, or is somebody else's

    def stop(self) -> set[str]:
        self._over.set()
        self.join()
        return self.found


@dataclass
class Scene:
    """A broker with a real account of each service, and what was said to anybody."""

    server: Broker
    place: Place
    keys: Keys
    between: dict[str, Between]
    secrets: Path
    heard: list[str] = field(default_factory=list)
    bundles: list[dict[str, Any]] = field(default_factory=list)
    #: Answers by status.
    statuses: dict[int, int] = field(default_factory=dict)

    def hear(self, text: str) -> str:
        self.heard.append(text)
        return text

    def cli(self, *words: str, text: str | None = None) -> int:
        done = self.server.cli(*words, check=False, text=text)
        self.hear(done.stdout + done.stderr)
        return done.returncode

    def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        answer = httpx.request(
            method,
            f"{self.server.url}/_broker/{path}",
            content=content,
            headers={"Authorization": f"Bearer {self.server.token}", "Content-Type": "application/json"},
            timeout=90,
        )
        self.hear(answer.text + str(answer.headers.multi_items()))
        return answer

    def app(self, answer: httpx.Response) -> httpx.Response:
        """What an application is given: all of it."""
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        self.hear(answer.text + str(answer.headers.multi_items()))
        return answer


@pytest.fixture(scope="module")
def providers() -> Iterator[dict[str, str]]:
    with LocalStripe() as payments, Moto() as storage, MailProvider() as mails:
        yield {"stripe": payments.url, "s3": storage.url, "sendgrid": mails.url}


@pytest.fixture
def scene(
    request: pytest.FixtureRequest, own_server: Broker, providers: dict[str, str], tmp_path: Path
) -> Iterator[Scene]:
    place: Place = request.param
    keys = Keys.of(place)
    server = own_server
    server.variables |= SETTINGS
    if place == "variable":
        server.variables |= {f"REAL_{service.upper()}": keys.text(service) for service in SERVICES}
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    with ExitStack() as stack:
        between = {
            service: stack.enter_context(Between(url, knows=keys.text(service).replace(":", " ")))
            for service, url in providers.items()
        }
        for one in between.values():
            one.elsewhere = between["stripe"].url
        server.start()
        yield Scene(server, place, keys, between, secrets)


def add(scene: Scene, service: str) -> None:
    """The account, as its owner adds it by the command."""
    words = ["account", "add", f"{service}-real", "--service", service, "--endpoint", scene.between[service].url]
    words += ["--rate", "1000"]
    if service == "sendgrid":
        words += ["--option", "recipients=*@example.com"]
    text = None
    if scene.place == "sealed":
        words.append("--secret-stdin")
        text = scene.keys.text(service) + "\n"
    elif scene.place == "file":
        path = scene.secrets / service
        path.write_text(scene.keys.text(service))
        words += ["--secret-file", str(path)]
    else:
        words += ["--secret-variable", f"REAL_{service.upper()}"]
    assert scene.cli(*words, text=text) == 0, scene.heard[-1]


def mistakes(scene: Scene) -> None:
    """What people do with a key in their hands."""
    keys, url = scene.keys, scene.between["stripe"].url
    for key in (keys.stripe, keys.text("s3"), keys.sendgrid):
        for secret in (
            key,
            {"valeu": key},
            {"value": [key]},
            {"value": {"key": key, "seecret": key}},
            {"value": f"{key} {key}"},
            {"value": f'{{"key": "{key}"'},
            {"file": key},
            {"variable": key + "."},
        ):
            body = {"service": "stripe", "endpoint": url, "secret": secret}
            assert scene.control("PUT", "v1/accounts/wrong", body).status_code == 400, secret
        for wrong in (
            {"service": "stripe", "options": {"api_key": key}},
            {"service": "nonesuch", "secret": {"value": key}},
            {"service": "stripe", "endpoint": f"ftp://{url}", "secret": {"value": key}},
            {"service": "stripe", "secret": {"value": key}, "nonsense": key},
        ):
            assert scene.control("PUT", "v1/accounts/wrong", wrong).status_code == 400, wrong
        assert scene.control("PUT", "v1/accounts/wrong", f'{{"secret": "{key}'.encode()).status_code == 400
        # A key of another service, or no key at all.
        other = "sendgrid" if key != keys.sendgrid else "stripe"
        assert (
            scene.control("PUT", "v1/accounts/wrong", {"service": other, "secret": {"value": key}}).status_code == 400
        )
    for text in (
        f"{keys.stripe} {keys.sendgrid}",
        f'{{"key": "{keys.stripe}"',
        f"{keys.sendgrid}\n{keys.sendgrid}",
        "",
    ):
        assert scene.cli("account", "add", "wrong", "--service", "stripe", "--secret-stdin", text=text) != 0
    path = scene.secrets / "wrong"
    path.write_text(f"{keys.stripe} and {keys.text('s3')}")
    assert scene.cli("account", "add", "wrong", "--service", "stripe", "--secret-file", str(path)) != 0
    path.unlink()


Calls = dict[str, tuple[Callable[[Caller], httpx.Response], ...]]
_numbers = itertools.count(1)
CALLS: Calls = {
    "stripe": (
        lambda caller: caller.stripe("POST", "/v1/customers", {"email": "ada@example.com"}),
        lambda caller: caller.stripe("GET", "/v1/customers"),
    ),
    "s3": (
        lambda caller: caller.s3("PUT", f"/bucket-{next(_numbers)}"),
        lambda caller: caller.s3("PUT", "/kept/object", b"x" * 1000),
        lambda caller: caller.s3("GET", "/kept/object"),
        lambda caller: caller.s3("GET", "/"),
    ),
    "sendgrid": (
        lambda caller: caller.sendgrid(),
        lambda caller: caller.sendgrid(
            "POST", "/v3/templates", {"name": f"t{next(_numbers)}", "generation": "dynamic"}
        ),
        lambda caller: caller.sendgrid("GET", "/v3/templates?generations=dynamic&page_size=10", None),
    ),
}


def use(scene: Scene, hows: tuple[How, ...]) -> None:
    """Calls that succeed, and each of them answered badly in each way."""

    def through(service: str) -> None:
        between = scene.between[service]
        with Caller(scene.server.url, scene.bundles[0]) as caller:
            for call in CALLS[service]:
                scene.app(call(caller))
            for how, call in itertools.product(hows, CALLS[service]):
                between.spoil(how, times=ATTEMPTS)
                answer = scene.app(call(caller))
                assert between.spoilt[-1].times < ATTEMPTS, f"{how} never reached {service}: {answer.text}"
                between.spoilt.clear()

    with Caller(scene.server.url, scene.bundles[0]) as caller:
        assert scene.app(caller.s3("PUT", "/kept")).status_code == 200
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(through, SERVICES))


def drive(scene: Scene, hows: tuple[How, ...]) -> None:
    """What the broker itself asks the providers, answered badly: checks, endpoints for webhooks, sweeps."""

    def look(service: str) -> None:
        for how in hows:
            scene.between[service].spoil(how, times=100)
            scene.control("POST", f"v1/accounts/{service}-real/check")
            scene.control("POST", f"v1/accounts/{service}-real/hook/ensure")
            scene.between[service].spoilt.clear()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(look, SERVICES))
    for between in scene.between.values():
        between.spoil(hows[-1], times=100)
    assert scene.cli("sweep", "--min-age", "1s") != 0
    for between in scene.between.values():
        between.spoilt.clear()
    for service in SERVICES:
        assert scene.cli("account", "check", f"{service}-real") == 0, scene.heard[-1]
        assert scene.cli("account", "show", f"{service}-real", "--json") == 0
    assert scene.cli("account", "list") == 0
    scene.cli("hooks", "status")
    scene.cli("sweep")


def close(scene: Scene, hows: tuple[How, ...]) -> None:
    """Closes whose first attempts are answered badly; then they end."""
    for bundle, how in zip(scene.bundles, hows, strict=True):
        for between in scene.between.values():
            between.spoil(how, "DELETE", times=2)
            between.spoil(how, "GET", times=1)
        scene.cli("env", "close", bundle["name"], "--dry-run")
        assert scene.control("DELETE", f"v1/environments/{bundle['name']}?wait=1").status_code == 409
        look(scene, bundle["name"])
        for between in scene.between.values():
            between.spoilt.clear()
        assert scene.cli("env", "close", bundle["name"], "--timeout", "60", "--json") == 0, scene.heard[-1]


def look(scene: Scene, environment: str) -> None:
    """Every route of the control API that shows something, with every value that its path can take."""
    resources = scene.control("GET", f"v1/environments/{environment}/resources?limit=1000").json()["items"]
    assert resources, "nothing was made"
    exchanges = scene.control("GET", f"v1/environments/{environment}/exchanges?limit=1000")
    ids = [each["id"] for each in exchanges.json()["items"]] if exchanges.status_code == 200 else []
    values = {"name": [environment], "account": [f"{service}-real" for service in SERVICES], "service": ["stripe"]}
    shown = 0
    for path, methods in scene.control("GET", "openapi.json").json()["paths"].items():
        if "get" not in methods:
            continue
        names = re.findall(r"\{(\w+)\}", path)
        choices = [values.get(name, ids if path.endswith("exchanges/{id}") else []) for name in names]
        for chosen in itertools.product(*choices):
            filled = path
            for name, value in zip(names, chosen, strict=True):
                filled = filled.replace(f"{{{name}}}", value)
            scene.control("GET", filled.removeprefix("/_broker/"))
            shown += 1
    assert shown > 30


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["sealed", "file", "variable"], indirect=True)
def test_no_real_key_is_seen_by_anybody(scene: Scene) -> None:
    server, keys = scene.server, scene.keys
    processes = Processes(keys)
    processes.start()
    hows = HOWS if scene.place == "sealed" else ("refused", "garbage")
    if scene.place == "sealed":
        mistakes(scene)
    for service in SERVICES:
        add(scene, service)
    accounts = {service: f"{service}-real" for service in SERVICES}
    scene.bundles = [
        server.control("PUT", f"environments/pr-{number}", {"policy": policy(**accounts)}) for number in (1, 2)
    ]
    use(scene, hows)
    with Caller(server.url, scene.bundles[1]) as second:
        scene.app(second.stripe("POST", "/v1/customers", {"email": "bob@example.com"}))
        scene.app(second.s3("PUT", "/kept"))
        scene.app(second.sendgrid("POST", "/v3/templates", {"name": "second", "generation": "dynamic"}))
    assert scene.statuses[200] >= 8, f"too little succeeded: {scene.statuses}"
    assert scene.statuses[401] >= 3, f"no refusal came back: {scene.statuses}"
    drive(scene, hows)
    look(scene, "pr-1")
    for words in (("journal", "tail"), ("incidents",), ("resources",), ("lease", "list"), ("usage",), ("env", "show")):
        assert scene.cli(*words, "pr-1") == 0, scene.heard[-1]
    close(scene, ("failed", "garbage"))
    for service in SERVICES:
        assert scene.cli("account", "remove", f"{service}-real") == 0, scene.heard[-1]
    found = processes.stop()
    server.stop()

    forms = {form.decode() for key in keys.all for form in shapes(key) if b"\x00" not in form}
    spoken = [text for text in scene.heard if any(form in text for form in forms)]
    assert sum("[hidden]" in text for text in scene.heard) > 10, "no provider quoted a key, so nothing was looked at"
    assert not spoken, f"{len(spoken)} of {len(scene.heard)} answers hold a key: {spoken[0][:3000]}"
    log = server.log.read_text(errors="replace")
    assert "Traceback" not in log, log[-5000:]
    assert leaks(server.folder, keys.all) == []
    assert processes.looks > 20
    # Where the keys are variables of the server's, its own process has them.
    allowed = ("environ of",) if scene.place == "variable" else ()
    assert [text for text in found if not text.startswith(allowed)] == []
    for service, between in scene.between.items():
        sent = [str(asked.headers) for asked in between.asked]
        assert any(keys.text(service).partition(":")[0] in each for each in sent), f"no real call to {service}"


@pytest.mark.parametrize("scene", ["variable"], indirect=True)
def test_the_look_itself_can_find(scene: Scene) -> None:
    """Where the key is a variable of the server's, its process shows it to who may look into that process."""
    processes = Processes(scene.keys)
    processes.look()
    assert any(text.startswith("environ of") and "serve" in text for text in processes.found)
    assert not any(text.startswith("cmdline") for text in processes.found)
