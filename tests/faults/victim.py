"""A server that kills itself at one step of a ledger: ``python -m tests.faults.victim STEP [SERVE OPTIONS]``.

STEP is ``METHOD:before`` or ``METHOD:after`` of the ledger, or of the revocation. Only pr-1's lines count, and only
the first of them.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from broker.cli.serving import serve
from broker.ledger import Ledger
from broker.revocation import Revocation

#: Steps of a create's line, and of a close.
CREATING = ("intend:before", "intend:after", "made:before", "made:after")
CLOSING = (
    "settle:before",
    "settle:after",
    "revoke:before",
    "deleting:before",
    "deleting:after",
    "ended:before",
    "ended:after",
    "verify:before",
    "verify:after",
)
_OWNERS: dict[str, type] = {
    **dict.fromkeys(("intend", "made", "deleting", "ended"), Ledger),
    **dict.fromkeys(("settle", "revoke", "verify"), Revocation),
}
VICTIM = "pr-1-"


def arm(step: str) -> None:
    """Let this process die there."""
    name, _, when = step.partition(":")
    owner = _OWNERS[name]
    method = getattr(owner, name)

    async def deadly(self: Any, subject: Any, *arguments: Any, **named: Any) -> Any:
        uid = subject if isinstance(subject, str) else subject.uid
        hit = uid.startswith(VICTIM)
        if hit and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await method(self, subject, *arguments, **named)
        if hit:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, deadly)


if __name__ == "__main__":
    arm(sys.argv[1])
    sys.exit(serve(sys.argv[2:]))
