"""Three environments called at random: no call crosses a wall, and none is answered with a 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from demo.serving import Broker
from tests.journeys.raw import WAYS, Caller, Way

pytestmark = pytest.mark.slow

NAMES = ("wall-a", "wall-b", "wall-c")
names = st.sampled_from(NAMES)
ways = st.sampled_from(WAYS)
#: Keys with everything that a path can hold: separators, dots, unicode, spaces, percent signs.
keys = st.text(st.sampled_from("ab/.%+ ~é✓&=?#\\:"), min_size=1, max_size=12).map(lambda text: "k" + text)
texts = st.text(max_size=40)


class ThreeEnvironments(RuleBasedStateMachine):
    """Calls at random, beside a model of what each environment may see."""

    server: ClassVar[Broker]
    opened: ClassVar[dict[str, dict[str, Any]]]

    customers = Bundle("customers")

    def __init__(self) -> None:
        super().__init__()
        self.callers = {(name, way): Caller(self.server.url, self.opened[name], way) for name in NAMES for way in WAYS}
        for name in NAMES:
            self.server.control("POST", f"environments/{name}/reset")
            self._ask(name, "path").s3("PUT", "/walled")
        self.known: dict[str, set[str]] = {name: set() for name in NAMES}
        self.objects: dict[str, dict[str, bytes]] = {name: {} for name in NAMES}
        self.mails = dict.fromkeys(NAMES, 0)
        self.last: httpx.Response | None = None

    def teardown(self) -> None:
        for one in self.callers.values():
            one.close()

    def _ask(self, name: str, way: Way) -> Caller:
        return self.callers[name, way]

    def _seen(self, name: str, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code < 500, answer.text
        assert answer.headers["broker-environment"] == name
        self.last = answer
        return answer

    @rule(target=customers, name=names, way=ways, description=texts)
    def make(self, name: Any, way: Any, description: str) -> tuple[str, str]:
        form = {"description": description, "metadata[from]": name}
        made = self._seen(name, self._ask(name, way).stripe("POST", "/v1/customers", form))
        if made.status_code != 200:
            return name, "cus_refused"
        self.known[name].add(made.json()["id"])
        return name, made.json()["id"]

    @rule(customer=customers, name=names, way=ways)
    def retrieve(self, customer: tuple[str, str], name: Any, way: Any) -> None:
        owner, key = customer
        answer = self._seen(name, self._ask(name, way).stripe("GET", f"/v1/customers/{key}"))
        if key in self.known[name]:
            assert answer.json()["metadata"]["from"] == name == owner
        elif owner != name:
            assert answer.status_code == 404

    @rule(customer=customers, name=names, way=ways)
    def change(self, customer: tuple[str, str], name: Any, way: Any) -> None:
        answer = self._seen(name, self._ask(name, way).stripe("POST", f"/v1/customers/{customer[1]}", {"name": name}))
        assert (answer.status_code == 200) == (customer[1] in self.known[name])

    @rule(customer=customers, name=names, way=ways)
    def delete(self, customer: tuple[str, str], name: Any, way: Any) -> None:
        answer = self._seen(name, self._ask(name, way).stripe("DELETE", f"/v1/customers/{customer[1]}"))
        assert (answer.status_code == 200) == (customer[1] in self.known[name])
        self.known[name].discard(customer[1])

    @rule(name=names, way=ways)
    def list_customers(self, name: Any, way: Any) -> None:
        answer = self._seen(name, self._ask(name, way).stripe("GET", "/v1/customers?limit=100"))
        assert {one["id"] for one in answer.json()["data"]} == self.known[name]

    @rule(name=names, way=ways, key=keys, body=st.binary(max_size=64))
    def put_object(self, name: Any, way: Any, key: str, body: bytes) -> None:
        answer = self._seen(name, self._ask(name, way).s3("PUT", _path(key), body))
        assert answer.status_code == 200, answer.text
        self.objects[name][key] = body

    @rule(name=names, way=ways, key=keys)
    def get_object(self, name: Any, way: Any, key: str) -> None:
        answer = self._seen(name, self._ask(name, way).s3("GET", _path(key)))
        if key in self.objects[name]:
            assert answer.content == self.objects[name][key]
        else:
            assert answer.status_code == 404

    @rule(name=names, other=names)
    def knock(self, name: Any, other: Any) -> None:
        """One environment's keys at another's address."""
        stranger = Caller(self.server.url, self.opened[name], "path", name=other)
        try:
            answers = [stranger.stripe("GET", "/v1/customers"), stranger.s3("GET", "/walled"), stranger.sendgrid()]
        finally:
            stranger.close()
        self.mails[name] += name == other
        for answer in answers:
            assert answer.status_code < 500
            assert (answer.status_code < 300) == (name == other), answer.text

    @rule(name=names, way=ways)
    def send_mail(self, name: Any, way: Any) -> None:
        assert self._seen(name, self._ask(name, way).sendgrid()).status_code == 202
        self.mails[name] += 1

    @rule(name=names, other=names, way=ways)
    def knock_with_a_key_of_its_own_making(self, name: Any, other: Any, way: Any) -> None:
        """A key that an environment's mock made opens that environment, for what it was made for."""
        made = self._ask(name, way).sendgrid(path="/v3/api_keys", json={"name": "one", "scopes": ["mail.send"]})
        if made.status_code == 403:  # it has a hundred already
            return
        headers = {"Authorization": f"Bearer {made.json()['api_key']}"}
        sent = self._ask(other, "path").sendgrid(headers=headers)
        assert sent.status_code == (202 if name == other else 401), sent.text
        self.mails[name] += name == other
        assert self._ask(name, way).sendgrid("GET", "/v3/api_keys", headers=headers).status_code == 403

    @rule(name=names)
    def start_over(self, name: Any) -> None:
        """Emptying one environment leaves the others as they are."""
        self.server.control("POST", f"environments/{name}/reset")
        self._ask(name, "path").s3("PUT", "/walled")
        self.known[name], self.objects[name], self.mails[name] = set(), {}, 0

    @rule(name=names)
    def read_mails(self, name: Any) -> None:
        found = self.server.control("GET", f"environments/{name}/mails?limit=1000")
        assert len(found["items"]) == self.mails[name]

    @invariant()
    def the_server_lives(self) -> None:
        assert self.server.process
        assert self.server.process.poll() is None


def _path(key: str) -> str:
    quoted = "".join(f"%{byte:02X}" if byte not in _PLAIN else chr(byte) for byte in key.encode())
    return f"/walled/{quoted}"


_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/")


@pytest.fixture
def walled(server: Broker) -> Iterator[None]:
    ThreeEnvironments.server = server
    ThreeEnvironments.opened = {name: server.open(name, reopen=True) for name in NAMES}
    yield
    for name in NAMES:
        server.close(name)


@pytest.mark.usefixtures("walled")
def test_no_crossing_and_no_500() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis leaves it unannotated
        ThreeEnvironments,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
