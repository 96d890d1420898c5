"""`experiment status`, `cancel` and `logs`, and what `experiment run --on slurm` refuses."""

import sys

import pytest

from convscale.cli import main, on_slurm
from convscale.experiments import get, heartbeat
from convscale.experiments.attempt import PLAIN, STOP, attempt
from convscale.experiments.places import run_folder

NAME = "v1_table3"
SWEEP = get(NAME, "smoke")
JOB = SWEEP.jobs[0]
ARM = JOB.arm


@pytest.fixture
def convscale(monkeypatch, capsys):
    """`convscale(words)`: what it prints; SystemExit where it fails."""

    def run(words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["convscale", *words.split()])
        main()
        return capsys.readouterr().out

    return run


def test_status_names_what_runs(convscale):
    assert convscale(f"experiment status {NAME}").splitlines()[-1].split() == ["all", "0", str(len(SWEEP.jobs))]
    with attempt(JOB, JOB.run.key, PLAIN):
        lines = convscale(f"experiment status {NAME}").splitlines()
    assert lines[-2:] == ["running:", f"  {ARM} seed {JOB.run.seed}: begins; on {beat_place()}"]


def beat_place() -> str:
    beat = heartbeat.of_job(JOB)
    return f"{beat.host}, process {beat.pid}"


def test_cancel_asks_what_runs(convscale):
    with attempt(JOB, JOB.run.key, PLAIN):
        assert convscale(f"experiment cancel {NAME}").startswith(
            "cancelled 0 tasks; asked 1 other run to save and stop"
        )
        assert (run_folder(JOB.run.key) / STOP).exists()


def test_logs_prints_what_a_run_said(convscale):
    with attempt(JOB, JOB.run.key, PLAIN) as work:
        work.say("words")
    assert "words" in convscale(f"experiment logs {NAME} {ARM} {JOB.run.seed}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"logs {NAME} no-arm 10", "unknown arm of v1_table3 'no-arm'"),
        (f"logs {NAME} {ARM} 99", "unknown seed '99'"),
        (f"logs {NAME} {ARM} {JOB.run.seed}", "it was not begun with these folders"),
        (f"run {NAME} --on moon", "unknown place 'moon'"),
        (f"run {NAME} --partition cpu", "--partition is for --on slurm"),
        (f"run {NAME} --on slurm --fresh", "--fresh makes runs on this machine"),
        (f"run {NAME} --shard job/8", "there is no JOB_COMPLETION_INDEX here"),
    ],
)
def test_what_means_nothing_is_one_sentence(convscale, words, said):
    with pytest.raises(SystemExit) as stop:
        convscale(f"experiment {words}")
    assert said in str(stop.value)


def test_nothing_is_submitted_unasked(monkeypatch):
    monkeypatch.setattr(on_slurm.sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(ValueError, match="--yes answers"):
        on_slurm.agreed()
    monkeypatch.setattr(on_slurm.sys.stdin, "isatty", lambda: True, raising=False)
    for answer, agreed in (("y", True), ("", False), ("no", False)):
        monkeypatch.setattr("builtins.input", lambda question, answer=answer: answer)
        assert on_slurm.agreed() is agreed
