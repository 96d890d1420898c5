"""Many workers on one machine: each a process; what happens to one does not stop the others."""

import os
import signal
import sys
import threading
from functools import partial
from multiprocessing import get_context, parent_process

from ..errors import Preempted
from ..experiments.execute import begin_as_worker, stop_children
from ..signals import noticing_sigterm
from .worker import Orders, Worker

say = partial(print, file=sys.stderr, flush=True)


def search(orders: Orders, workers: int) -> None:
    """Let so many workers search until the study has its trials.

    Raises Preempted after SIGTERM, and RuntimeError where every worker ended early; the same command goes on.
    """
    Worker(orders, say=say)  # what is wrong with the storage or the study is said once, before any process is begun
    if workers == 1:
        return Worker(orders, say=say).work()
    context = get_context("spawn")
    processes = [context.Process(target=begin, args=(orders, number, workers)) for number in range(workers)]
    with noticing_sigterm(stop_children) as told:
        for process in processes:
            process.start()
        try:
            for process in processes:
                process.join()
        except KeyboardInterrupt:
            stop_children()
            for process in processes:
                process.join()
            raise
    if told.is_set():
        raise Preempted("stopped by SIGTERM; the same command goes on")
    ended = [(number, process.exitcode) for number, process in enumerate(processes) if process.exitcode]
    for number, code in ended:
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        say(f"worker {number} ended early ({how}); its trial was left to the others")
    if len(ended) == workers:
        raise RuntimeError("all workers ended early; the same command goes on")
    return None


def stop_with_parent() -> None:
    """SIGTERM to this process when the one that began it is gone, so that it saves and stops, too."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def begin(orders: Orders, number: int, processes: int) -> None:
    """The life of a worker process."""
    begin_as_worker()
    threading.Thread(target=stop_with_parent, daemon=True).start()
    try:
        Worker(orders, processes, say).work()
    except Preempted:
        sys.exit(Preempted.exit_code)
    except RuntimeError as error:
        say(f"worker {number}: {error}")
        sys.exit(1)
