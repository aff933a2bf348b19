"""Sessions: one token lets in, idleness and age end them, wrong tokens are slowed down."""

from __future__ import annotations

from broker.dashboard.sessions import AGE, FORGOTTEN, IDLE, MOST, TRIES, Sessions
from tests.clocks import HeldClock


def test_a_session_ends_by_idleness_by_age_and_by_leaving(clock: HeldClock) -> None:
    sessions = Sessions(clock, "token")
    name = sessions.log_in(" token ", "here")
    assert name is not None
    assert sessions.find(name) is not None
    clock.advance(IDLE)
    assert sessions.find(name) is None
    name = sessions.log_in("token", "here")
    assert name is not None
    for _ in range(AGE // (IDLE - 1)):
        clock.advance(IDLE - 1)
        assert sessions.find(name) is not None
    clock.advance(IDLE - 1)
    assert sessions.find(name) is None
    name = sessions.log_in("token", "here")
    assert name is not None
    sessions.log_out(name)
    assert sessions.find(name) is None
    assert sessions.find(None) is sessions.find("") is sessions.find("never") is None


def test_wrong_tokens_are_slowed_down(clock: HeldClock) -> None:
    sessions = Sessions(clock, "token")
    for _ in range(TRIES):
        assert sessions.wait("here") == 0
        assert sessions.log_in("wrong", "here") is None
    assert 0 < sessions.wait("here") <= FORGOTTEN
    assert sessions.wait("there") == 0
    clock.advance(FORGOTTEN)
    assert sessions.wait("here") == 0
    sessions.log_in("wrong", "here")
    assert sessions.log_in("token", "here") is not None


def test_there_are_so_many_at_the_most(clock: HeldClock) -> None:
    sessions = Sessions(clock, "token")
    first = sessions.log_in("token", "here")
    for _ in range(MOST):
        last = sessions.log_in("token", "here")
    assert sessions.find(first) is None
    assert sessions.find(last) is not None
    for number in range(2000):
        sessions.log_in("wrong", f"caller {number}")
    assert len(sessions._wrong) == 1000


def test_what_is_said_is_said_once_and_a_form_is_of_its_session(clock: HeldClock) -> None:
    sessions = Sessions(clock, "token")
    session = sessions.find(sessions.log_in("token", "here"))
    assert session is not None
    for number in range(12):
        session.tell("good", str(number))
    assert [text for _, text in session.told()] == [str(number) for number in range(2, 12)]
    assert session.told() == []
    assert session.owns(session.csrf)
    assert not session.owns("")
    assert not session.owns("é")
