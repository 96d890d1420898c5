"""How many runs a GPU trains at a time: what is chosen from trials, made up here, and trials themselves on the CPU."""

from dataclasses import replace

import pytest

from convscale.devices import Device, cores
from convscale.experiments import Job, beside
from convscale.experiments.beside import Beside, choose, side_by_side
from convscale.experiments.making import loaders
from convscale.experiments.seconds import Seconds
from convscale.experiments.trial import Trial, TrialFailed, as_tried, trial
from convscale.records import Store

GIB = 2**30


def tried(speeds: dict[int, float], device_bytes: int = GIB, host_bytes: int = GIB):
    """Made-up trials: images a second by the number of processes, each of which may be tried once."""

    def take(processes: int) -> Trial:
        return Trial(speeds.pop(processes), device_bytes, 16 * GIB, host_bytes, 32 * GIB)

    return take


@pytest.mark.parametrize(
    ("speeds", "most", "processes", "gain"),
    [
        ({1: 100, 2: 190, 4: 300, 8: 320}, 16, 4, 3.0),  # the last does not pay
        ({1: 100, 2: 190, 4: 300, 8: 400}, 16, 8, 4.0),
        ({1: 100, 2: 109}, 16, 1, 1.0),  # and no more are tried
        ({1: 100, 2: 190, 4: 180}, 16, 2, 1.9),
        ({1: 100, 2: 190}, 3, 2, 1.9),  # cores, or runs
        ({1: 100}, 1, 1, 1.0),
    ],
)
def test_more_processes_are_tried_while_they_pay(speeds, most, processes, gain):
    chosen = choose(tried(speeds), most)
    assert (chosen.processes, chosen.gain) == (processes, gain) and not speeds


@pytest.mark.parametrize(("bytes_of_one", "short"), [((4 * GIB, 0), "device memory"), ((0, 7 * GIB), "host memory")])
def test_memory_of_one_tells_how_many_fit(bytes_of_one, short):
    """Four times 4 of 16 GiB, or 7 of 32, is more than four fifths of what is free."""
    chosen = choose(tried({1: 100, 2: 200}, *bytes_of_one), 16)
    assert chosen.processes == 2 and chosen.why.endswith(f"4 would need more {short} than is free")


@pytest.mark.parametrize("failing", [1, 2, 4])
def test_where_a_trial_fails_there_are_not_so_many(failing):
    made_up = tried({1: 100, 2: 200, 4: 400})

    def take(processes):
        if processes == failing:
            raise TrialFailed("OutOfMemoryError: CUDA out of memory")
        return made_up(processes)

    chosen = choose(take, 16)
    assert chosen.processes == max(1, failing // 2) and "OutOfMemoryError" in chosen.why


def test_a_run_among_others_takes_longer_by_what_they_do_not_gain():
    assert Beside(4, 2.0).seconds(10) == 20 and Beside(2, 2.0).seconds(10) == 10


class Gpu(Device):
    """A GPU as far as choosing goes."""

    def __init__(self):
        super().__init__("cpu")
        self.kind = "cuda"


@pytest.fixture
def gpu(monkeypatch, tmp_path):
    """Makes `Seconds` of a GPU on which each run takes so many; `trials` holds (run, processes) of every trial."""
    trials = []

    def take(run, kind, processes):
        assert kind == "cuda"
        trials.append((run, processes))
        return Trial(100.0 * processes, GIB, 100 * GIB, 0, GIB)

    monkeypatch.setattr(beside, "trial", take)
    monkeypatch.setattr(beside, "cores", lambda: 8)

    def seconds_of(seconds):
        found = Seconds(Gpu(), Store(tmp_path / "store"))
        monkeypatch.setattr(Seconds, "__call__", lambda self, run: seconds)
        return found

    seconds_of.trials = trials
    return seconds_of


def jobs(tiny, **changes) -> list[Job]:
    runs = [tiny(seed=seed, **changes) for seed in range(4)]
    runs[2] = replace(runs[2], recipe=replace(runs[2].recipe, batch_size=64))
    return [Job("an_experiment", "small", "arm", run) for run in runs]


def test_a_run_of_the_most_memory_is_tried(tiny, gpu, monkeypatch, capsys):
    asked, shapes = jobs(tiny), []
    real = beside.memory_of
    monkeypatch.setattr(beside, "memory_of", lambda run, *more: shapes.append(run) or real(run, *more))
    said = "1 does 100 images/s, 2 do 200, 4 do 400, no more than 4 cores and runs"
    assert side_by_side(asked, gpu(1000.0)) == Beside(4, 4.0, said)
    assert gpu.trials == [(asked[2].run, processes) for processes in (1, 2, 4)]
    assert len(shapes) == 2  # other seeds need as much
    assert capsys.readouterr().err == f"4 at a time: {said}\n"


def test_nothing_is_tried_where_the_trial_would_take_longer_than_it_can_save(tiny, gpu):
    assert side_by_side(jobs(tiny), gpu(20.0)).processes == 1
    assert side_by_side(jobs(tiny)[:1], gpu(10**6)).processes == 1
    assert gpu.trials == []


def test_a_cpu_trains_one_on_each_core_but_for_the_smoke_scale(tiny, tmp_path):
    seconds_of = Seconds(Device("cpu"), Store(tmp_path))
    small = jobs(tiny)
    assert side_by_side(small, seconds_of) == Beside(cores(), cores())
    assert side_by_side([replace(job, scale="smoke") for job in small], seconds_of) == Beside()


def test_runs_side_by_side_share_the_cores_that_load_images(monkeypatch):
    monkeypatch.setattr("convscale.experiments.making.cores", lambda: 16)
    assert [loaders(Gpu(), processes) for processes in (1, 2, 4, 8, 16)] == [8, 7, 3, 1, 0]
    assert loaders(Device("cpu")) == 0


def test_what_is_tried_is_the_largest_size_on_few_images(tiny):
    run = as_tried(tiny(weights="of another run", train_images=None))
    assert [stage.image_size for stage in run.schedule.stages] == [24]
    assert (run.train_images, run.weights) == (64, None) and run.recipe == tiny().recipe


@pytest.mark.slow
def test_two_processes_train_at_the_same_time(tiny):
    found = trial(tiny(), "cpu", 2)
    assert found.images_per_second > 0 and found.host_free > found.host_bytes


@pytest.mark.slow
def test_a_process_that_fails_keeps_no_other_waiting(tiny):
    with pytest.raises(TrialFailed, match="DataMissing: no imagenet images"):
        trial(tiny(dataset="imagenet"), "cpu", 2)
