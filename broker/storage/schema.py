"""The tables of the SQLite files, as sqlite-utils migrations.

Two kinds of file: ``broker.db`` (the registry), and in each environment's folder ``state.db`` (records, blobs, events,
mails, exchanges).
A migration is never edited once released; a new one follows it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Migrations

# Every index costs each write a page of the log, so there are few: `fields` repeats what `record_index` holds of a
# record (null for nothing), and the journal, which is capped, is searched by reading it.

#: By kind of file, bumped with every migration: a file at its version is opened without importing sqlite-utils.
VERSIONS = {"registry": 4, "state": 6}
#: Milliseconds that a statement waits for another connection.
BUSY_TIMEOUT = 5000

# Times are microseconds since the epoch (INTEGER); JSON is orjson's bytes in BLOB columns.
_REGISTRY = """
CREATE TABLE environments (
  uid TEXT PRIMARY KEY, name TEXT NOT NULL, tag TEXT NOT NULL UNIQUE, status TEXT NOT NULL,
  policy BLOB NOT NULL, seed INTEGER NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, closed_at INTEGER
);
CREATE UNIQUE INDEX one_live_environment_a_name ON environments (name) WHERE status != 'closed';
CREATE INDEX environments_by_name ON environments (name);
CREATE INDEX environments_by_expiry ON environments (status, expires_at);
CREATE TABLE credentials (
  key_hash BLOB PRIMARY KEY, environment TEXT NOT NULL REFERENCES environments (uid),
  service TEXT NOT NULL, spec TEXT NOT NULL, key_sealed TEXT NOT NULL, secret_sealed TEXT,
  presented INTEGER NOT NULL, dead INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX credentials_by_environment ON credentials (environment);
CREATE TABLE incidents (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, kind TEXT NOT NULL,
  environment TEXT, uid TEXT, service TEXT, message TEXT NOT NULL, details BLOB NOT NULL
);
CREATE INDEX incidents_by_environment ON incidents (environment, seq);
CREATE INDEX incidents_by_uid ON incidents (uid, seq);
CREATE TABLE receipts (uid TEXT PRIMARY KEY, receipt BLOB NOT NULL);
"""

#: Real accounts, what was made there, and what became of it; who may use them (`trust`), and until when a rotated
#: credential still opens its environment (`dies_at`).
_REGISTRY_2 = """
ALTER TABLE environments ADD COLUMN trust TEXT NOT NULL DEFAULT 'member';
ALTER TABLE credentials ADD COLUMN dies_at INTEGER;
CREATE TABLE accounts (
  name TEXT PRIMARY KEY, service TEXT NOT NULL, secret BLOB NOT NULL, created_at INTEGER NOT NULL, endpoint TEXT,
  pool TEXT, exclusive INTEGER NOT NULL, environments BLOB NOT NULL, rate REAL, concurrency INTEGER,
  options BLOB NOT NULL, hook_id TEXT, hook_secret_sealed TEXT, hook_path TEXT
);
CREATE TABLE leases (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, uid TEXT NOT NULL, service TEXT NOT NULL, account TEXT NOT NULL,
  kind TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER, renewable INTEGER NOT NULL, revoked_at INTEGER,
  secret_sealed TEXT, subaccount TEXT
);
CREATE INDEX leases_by_environment ON leases (uid);
CREATE INDEX leases_by_account ON leases (account) WHERE revoked_at IS NULL;
CREATE TABLE resources (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, uid TEXT NOT NULL, service TEXT NOT NULL, account TEXT NOT NULL,
  kind TEXT NOT NULL, status TEXT NOT NULL, origin TEXT NOT NULL, created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL, external_id TEXT, alias TEXT NOT NULL, parent TEXT NOT NULL, operation TEXT NOT NULL,
  exchange TEXT NOT NULL, outcome TEXT NOT NULL, error TEXT NOT NULL, attempts INTEGER NOT NULL
);
CREATE UNIQUE INDEX resources_that_live ON resources (account, external_id, kind)
  WHERE external_id IS NOT NULL AND status != 'gone';
CREATE INDEX resources_by_external_id ON resources (account, external_id);
CREATE INDEX resources_by_environment ON resources (uid, status, seq);
CREATE INDEX resources_left ON resources (account, seq) WHERE status != 'gone';
CREATE TABLE hooks (
  seq INTEGER PRIMARY KEY, account TEXT NOT NULL, event_id TEXT NOT NULL, type TEXT NOT NULL,
  received_at INTEGER NOT NULL, payload BLOB NOT NULL, ids BLOB NOT NULL, markers BLOB NOT NULL,
  resources BLOB NOT NULL, uid TEXT, attributed_by TEXT NOT NULL, routed INTEGER NOT NULL, note TEXT NOT NULL
);
CREATE UNIQUE INDEX hooks_by_event ON hooks (account, event_id);
CREATE INDEX hooks_by_account ON hooks (account, seq);
CREATE INDEX hooks_unsettled ON hooks (account, seq) WHERE routed = 0;
CREATE TABLE usage (
  uid TEXT NOT NULL, service TEXT NOT NULL, since INTEGER NOT NULL, used BLOB NOT NULL, PRIMARY KEY (uid, service)
) WITHOUT ROWID;
CREATE TABLE notices (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, payload BLOB NOT NULL,
  created_at INTEGER NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER, error TEXT NOT NULL
);
CREATE INDEX notices_by_status ON notices (status, seq);
CREATE TABLE attested (
  uid TEXT NOT NULL, component TEXT NOT NULL, digests BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (uid, component)
) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

#: Runs of probes, and what real answers were seen to do that their contracts do not say.
_REGISTRY_3 = """
CREATE TABLE drift_runs (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, service TEXT NOT NULL, status TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX drift_runs_by_service ON drift_runs (service, seq);
CREATE TABLE drift_observed (
  key TEXT PRIMARY KEY, service TEXT NOT NULL, finding BLOB NOT NULL, example BLOB NOT NULL, count INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL
) WITHOUT ROWID;
"""

#: The clock of an environment: `ahead` in microseconds.
_REGISTRY_4 = """
ALTER TABLE environments ADD COLUMN frozen_at INTEGER;
ALTER TABLE environments ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0;
"""

_STATE = """
CREATE TABLE records (
  seq INTEGER PRIMARY KEY, scope TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, fields BLOB
);
CREATE UNIQUE INDEX records_by_key ON records (scope, key);
CREATE INDEX records_by_age ON records (scope);
CREATE TABLE record_index (
  scope TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (scope, field, value, seq)
) WITHOUT ROWID;
CREATE TABLE blobs (id TEXT PRIMARY KEY, service TEXT NOT NULL, size INTEGER NOT NULL, body BLOB);
CREATE TABLE events (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, service TEXT NOT NULL, type TEXT NOT NULL,
  payload BLOB NOT NULL, created_at INTEGER NOT NULL
);
CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event_id TEXT NOT NULL, service TEXT NOT NULL, url TEXT NOT NULL,
  secret_sealed TEXT NOT NULL, endpoint TEXT, status TEXT NOT NULL, attempts INTEGER NOT NULL,
  next_at INTEGER, created_at INTEGER NOT NULL
);
CREATE INDEX deliveries_by_event ON deliveries (event_id);
CREATE INDEX deliveries_by_status ON deliveries (status);
CREATE TABLE attempts (
  delivery_id TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER, error TEXT,
  duration_ms REAL NOT NULL, PRIMARY KEY (delivery_id, number)
) WITHOUT ROWID;
CREATE TABLE mails (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, service TEXT NOT NULL, sent_at INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE mail_addresses (address TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (address, seq)) WITHOUT ROWID;
CREATE TABLE exchanges (seq INTEGER PRIMARY KEY, count INTEGER NOT NULL, tags TEXT NOT NULL, body BLOB NOT NULL);
"""

#: How many blobs a service has and how large they are, which the quota asks at each of them.
_STATE_2 = """
CREATE TABLE stored (service TEXT PRIMARY KEY, blobs INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO stored (service, blobs, bytes) SELECT service, count(*), sum(size) FROM blobs GROUP BY service;
"""

#: Whose test they are of: broker/scopes.py. An exchange has its scope among its tags.
_STATE_3 = """
ALTER TABLE events ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE mails ADD COLUMN scope TEXT NOT NULL DEFAULT '';
"""

#: Where an exchange is found by its id, and rows by their tags, without reading any; and figures of
#: traffic by stretches of time: `slot` is the beginning in seconds since the epoch, the d0.. count durations.
_STATE_5 = """
ALTER TABLE exchanges ADD COLUMN ids TEXT NOT NULL DEFAULT '';
CREATE INDEX exchanges_at_a_glance ON exchanges (seq, count, tags, ids);
CREATE TABLE traffic (
  slot INTEGER NOT NULL, service TEXT NOT NULL, exchanges INTEGER NOT NULL, client_errors INTEGER NOT NULL,
  server_errors INTEGER NOT NULL, violated INTEGER NOT NULL,
  d0 INTEGER NOT NULL, d1 INTEGER NOT NULL, d2 INTEGER NOT NULL, d3 INTEGER NOT NULL, d4 INTEGER NOT NULL, d5
  INTEGER NOT NULL, d6 INTEGER NOT NULL, d7 INTEGER NOT NULL, d8 INTEGER NOT NULL, d9 INTEGER NOT NULL, d10
  INTEGER NOT NULL, d11 INTEGER NOT NULL, d12 INTEGER NOT NULL, d13 INTEGER NOT NULL, d14 INTEGER NOT NULL,
  PRIMARY KEY (slot, service)
) WITHOUT ROWID;
"""

#: The texts of a mail stand behind what a list is made of, and long ones are blobs; a blob goes with the last mail that
#: has it. Of a mail nobody has read there is nothing to write.
_STATE_6 = """
CREATE TABLE mails_with_texts (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, service TEXT NOT NULL, scope TEXT NOT NULL,
  sent_at INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, text TEXT, html TEXT
);
INSERT INTO mails_with_texts
  SELECT seq, id, service, scope, sent_at, length(body), json_remove(CAST(body AS TEXT), '$.text', '$.html'),
    json_extract(CAST(body AS TEXT), '$.text'), json_extract(CAST(body AS TEXT), '$.html')
  FROM mails;
CREATE TABLE mail_blobs (blob TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (blob, seq)) WITHOUT ROWID;
INSERT OR IGNORE INTO mail_blobs
  SELECT json_extract(file.value, '$.blob.id'), mails.seq
  FROM mails, json_each(CAST(mails.body AS TEXT), '$.attachments') AS file;
DROP TABLE mails;
ALTER TABLE mails_with_texts RENAME TO mails;
CREATE TABLE mails_read (seq INTEGER PRIMARY KEY);
"""

#: What tests declared that should happen.
_STATE_7 = """
CREATE TABLE expectations (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, name TEXT NOT NULL, wanted BLOB NOT NULL,
  since INTEGER NOT NULL, created_at INTEGER NOT NULL
);
"""

#: By kind of file, in order: the migration's name and its script.
_SCRIPTS: dict[str, tuple[tuple[str, str], ...]] = {
    "registry": (
        ("1-first-tables", _REGISTRY),
        ("2-external", _REGISTRY_2),
        ("3-drift", _REGISTRY_3),
        ("4-clocks", _REGISTRY_4),
    ),
    "state": (
        ("1-first-tables", _STATE),
        ("2-stored", _STATE_2),
        ("3-scopes", _STATE_3),
        ("5-traffic", _STATE_5),
        ("6-inbox", _STATE_6),
        ("7-expectations", _STATE_7),
    ),
}


def _migrations(kind: str) -> Migrations:
    from sqlite_utils import Migrations  # 10 MB: only when a file is made or behind

    found = Migrations(kind)
    for name, script in _SCRIPTS[kind]:
        found(name=name)(_runs(script))
    return found


def _runs(script: str) -> Callable[[Any], None]:
    def run(db: Any) -> None:
        for statement in script.split(";\n"):
            if statement.strip():
                db.conn.execute(statement)

    return run


def connect(path: Path, kind: str) -> sqlite3.Connection:
    """A connection to one of our files, made or migrated when needed.

    WAL with synchronous=NORMAL: a committed transaction survives the end of the process (kill -9); see
    sqlite.org, "Write-Ahead Logging", section 2.2. Checkpoints run elsewhere, not in a commit.
    """
    if not path.exists():
        # Readable by nobody else; SQLite gives the files beside it the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=64, check_same_thread=False)
    try:
        # Small pages: the log copies and sums up every page that a call touches, and a call touches a dozen.
        connection.execute("PRAGMA page_size=2048")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA cache_size=-1024")
        if connection.execute("PRAGMA user_version").fetchone()[0] < VERSIONS[kind]:
            _migrate(connection, kind)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, kind: str) -> None:
    from sqlite_utils import Database

    _migrations(kind).apply(Database(connection))
    connection.execute(f"PRAGMA user_version={VERSIONS[kind]}")
