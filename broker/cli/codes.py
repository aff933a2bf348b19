"""The exit codes of every command, as the README documents them."""

from __future__ import annotations

from collections.abc import Mapping

OK = 0
#: Refused or failed: the sentence on standard error says why.
FAILED = 1
#: The command line, a setting or a file could not be used.
USAGE = 2
#: No server answers at BROKER_URL.
UNREACHABLE = 3
#: No environment, event, exchange or mail of that name.
MISSING = 4
#: The environment is closed, being closed, or in another state that forbids it.
CONFLICT = 5
#: No token, or a wrong one.
UNAUTHORISED = 6
#: What was asked for began, and could not be carried out as it should: what it found counts for nothing.
UNFINISHED = 7
#: What was waited for did not come in time.
NOTHING_CAME = 8
#: A verification does not hold, or what was waited for did not come.
UNMET = 8

#: By the HTTP status of a refusal; any other is FAILED.
BY_STATUS: Mapping[int, int] = {401: UNAUTHORISED, 404: MISSING, 408: NOTHING_CAME, 409: CONFLICT, 410: CONFLICT}

MEANINGS: Mapping[int, str] = {
    OK: "done",
    FAILED: "refused or failed",
    USAGE: "the command line, a setting or a file cannot be used",
    UNREACHABLE: "no server answers",
    MISSING: "not found",
    CONFLICT: "closed, being closed, or in conflict",
    UNAUTHORISED: "no token, or a wrong one",
    NOTHING_CAME: "what was waited for did not come in time",
    UNFINISHED: "a check of drift, or a night, could not find out everything",
    UNMET: "a verification does not hold, or what was waited for did not come",
}
