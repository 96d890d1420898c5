"""Records that no known code made: said when they are checked, and asked about before they are published."""

import json
import sys

import pytest

from convscale.cli import evidence, main
from convscale.experiments import Arm, Experiment, Scale
from convscale.records import concerns, local, origin, published
from convscale.records.truth import state_of


@pytest.fixture
def made(record):
    """`made(seed, state="dirty")`: a record whose provenance has these values."""

    def make(seed=0, **origin) -> dict:
        one = record(seed=seed)
        return one | {"provenance": one["provenance"] | origin}

    return make


def test_records_of_one_known_code_raise_no_concern(made):
    assert concerns([made(seed) for seed in range(3)]) == [] == concerns([])


def test_readers_are_told_when_and_by_how_many_versions_records_were_made(made):
    assert origin([made(), made(1)]) == "made on 2026-11-21 by one version of the training code"
    later = made(2, date="2026-11-24T01:00:00+00:00", code="d" * 16)
    assert origin([made(), later]) == "made from 2026-11-21 to 2026-11-24 by 2 versions of the training code"


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (dict(state="dirty"), "1 of 3 made by code that differs from its commit: {key}"),
        (dict(state="unknown"), "1 of 3 made by code of no known commit: {key}"),
        (dict(commit=None), "1 of 3 made by code of no known commit: {key}"),
        (dict(code=None), "1 of 3 without a digest of the code that made it: {key}"),
        (dict(code="d" * 16), f"1 of 3 made by other code ({'d' * 16}) than most of these ({'c' * 16}): {{key}}"),
    ],
)
def test_a_concern_is_said_in_words(made, origin, words):
    odd = made(0, **origin)
    assert concerns([odd, made(1), made(2)]) == [words.format(key=odd["key"])]


def test_few_of_many_are_named(made):
    (said,) = concerns([made(seed, state="dirty") for seed in range(5)])
    assert said.startswith("5 of 5 made by") and said.endswith(" and 2 others") and said.count(", ") == 2


def test_a_measurement_is_of_more_code_than_a_run(made):
    measured = [made(seed, code="m" * 16) | {"kind": "measurement"} for seed in range(2)]
    assert concerns([*measured, made(2), made(3)]) == []


@pytest.mark.parametrize(
    ("origin", "state"),
    [
        (dict(commit="a", dirty=False), "clean"),
        (dict(commit="a", dirty=True), "dirty"),
        (dict(commit=None, dirty=False), "unknown"),  # what records of before said where git refused
        (dict(commit="a"), "unknown"),
        (dict(commit="a", state="unknown"), "unknown"),
        ({}, "unknown"),
    ],
)
def test_unknown_is_never_clean(origin, state):
    assert state_of(origin) == state


@pytest.fixture
def publish(monkeypatch, tmp_path, made, tiny):
    """Publish the two runs of an experiment, one of them of changed code; returns what the command ends with."""
    monkeypatch.setattr("convscale.records.store.DATA", tmp_path / "data")
    scale = Scale(base=tiny(model="adaptive"), seeds=2, cost="", shows="", cannot="")
    experiment = Experiment("made", "", "v2:13", {"arm": Arm("", lambda run: run)}, {"small": scale}, {}, first_seed=0)
    monkeypatch.setattr("convscale.experiments.registry.experiments", lambda: {"made": experiment})
    for seed, state in enumerate(("clean", "dirty")):
        local().write(made(seed, state=state))

    def run(*more) -> object:
        monkeypatch.setattr(sys, "argv", ["convscale", "records", "publish", "made", "small", *more])
        try:
            return main()
        except SystemExit as stop:
            return stop.code

    return run


def test_without_a_terminal_records_of_changed_code_are_not_published(publish, capsys):
    assert publish() == (
        "convscale: nothing is published: make the runs again with committed code, or add --despite-concerns"
    )
    assert "1 of 2 made by code that differs from its commit" in capsys.readouterr().out
    assert list(published().runs()) == []
    assert publish("--despite-concerns") is None and len(list(published().runs())) == 2


@pytest.mark.parametrize(("answer", "count"), [("y", 2), ("Yes ", 2), ("n", 0), ("", 0), (None, 0)])
def test_at_a_terminal_a_person_decides(publish, monkeypatch, answer, count):
    def say(question):
        assert question == "Publish them all the same? [y/N] "
        if answer is None:
            raise EOFError
        return answer

    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", say)
    publish()
    assert len(list(published().runs())) == count


def test_check_says_what_is_unknown_and_does_not_fail(made, monkeypatch, capsys):
    path = local().write(made(state="unknown"))
    monkeypatch.setattr(sys, "argv", ["convscale", "records", "check", str(path)])
    main()
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{path}: sound" and second.startswith("1 of 1 made by code of no known commit: ")
    assert json.loads(path.read_text())["provenance"]["state"] == "unknown" and evidence.agreed("?") is False
