"""SIGTERM, with which clusters and preemptible machines announce their end, as a flag that a loop looks at; and SIGHUP,
of a terminal that is gone."""

import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def noticing_sigterm(also: Callable[[], object] = lambda: None) -> Iterator[threading.Event]:
    """An event that SIGTERM sets while the context lasts, after which `also` is called.

    Signals reach the main thread alone; in another one the event stays unset. A handler around this one is told when
    the context ends without an error.
    """
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told
        return

    def notice(*_) -> None:
        told.set()
        also()

    before = signal.signal(signal.SIGTERM, notice)
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)
    if told.is_set() and callable(before):
        before(signal.SIGTERM, None)  # what lasted ended before it could stop: whoever is around it hears now


@contextmanager
def raising_at_sigterm(error: Exception) -> Iterator[None]:
    """Raise `error` at SIGTERM while the context lasts, but where `noticing_sigterm` looks at it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_) -> None:
        raise error

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def at_hang_up(then: Callable[[], object] = lambda: None) -> None:
    """From now on SIGHUP, of a terminal that was closed or a connection that was lost, calls `then`.

    What was for the terminal goes nowhere first, as printing there is an error now. Where SIGHUP is ignored, as under
    nohup, it stays so, and so it does in threads. Processes forked from this one take no notice of it.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGHUP) != signal.SIG_DFL:
        return
    main = os.getpid()

    def hang_up(*_) -> None:
        if os.getpid() != main:
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            if stat.S_ISCHR(os.fstat(stream).st_mode):
                os.dup2(nowhere, stream)
        then()

    signal.signal(signal.SIGHUP, hang_up)
