"""Ctrl-C during training: the state is saved first."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import Interrupted, Preempted


@contextmanager
def stopping_at_ctrl_c() -> Iterator[None]:
    """Ctrl-C is a SIGTERM where training listens to that: it saves its state and ends. A second one ends it at once.

    Loader processes inherit the handler and hear of the same Ctrl-C, but go on for as long as training does. Raises
    Interrupted for a run that Ctrl-C has stopped.
    """
    main, pressed = os.getpid(), False

    def stop(*_) -> None:
        nonlocal pressed
        if os.getpid() != main:
            return
        if signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, None):  # before the first step, or after the last
            raise KeyboardInterrupt
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("stopping after this step; Ctrl-C again ends it at once", file=sys.stderr)
        signal.raise_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Preempted as stopped:
        if pressed:
            raise Interrupted(str(stopped)) from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)
