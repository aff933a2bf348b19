"""A bucket of a million objects: how long pages of its list take wherever they begin, and what its environment's close
takes, a tenth of the objects being in files. The objects are put into the database at once, by nobody's calls.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench.load import Job
from bench.purge import closed
from bench.results import Result
from bench.servers import Served
from bench.windows import Failed, peak_of, send
from bench.wire import Bundle

if TYPE_CHECKING:
    from bench.measure import Bench

_FOLDER = 1000
_BODY = b"0123456789" * 10


def _key(number: int) -> str:
    return f"exports/{number // _FOLDER:04d}/customer-{number:07d}.json"


def million(bench: Bench) -> Iterator[Result]:
    """See the module."""
    keys = bench.size.keys
    served = Served(bench.folder / "million", bench.cores.server, 1)
    try:
        (bundle,) = served.bundles
        calls = [bundle.s3("PUT", "/bench"), bundle.s3("PUT", f"/bench/{_key(0)}", _BODY)]
        send(bench.load, served.port, calls)
        served.broker.stop()
        seed(next((served.broker.data / "environments").iterdir()), keys)
        served.broker.start()
        yield from _pages(bench, served, bundle, keys)
        yield _close(served, bundle, keys)
    finally:
        served.close()


def seed(home: Path, keys: int) -> None:
    """All but the first object, as copies of it. Every tenth is in a file."""
    with closing(sqlite3.connect(home / "state.db", isolation_level=None)) as rows:
        (text,) = rows.execute("SELECT body FROM records WHERE scope = 's3/object'").fetchone()
        record: dict[str, Any] = json.loads(text)
        rows.execute("BEGIN")
        rows.executemany(
            "INSERT INTO records (scope, key, body) VALUES ('s3/object', ?, ?)",
            ((f"bench/{_key(number)}", _record(record, number)) for number in range(1, keys)),
        )
        rows.executemany(
            "INSERT INTO blobs (id, service, size, body) VALUES (?, 's3', ?, ?)",
            ((_blob(number), len(_BODY), _BODY if number % 10 else None) for number in range(1, keys)),
        )
        rows.execute("UPDATE stored SET blobs = ?, bytes = ?", (keys, keys * len(_BODY)))
        rows.execute("COMMIT")
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in range(10, keys, 10):
        path = home / "blobs" / _blob(number)[-2:] / _blob(number)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_BODY)


def _blob(number: int) -> str:
    return f"{number:018d}{number // 10 % 100:02d}"


def _record(like: dict[str, Any], number: int) -> bytes:
    return json.dumps({**like, "key": _key(number), "segments": [[_blob(number), 0, len(_BODY)]]}).encode()


def _pages(bench: Bench, served: Served, bundle: Bundle, keys: int) -> Iterator[Result]:
    middle = quote(_key(keys // 2), safe="")
    folder = quote(_key(keys // 2).rsplit("/", 1)[0] + "/", safe="")
    asked = {
        "in the middle": f"list-type=2&start-after={middle}",
        "below a prefix in the middle": f"list-type=2&prefix={folder}",
        "of common prefixes": "list-type=2&prefix=exports%2F&delimiter=%2F",
        "of version 1, in the middle": f"marker={middle}",
        "of versions, in the middle": f"versions&key-marker={middle}",
    }
    times: dict[str, float] = {}
    with peak_of(served) as peak:
        for name, query in asked.items():
            times[name] = _slowest(bench, served, bundle.s3("GET", f"/bench?{query}"))
    name, slowest = max(times.items(), key=lambda one: one[1])
    yield Result(
        name=f"a page of 1,000 of {keys:,} keys, the slowest of {len(times)} kinds",
        unit="ms",
        ours=slowest,
        target=50,
        want="at most",
        note=f"p99; {name}; the median of the kinds {median(times.values()):.1f} ms",
        details={"p99_ms": times},
    )
    yield Result(name=f"pages of {keys:,} keys: extra memory", unit="MiB", ours=peak[0], target=40, want="at most")


def _slowest(bench: Bench, served: Served, call: bytes) -> float:
    outcome = bench.load.run(Job(port=served.port, requests=[call], seconds=bench.size.seconds, connections=1))
    if outcome.failed or not outcome.requests:
        raise Failed(f"{call.split(b' HTTP', 1)[0].decode()}: {outcome.statuses}")
    return outcome.p99


def _close(served: Served, bundle: Bundle, keys: int) -> Result:
    begun = time.perf_counter()
    with peak_of(served) as peak:
        receipt = closed(served, bundle.name)
    took = time.perf_counter() - begun
    deleted = receipt["deleted"]
    if deleted["records"]["s3"]["object"] != keys or deleted["blobs"]["count"] != keys or receipt["left"]:
        raise Failed(f"the receipt tells of {deleted}, and {receipt['left']} is left")
    return Result(
        name=f"an environment of {keys:,} objects is closed: extra memory",
        unit="MiB",
        ours=peak[0],
        target=100,
        want="at most",
        note=f"{took:.1f} s until the receipt, {deleted['files']:,} files",
        details={"seconds": took, "deleted": deleted},
    )
