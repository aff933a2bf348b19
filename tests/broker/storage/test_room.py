"""Room: several who write together never pass the limit, and who gives up gives back."""

from __future__ import annotations

import pytest

from broker.storage.room import QuotaReached, Room


def limited(most: int | None, used: int = 0) -> Room:
    room = Room(used)
    room.most = most
    return room


def test_shares_are_taken_before_the_bytes_come() -> None:
    room = limited(100, 30)
    first = room.share(50)
    with pytest.raises(QuotaReached) as refused:
        room.share(21)
    assert (refused.value.most, refused.value.used, refused.value.asked) == (100, 80, 21)
    second = room.share(20)
    assert room.used == 100
    first.settle(0)
    second.settle(20)
    assert room.used == 50


def test_a_share_grows_with_what_comes_and_shrinks_to_what_came() -> None:
    room = limited(100)
    share = room.share(10)
    share.grow(5)
    assert room.used == 10
    share.grow(60)
    assert room.used == 60
    with pytest.raises(QuotaReached) as refused:
        share.grow(101)
    assert (refused.value.used, refused.value.asked, room.used) == (0, 101, 60)
    share.settle(55)
    assert room.used == 55
    unannounced = room.share(0)
    with pytest.raises(QuotaReached):
        unannounced.settle(46)
    assert room.used == 55
    unannounced.settle(45)
    assert room.used == 100


def test_without_a_limit_it_is_only_counted() -> None:
    room = limited(None, 7)
    room.share(10**15).settle(3)
    assert room.used == 10
