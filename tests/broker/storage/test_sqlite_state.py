"""State: records by kind and key, pages in three orders, one transaction a call, one writer at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from broker.storage.base import EnvironmentStore, Storage, StoreGone, Transaction
from mocks.base import UnknownCursor
from tests.broker.storage.samples import chunks, environment, joined

#: In UTF-8 byte order, which is code point order; UTF-16 would sort U+FF21 after U+1F600.
KEYS = [
    "",
    "A",
    "a",
    "a\x00",
    "a\x00b",
    "a/",
    "a/b",
    "aa",
    "z",
    "~",
    "é",
    "\ud7ff",
    "\ue000",
    "\uff21",
    "\U0001f600",
    "\U0010ffff",
]


async def write(store: EnvironmentStore, kind: str, records: dict[str, Any], service: str = "alpha") -> None:
    call = store.begin(service)
    for key, (record, index) in records.items():
        await call.put(kind, key, record, index)
    await call.commit()


async def keys(call: Transaction, kind: str = "thing", **selection: Any) -> list[str]:
    return [record["key"] for record in await call.page(kind, **selection)]


@pytest.fixture
async def things(store: EnvironmentStore) -> EnvironmentStore:
    """Seven things, made in the order c a g e b f d."""
    records = {
        key: ({"key": key}, {"parity": "even" if ord(key) % 2 == 0 else "odd", "half": "1" if key < "d" else "2"})
        for key in "cagebfd"
    }
    await write(store, "thing", records)
    return store


async def test_put_get_delete(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    record = {"text": "ä\U0001f600\x00", "number": 2**53, "float": 0.1, "none": None, "list": [{}, [], True]}
    await call.put("thing", "t1", record)
    assert await call.get("thing", "t1") == record
    await call.put("thing", "t1", {"replaced": 1})
    assert await call.get("thing", "t1") == {"replaced": 1}
    assert await call.delete("thing", "t1") is True
    assert await call.delete("thing", "t1") is False
    assert await call.get("thing", "t1") is None
    await call.commit()


async def test_a_record_that_is_changed_in_hand_is_not_changed_in_store(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    record: dict[str, Any] = {"list": [1]}
    await call.put("thing", "t1", record)
    record["list"].append(2)
    (await call.get("thing", "t1") or {})["list"].append(3)
    assert await call.get("thing", "t1") == {"list": [1]}
    await call.rollback()


async def test_what_was_missed_is_remembered(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    await call.get("thing", "one")
    await call.delete("thing", "two")
    with pytest.raises(UnknownCursor):
        await call.page("thing", after="three")
    await call.put("thing", "here", {})
    await call.get("thing", "here")
    assert call.missed == ["one", "two", "three"]
    await call.rollback()


async def test_pages_in_each_order(things: EnvironmentStore) -> None:
    call = things.begin("alpha")
    assert await keys(call) == list("dfbegac")
    assert await keys(call, order="oldest") == list("cagebfd")
    assert await keys(call, order="key") == list("abcdefg")
    assert await keys(call, limit=2) == ["d", "f"]
    assert await keys(call, limit=0) == []
    await call.rollback()


@pytest.mark.parametrize(
    ("order", "whole"), [("newest", "dfbegac"), ("oldest", "cagebfd"), ("key", "abcdefg")], ids=str
)
async def test_cursors_in_each_order(things: EnvironmentStore, order: Any, whole: str) -> None:
    call = things.begin("alpha")
    for at, cursor in enumerate(whole):
        assert await keys(call, order=order, after=cursor) == list(whole[at + 1 :])
        assert await keys(call, order=order, after=cursor, limit=2) == list(whole[at + 1 : at + 3])
        assert await keys(call, order=order, before=cursor) == list(whole[:at])
        # Those nearest to the cursor, still in order.
        assert await keys(call, order=order, before=cursor, limit=2) == list(whole[max(at - 2, 0) : at])
    assert await keys(call, order=order, after=whole[1], before=whole[5]) == list(whole[2:5])
    assert await keys(call, order=order, after=whole[1], before=whole[5], limit=2) == list(whole[2:4])
    await call.rollback()


async def test_only_the_order_by_key_takes_a_cursor_that_does_not_exist(things: EnvironmentStore) -> None:
    call = things.begin("alpha")
    assert await keys(call, order="key", after="cc") == list("defg")
    assert await keys(call, order="key", before="cc") == list("abc")
    for selection in ({"after": "cc"}, {"before": "cc"}, {"after": "cc", "order": "oldest"}):
        with pytest.raises(UnknownCursor):
            await keys(call, **selection)
    with pytest.raises(UnknownCursor):
        await keys(call, "other", after="c")
    await call.rollback()


async def test_where_selects_by_one_and_by_several_fields(things: EnvironmentStore) -> None:
    call = things.begin("alpha")
    odd, first = {"parity": "odd"}, {"half": "1"}
    assert await keys(call, where=odd) == list("egac")
    assert await keys(call, where=odd, order="oldest") == list("cage")
    assert await keys(call, where=odd, order="key") == list("aceg")
    assert await keys(call, where={**odd, **first}) == list("ac")
    assert await keys(call, where={**first, **odd}, order="key") == list("ac")
    assert await keys(call, where={**odd, "half": "3"}) == []
    assert await keys(call, where={"unknown": "odd"}) == []
    assert await keys(call, where=odd, after="e", limit=2) == list("ga")
    assert await keys(call, where=odd, before="c", limit=2) == list("ga")
    assert await keys(call, where={}) == list("dfbegac")
    # The cursor may be a record that the selection leaves out.
    assert await keys(call, where=odd, after="b") == list("egac")
    assert (await call.count("thing"), await call.count("thing", odd), await call.count("none")) == (7, 4, 0)
    assert await call.count("thing", {**odd, **first}) == 2
    await call.rollback()


async def test_a_replaced_record_keeps_its_age_and_its_index_unless_a_new_one_is_given(
    things: EnvironmentStore,
) -> None:
    call = things.begin("alpha")
    await call.put("thing", "c", {"key": "c", "new": True})
    assert await keys(call, order="oldest") == list("cagebfd")
    assert await keys(call, where={"parity": "odd"}) == list("egac")
    await call.put("thing", "c", {"key": "c"}, {"colour": "red"})
    assert await keys(call, where={"parity": "odd"}) == list("ega")
    assert await keys(call, where={"colour": "red"}) == ["c"]
    assert await keys(call, order="oldest") == list("cagebfd")
    await call.put("thing", "c", {"key": "c"}, {})
    assert await keys(call, where={"colour": "red"}) == []
    await call.rollback()


async def test_a_record_that_was_deleted_and_made_again_is_new(things: EnvironmentStore) -> None:
    call = things.begin("alpha")
    for key in "ad":
        await call.delete("thing", key)
        assert await keys(call, where={"parity": "odd" if key == "a" else "even"}, order="key") == list(
            "ceg" if key == "a" else "bf"
        )
        await call.put("thing", key, {"key": key})
    assert await keys(call) == list("dafbegc")
    await call.commit()


async def test_keys_sort_by_their_utf8_bytes(store: EnvironmentStore) -> None:
    assert sorted(KEYS, key=str.encode) == KEYS
    await write(store, "thing", {key: ({"key": key}, None) for key in reversed(KEYS)})
    call = store.begin("alpha")
    assert await keys(call, order="key") == KEYS
    for at, key in enumerate(KEYS):
        assert await call.get("thing", key) == {"key": key}
        assert await keys(call, order="key", after=key) == KEYS[at + 1 :]
        assert await keys(call, order="key", prefix=key) == [other for other in KEYS if other.startswith(key)]
    await call.rollback()


@pytest.mark.parametrize("prefix", ["a", "\ud7ff", "\U0010ffff", "x\U0010ffff", "\U0010ffff\U0010ffff", "\x00"])
async def test_prefixes_at_the_ends_of_the_alphabet(store: EnvironmentStore, prefix: str) -> None:
    inside = [prefix, prefix + "\x00", prefix + "m", prefix + "\ud7ff", prefix + "\U0010ffff" * 2]
    outside = ["", "b", "y", "\ue000", "w\U0010ffff", "y\x00"]
    records = {key: ({"key": key}, None) for key in [*inside, *outside]}
    await write(store, "thing", records)
    call = store.begin("alpha")
    assert await keys(call, order="key", prefix=prefix) == sorted(inside, key=str.encode)
    assert await keys(call, order="key", prefix=prefix, after=prefix + "m", limit=1) == [prefix + "\ud7ff"]
    await call.rollback()


async def test_services_and_environments_never_see_each_other(storage: Storage) -> None:
    stores = [await storage.create(environment(name)) for name in ("pr-1", "pr-2")]
    homes = [(store, service) for store in stores for service in ("alpha", "beta")]
    blobs = []
    for number, (store, service) in enumerate(homes):
        call = store.begin(service)
        blobs.append(await call.write_blob(chunks(b"secret")))
        await call.put("thing", "same", {"key": "same", "n": number}, {"field": "same"})
        await call.commit()
    for number, (store, service) in enumerate(homes):
        call = store.begin(service)
        mine = [{"key": "same", "n": number}]
        assert await call.get("thing", "same") == mine[0]
        assert await call.page("thing") == mine
        assert await call.page("thing", where={"field": "same"}) == mine
        assert await call.page("thing", order="key", prefix="s") == mine
        assert await call.count("thing", {"field": "same"}) == 1
        for other, blob in enumerate(blobs):
            if other == number:
                assert await joined(call.read_blob(blob.id)) == b"secret"
            else:
                with pytest.raises(LookupError):
                    call.read_blob(blob.id)
        await call.rollback()
    call = stores[0].begin("alpha")
    assert await call.delete("thing", "same")
    for blob in blobs:
        await call.delete_blob(blob.id)
    await call.commit()
    for number, (store, service) in enumerate(homes[1:], 1):
        call = store.begin(service)
        assert await call.get("thing", "same") == {"key": "same", "n": number}
        assert await joined(call.read_blob(blobs[number].id)) == b"secret"
        await call.rollback()


async def test_a_rollback_leaves_nothing_and_a_commit_everything(store: EnvironmentStore) -> None:
    await write(store, "thing", {"old": ({"key": "old"}, {"age": "old"})})
    for ends in ("rollback", "commit"):
        call = store.begin("alpha")
        blob = await call.write_blob(chunks(b"x" * 100))
        await call.put("thing", "new", {"key": "new"}, {"age": "new"})
        await call.put("thing", "old", {"key": "old", "changed": 1}, {"age": "new"})
        await call.delete("thing", "none")
        await (call.commit() if ends == "commit" else call.rollback())
        later = store.begin("alpha")
        changed = ends == "commit"
        assert await keys(later) == (["new", "old"] if changed else ["old"])
        assert await later.count("thing", {"age": "new"}) == (2 if changed else 0)
        await later.rollback()
        assert (await store.inventory())["blobs"]["count"] == int(changed)
        if changed:
            assert await joined(store.read_blob("alpha", blob.id)) == b"x" * 100


async def test_a_transaction_that_did_nothing_ends_either_way(store: EnvironmentStore) -> None:
    for _ in range(2):
        await store.begin("alpha").commit()
        await store.begin("alpha").rollback()
    assert (await store.inventory())["records"] == {}


async def waiting(task: asyncio.Future[Any]) -> bool:
    for _ in range(20):
        await asyncio.sleep(0)
    return not task.done()


@pytest.mark.parametrize("first_use", ["get", "put", "page", "count", "delete", "start"])
@pytest.mark.parametrize("service", ["alpha", "beta"])
async def test_from_its_first_use_a_call_is_alone(store: EnvironmentStore, first_use: str, service: str) -> None:
    arguments = {"put": ("thing", "t", {"n": 1}), "page": ("thing",), "count": ("thing",), "start": ()}
    first = store.begin("alpha")
    await getattr(first, first_use)(*arguments.get(first_use, ("thing", "t")))
    second = store.begin(service)
    task = asyncio.gather(second.get("thing", "t"))
    assert await waiting(task)
    await first.commit()
    found = (await task)[0]
    assert found == ({"n": 1} if (first_use, service) == ("put", "alpha") else None)
    await second.rollback()


async def test_who_gives_up_waiting_leaves_the_way_free(store: EnvironmentStore) -> None:
    first, second, third = (store.begin("alpha") for _ in range(3))
    await first.put("thing", "t", {})
    gone = asyncio.gather(second.get("thing", "t"))
    assert await waiting(gone)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    await second.rollback()
    await first.commit()
    assert await third.get("thing", "t") == {}
    await third.rollback()


async def test_check_then_write_is_safe(store: EnvironmentStore) -> None:
    async def add_one() -> None:
        call = store.begin("alpha")
        found = await call.get("counter", "c") or {"n": 0}
        await asyncio.sleep(0)
        await call.put("counter", "c", {"n": found["n"] + 1})
        await call.commit()

    await asyncio.gather(*[add_one() for _ in range(50)])
    call = store.begin("alpha")
    assert await call.get("counter", "c") == {"n": 50}
    await call.rollback()


async def test_a_call_that_waited_for_a_store_that_closed_is_told_and_waits_no_longer(storage: Storage) -> None:
    home = environment()
    store = await storage.create(home)
    first, second = store.begin("alpha"), store.begin("alpha")
    await first.put("thing", "t", {})
    destroying = asyncio.gather(storage.destroy(home))
    await asyncio.sleep(0)
    late = asyncio.gather(second.get("thing", "t"))
    await asyncio.sleep(0)
    await first.commit()
    await destroying
    with pytest.raises(StoreGone):
        await late
    await second.rollback()


async def test_a_record_at_hand_is_never_an_old_one(store: EnvironmentStore) -> None:
    """Reads are answered from memory where nothing was written since: not after a write, a rollback or a reset."""

    async def read() -> Any:
        transaction = store.begin("alpha")
        found = await transaction.get("thing", "a")
        await transaction.commit()
        return found

    first = store.begin("alpha")
    await first.put("thing", "a", {"n": 1})
    await first.commit()
    assert await read() == await read() == {"n": 1}

    undone = store.begin("alpha")
    await undone.put("thing", "a", {"n": 2})
    assert await undone.get("thing", "a") == {"n": 2}
    await undone.rollback()
    assert await read() == {"n": 1}

    gone = store.begin("alpha")
    await gone.delete("thing", "a")
    assert await gone.get("thing", "a") is None
    await gone.rollback()
    assert await read() == {"n": 1}

    found = await read()
    found["n"] = 99
    assert await read() == {"n": 1}
    await store.reset()
    assert await read() is None


async def first(store: EnvironmentStore, prefix: str, kind: str = "thing") -> list[str]:
    call = store.begin("alpha")
    found = await keys(call, kind, order="key", prefix=prefix, limit=1)
    await call.commit()
    return found


async def test_the_first_below_a_prefix_follows_every_change(store: EnvironmentStore) -> None:
    assert [await first(store, "b"), await first(store, "")] == [[], []]
    await write(store, "thing", {key: ({"key": key}, None) for key in ("b2", "c1")})
    assert [await first(store, prefix) for prefix in ("b", "c", "", "b")] == [["b2"], ["c1"], ["b2"], ["b2"]]
    call = store.begin("alpha")
    await call.put("thing", "b1", {"key": "b1"})
    assert await keys(call, order="key", prefix="b", limit=1) == ["b1"]
    await call.rollback()
    assert await first(store, "b") == ["b2"]
    await call.delete("thing", "b2")
    assert await keys(call, order="key", prefix="b", limit=1) == []
    await call.rollback()
    assert await first(store, "b") == ["b2"]
    await store.reset()
    assert await first(store, "b") == []


async def test_the_first_below_a_prefix_is_each_environments_own_and_survives(storage: Storage) -> None:
    one, other = [await storage.create(environment(uid)) for uid in ("env-1", "env-2")]
    assert [await first(one, "b"), await first(other, "b")] == [[], []]
    await write(one, "thing", {"b1": ({"key": "b1"}, None)})
    assert [await first(one, "b"), await first(other, "b")] == [["b1"], []]
    await storage.rest(0)
    assert await first(await storage.open(environment("env-1")), "b") == ["b1"]


async def test_firsts_that_are_remembered_are_few_and_right(store: EnvironmentStore) -> None:
    await write(store, "thing", {f"{number:03}": ({"key": f"{number:03}"}, None) for number in range(100)})
    for _ in range(2):
        assert [await first(store, f"{number:03}") for number in range(100)] == [[f"{n:03}"] for n in range(100)]
        assert [await first(store, "x", f"kind-{number}") for number in range(100)] == [[]] * 100


async def test_a_call_takes_back_what_it_wrote_and_goes_on(things: EnvironmentStore) -> None:
    call = things.begin("alpha")
    await call.put("thing", "new", {"key": "new"}, {"parity": "odd"})
    await call.put("thing", "a", {"key": "changed"})
    await call.delete("thing", "b")
    await call.undo()
    assert await call.get("thing", "new") is None
    assert (await call.get("thing", "a"), await call.get("thing", "b")) == ({"key": "a"}, {"key": "b"})
    waiting = things.begin("alpha")
    other = asyncio.gather(waiting.count("thing"))
    await asyncio.sleep(0)
    assert not other.done(), "nobody else runs in between"
    await call.put("thing", "kept", {"key": "kept"})
    await call.commit()
    assert await other == [8]
    await waiting.commit()
    last = things.begin("alpha")
    assert await keys(last, order="key") == ["a", "b", "c", "d", "e", "f", "g", "kept"]
    await last.rollback()


async def test_undone_blobs_are_gone(things: EnvironmentStore) -> None:
    call = things.begin("alpha")
    small = await call.write_blob(chunks(b"small"))
    large = await call.write_blob(chunks(b"x" * 500_000))
    await call.undo()
    await call.commit()
    after = things.begin("alpha")
    for blob in (small, large):
        with pytest.raises(LookupError):
            after.read_blob(blob.id)
    await after.rollback()


async def test_nothing_after_the_record_of_the_empty_key_says_nothing_of_the_whole(store: EnvironmentStore) -> None:
    await write(store, "thing", {"": ({"key": ""}, None)})
    call = store.begin("alpha")
    for order in ("oldest", "newest", "key"):
        assert await keys(call, order=order, after="", limit=1) == []
        assert await keys(call, order=order, limit=1) == [""]
    await call.commit()
