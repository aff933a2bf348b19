"""Threads step back by themselves, and the event loop's does not."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from broker.storage.priority import step_back


def own() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process has one priority")
def test_a_thread_steps_back_alone() -> None:
    before = own()
    with ThreadPoolExecutor(1, initializer=step_back) as threads:
        assert threads.submit(own).result() == 5
    assert own() == before
