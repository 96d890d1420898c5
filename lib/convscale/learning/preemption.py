"""SIGTERM, with which clusters and preemptible machines announce their end, as a flag that the loop looks at."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def noticing_sigterm() -> Iterator[threading.Event]:
    """An event that SIGTERM sets while the context lasts. Signals reach the main thread; elsewhere it stays unset."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)
