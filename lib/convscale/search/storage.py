"""Where a study lies, for workers on one machine or many: a journal file in a folder that all see, or a database.

A worker that dies leaves its trial running. Optuna's heartbeat finds such trials and has them made again, but only in
databases; `SharedJournal` gives it to journal files, too.
"""

import os
import time
import warnings
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import optuna
from optuna.storages import BaseStorage, JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.storages._heartbeat import BaseHeartbeat  # no public name; what study.optimize asks
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

BEAT, GRACE = 10, 60  # seconds between signs of life, and until a worker without one counts as dead; ours
TRIES = 3  # of a point whose worker died: what kills every worker is the point's fault; ours


def again() -> RetryHeartbeatStaleTrialCallback:
    """What puts a trial whose worker died into the queue once more, at most `TRIES` times."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return RetryHeartbeatStaleTrialCallback(max_retry=TRIES)


def let_go_of_dead(study: optuna.Study) -> None:
    """Put the trials of workers that gave no sign of life for `GRACE` seconds into the queue once more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)


class SharedJournal(JournalStorage, BaseHeartbeat):
    """A journal file with signs of life: files beside it, which workers touch.

    Their times are compared with each other, not with this machine's clock: those of many machines differ.
    """

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(JournalFileBackend(os.fspath(path)))
        self.alive = path.with_name(path.name + ".alive")
        self.alive.mkdir(exist_ok=True)

    def record_heartbeat(self, trial_id: int) -> None:
        (self.alive / str(trial_id)).touch()

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        now_file = self.alive / f"now-{uuid4().hex}"  # containers of many machines have the same process ids
        now_file.touch()
        now = now_file.stat().st_mtime
        now_file.unlink(missing_ok=True)
        running = self.get_all_trials(study_id, deepcopy=False, states=(TrialState.RUNNING,))
        return [trial._trial_id for trial in running if now - self.last_sign(trial) > GRACE]

    def last_sign(self, trial: optuna.trial.FrozenTrial) -> float:
        with suppress(FileNotFoundError):
            return (self.alive / str(trial._trial_id)).stat().st_mtime
        return trial.datetime_start.timestamp() if trial.datetime_start else time.time()

    def get_heartbeat_interval(self) -> int:
        return BEAT

    def get_heartbeat_stale_trial_callback(self):
        return again()


def is_missing(place: str) -> bool:
    """Whether a storage is a file that is not there yet; what asks for it would make it."""
    if "://" not in place:
        return not Path(place).expanduser().exists()
    return place.startswith("sqlite:///") and not Path(place.removeprefix("sqlite:///")).exists()


def storage(place: str) -> BaseStorage:
    """The storage at a path, "searches/v2.journal", or at a database's address, "sqlite:///v2.db".

    Raises ValueError for one that cannot be reached.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        try:
            if "://" in place:
                return RDBStorage(
                    place, heartbeat_interval=BEAT, grace_period=GRACE, heartbeat_stale_trial_callback=again()
                )
            return SharedJournal(Path(place).expanduser())
        except Exception as error:  # of whatever database driver
            said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ValueError(
                f"storage {place!r} cannot be reached: {said}; give a path in a folder that all workers can write, or "
                "a database's address such as sqlite:///search.db"
            ) from None
