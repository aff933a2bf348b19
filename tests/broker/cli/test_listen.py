"""``broker listen``: what it prints, posts and survives. The server and the application are played."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from broker import cli
from broker.cli import codes, listen
from broker.cli.client import Control, Failure

SECRET = "whsec_of_the_tests"


def item(id: str, type: str = "charge.succeeded", account: str | None = None, signed: bool = True) -> dict[str, Any]:
    delivery = {"headers": [["content-type", "application/json"], ["x-sign", id]], "body": json.dumps({"id": id})}
    return {
        "id": id,
        "type": type,
        "service": "stripe",
        "account": account,
        "created_at": "2026-11-27T10:00:00Z",
        "payload": {"id": id},
        "delivery": delivery if signed else None,
    }


class Played:
    """Answers one thing after another to whoever listens, and ends the listening after the last."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.posted: list[httpx.Request] = []
        self.answer: Callable[[httpx.Request], httpx.Response] = lambda request: httpx.Response(200)

    def ask(self, control: Control, method: str, path: str, *, query: dict[str, Any]) -> Any:
        assert (method, path) == ("GET", "/environments/pr-1/listen")
        self.asked.append(query)
        if len(self.asked) == 1:
            return {"items": [], "next": "evt_0", "secrets": {"stripe": SECRET}}
        if not self.answers:
            raise KeyboardInterrupt
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"items": answer, "next": answer[-1]["id"] if answer else query["after"], "secrets": {}}

    def post(self, request: httpx.Request) -> httpx.Response:
        self.posted.append(request)
        return self.answer(request)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Played]:
    def played(*answers: Any) -> Played:
        made = Played(*answers)
        monkeypatch.setattr(Control, "ask", lambda *args, **options: made.ask(*args, **options))
        real = httpx.Client

        def client(**options: Any) -> httpx.Client:
            return real(**options | {"transport": httpx.MockTransport(made.post)})

        monkeypatch.setattr(listen.httpx, "Client", client)
        monkeypatch.setattr(listen.time, "sleep", lambda seconds: None)
        return made

    return played


def test_events_are_shown_and_posted_as_they_are_signed(
    play: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    played = play([item("evt_1")], [], [item("evt_2", "customer.created")])
    assert cli.main(["listen", "pr-1", "--forward-to", "localhost:3000/hook", "--headers", "X-A:1, X-B: 2"]) == codes.OK
    out, err = capsys.readouterr()
    assert SECRET in err
    assert "   --> charge.succeeded [evt_1]" in out
    assert "  <--  [200] POST http://localhost:3000/hook [evt_2]" in out
    assert sorted(request.headers["x-sign"] for request in played.posted) == ["evt_1", "evt_2"]
    assert {(str(one.url), one.headers["x-a"], one.headers["x-b"]) for one in played.posted} == {
        ("http://localhost:3000/hook", "1", "2")
    }
    assert sorted(json.loads(one.content)["id"] for one in played.posted) == ["evt_1", "evt_2"]
    assert [each.get("after") for each in played.asked] == [None, "evt_0", "evt_1", "evt_1", "evt_2"]


def test_connected_accounts_go_their_own_way(play: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    words = ["listen", "pr-1", "-f", "localhost/one", "-c", "https://localhost/two", "--connect-headers", "x-c:1"]
    played = play([item("evt_1"), item("evt_2", account="acct_1")])
    assert cli.main(words) == codes.OK
    assert sorted((str(one.url), one.headers.get("x-c")) for one in played.posted) == [
        ("http://localhost/one", None),
        ("https://localhost/two", "1"),
    ]
    assert "--> connect charge.succeeded [evt_2]" in capsys.readouterr().out


def test_json_has_a_line_for_each_event_and_answer(
    play: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    played = play([item("evt_1"), item("evt_2", signed=False)])

    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    played.answer = refused
    assert cli.main(["listen", "pr-1", "-f", "http://localhost:1", "--json", "--after", "evt_x"]) == codes.OK
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines if "payload" in line] == ["evt_1", "evt_2"]
    [answer] = [line for line in lines if "status" in line]
    assert (answer["id"], answer["status"], answer["error"]) == ("evt_1", None, "nobody there")
    assert played.asked[1]["after"] == "evt_x"


def test_a_server_that_is_gone_is_waited_for(play: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    lost = Failure("No server answers.", codes.UNREACHABLE)
    played = play([item("evt_1")], lost, lost, [item("evt_2")])
    assert cli.main(["listen", "pr-1"]) == codes.OK
    out, err = capsys.readouterr()
    assert (err.count("No server answers."), err.count("answers again")) == (1, 1)
    assert [out.count(f"[evt_{number}]") for number in (1, 2)] == [1, 1]
    assert [each.get("after") for each in played.asked[2:5]] == ["evt_1"] * 3
    assert played.posted == [], "nowhere to post to"


def test_an_environment_that_ends_ends_it(play: Callable[..., Played]) -> None:
    play(Failure("It is closed.", codes.CONFLICT))
    assert cli.main(["listen", "pr-1"]) == codes.CONFLICT


def test_the_secret_is_printed_alone(play: Callable[..., Played], capsys: pytest.CaptureFixture[str]) -> None:
    play()
    assert cli.main(["listen", "pr-1", "--print-secret"]) == codes.OK
    assert capsys.readouterr().out == SECRET + "\n"


@pytest.mark.parametrize(
    "words", [["-f", "ftp://x"], ["-f", "http://"], ["-H", "novalue"], ["--connect-headers", ":x"]]
)
def test_what_cannot_be_used_is_said_before_anything_is_asked(play: Callable[..., Played], words: list[str]) -> None:
    played = play()
    assert cli.main(["listen", "pr-1", *words]) == codes.USAGE
    assert played.asked == []
