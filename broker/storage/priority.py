"""Which of the process's threads comes first where they want the same core: the one that runs the event loop."""

from __future__ import annotations

import os
import sys
import threading


def step_back() -> None:
    """For a thread that does what calls wait for least: copying megabytes, deleting, checkpoints. Linux gives each
    thread a priority."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
