"""The store of runs: whole files or none, many writers at once, and nothing broken goes unnoticed."""

import json
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from convscale.cli import main
from convscale.records import BrokenRecord, Store, frame, history, local, measurement_key, measurements, published
from convscale.records.schema import FIELDS
from convscale.records.seal import sealed
from convscale.records.store import seal


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_what_is_written_is_read(store, record):
    written = record("vanilla", 2)
    path = store.write(written)
    assert path == store.root / "runs" / f"{written['key']}.json"
    assert store.read(path) == written == store.run(written["key"]) and list(store.runs()) == [written]
    assert store.run("0" * 16) is None


def test_record_of_the_same_run_is_replaced(store, record):
    store.write(record(test_top1=50.0))
    store.write(record(test_top1=51.0))
    assert [r["metrics"]["test_top1"] for r in store.runs()] == [51.0]


def test_runs_come_in_a_fixed_order(store, record):
    for seed in range(9):
        store.write(record("a", seed))
    found = [r["key"] for r in store.runs()]
    assert found == sorted(found) and len(found) == 9


def test_interrupted_write_leaves_the_old_record_and_no_litter(store, record, monkeypatch):
    path = store.write(record(test_top1=50.0))

    def full_disk(self, text, *rest, **more):
        self.write_bytes(text[: len(text) // 2].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(OSError, match="No space left"):
        store.write(record(test_top1=51.0))
    assert store.read(path)["metrics"]["test_top1"] == 50.0
    assert os.listdir(path.parent) == [path.name]


WRITER = """
import json, sys
from pathlib import Path
from convscale.records import Store
from convscale.recipes.run import key_of
store, record = Store(Path(sys.argv[1])), json.loads(sys.argv[2])
for i in range(250):
    for seed in (i, 1000 + i + 1000 * int(sys.argv[3])):  # one run that both write, one of its own
        run = record["run"] | {"seed": seed}
        store.write(record | {"run": run, "key": key_of(run)})
"""


@pytest.mark.slow
def test_two_processes_lose_nothing(store, record):
    command = [sys.executable, "-c", WRITER, str(store.root), json.dumps(record())]
    writers = [subprocess.Popen([*command, str(i)]) for i in range(2)]
    while any(writer.poll() is None for writer in writers):  # a reader meanwhile never sees half a record
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            list(store.runs())
        time.sleep(0.2)
    assert [writer.returncode for writer in writers] == [0, 0]
    seeds = sorted(r["run"]["seed"] for r in store.runs())
    assert seeds == [*range(250), *range(1000, 1250), *range(2000, 2250)]
    assert len(list((store.root / "runs").iterdir())) == 750


def test_threads_and_machines_with_equal_process_numbers_lose_nothing(store, record, monkeypatch):
    """Two containers on one shared folder often have the same process number."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    failures = []

    def write(worker):
        try:
            for _ in range(100):
                store.write(record(test_top1=float(worker)))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and len(list(store.runs())) == 1


def spoil(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


BROKEN = {
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:200]), "delimiter|Expecting|Unterminated"),
    "empty": (lambda p: p.write_bytes(b""), "Expecting value"),
    "binary": (lambda p: p.write_bytes(b"\xff\xfe\x00"), "codec"),
    "list": (lambda p: p.write_text("[]"), "not a record but a list"),
    "no schema that ever was": (lambda p: spoil(p, schema=0), "schema 0, this version reads 2"),
    "forged run": (
        lambda p: spoil(p, run={**json.loads(p.read_text())["run"], "epochs": 999}),
        "does not belong to its run",
    ),
    "no metrics": (lambda p: spoil(p, metrics=None), "field 'metrics' is None, not names"),
    "nan": (lambda p: spoil(p, metrics={"test_top1": float("nan")}), "test_top1 is nan, not a finite number"),
    "text": (lambda p: spoil(p, metrics={"test_top1": "50"}), "test_top1 is '50', not a finite number"),
    "truth": (lambda p: spoil(p, metrics={"test_top1": True}), "test_top1 is True, not a finite number"),
    "no origin": (lambda p: spoil(p, provenance={}), "provenance"),
    "no seed": (lambda p: unseeded(p), "seed"),
    "history of nothing": (lambda p: spoil(p, history=[1, 2]), "history"),
    "history with nan": (lambda p: spoil(p, history=[{"step": 1, "test_top1": float("nan")}]), "history"),
    "metric changed by hand": (lambda p: spoil(p, metrics={"test_top1": 99.0}), "was changed since it was written"),
    "digest removed": (lambda p: without_digest(p), "has no digest"),
    "device in words": (lambda p: spoil(p, provenance=dict(commit="a", date="b", device="c")), "device is 'c'"),
    "unknown kind": (lambda p: spoil(p, kind="rumour"), "unknown kind of record 'rumour'.*run, measurement"),
    "nested without end": (lambda p: p.write_text("[" * 100_000), "recursion"),
    "mappings without end": (lambda p: p.write_text('{"a":' * 100_000), "recursion"),
    "sealed nothing": (lambda p: p.write_text(sealed({"a": 1})), "field 'schema' is None"),
    "sealed without a kind": (lambda p: p.write_text(sealed({"schema": 2, "kind": []})), "unknown kind of record"),
    "sealed table of no table": (
        lambda p: p.write_text(sealed(dict.fromkeys(FIELDS["measurement"], 2) | {"kind": "measurement"})),
        "belongs in ",
    ),
}


def without_digest(path):
    path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k != "digest"}))


def unseeded(path):
    from convscale.recipes.run import key_of

    run = {k: v for k, v in json.loads(path.read_text())["run"].items() if k != "seed"}
    spoil(path, run=run, key=key_of(run))


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_record_is_named_and_skipped(fault, store, record):
    sound = record("sound", 1)
    store.write(sound)
    path = store.write(record("broken", 0))
    harm, words = BROKEN[fault]
    harm(path)
    with pytest.warns(UserWarning, match=rf"record skipped: .*{path.name}: .*({words})"):
        found = list(store.runs())
    assert found == [sound]
    assert frame(found)["seed"].tolist() == [1] and len(history(found)) == 4
    with pytest.warns(UserWarning, match=rf"record skipped: .*{path.name}"):
        assert store.run(path.stem) is None


def test_a_record_that_lies_beside_its_folder_is_named(store, record):
    path = store.write(record())
    path.rename(store.root / path.name)
    with pytest.warns(UserWarning, match=rf"{path.name}: records of runs belong in .*runs"):
        assert list(store.runs()) == []


def test_record_changed_by_hand_counts_once_it_is_sealed(store, record):
    path = store.write(record(test_top1=50.0))
    spoil(path, metrics={"test_top1": 99.0})
    assert seal(path) and not seal(path)
    assert [r["metrics"]["test_top1"] for r in store.runs()] == [99.0]


def test_record_of_a_later_version_is_not_made_again_over_it(store, record):
    path = store.write(record())
    spoil(path, schema=9)
    with pytest.raises(BrokenRecord, match="schema 9, this version reads 2"):
        store.run(path.stem)
    assert store.missing([path.stem]) == set()


@pytest.mark.parametrize("text", ["", '{"schema": 2, "key"', "[]"])
def test_a_damaged_record_is_missing(store, record, text):
    whole, damaged = (store.write(record(seed=seed)) for seed in (0, 1))
    damaged.write_text(text)
    with pytest.warns(UserWarning, match="record skipped"):
        assert store.missing([whole.stem, damaged.stem, "0" * 16]) == {damaged.stem, "0" * 16}


def test_what_was_changed_by_hand_is_kept_beside_the_new_record(store, record):
    path = store.write(record(test_top1=50.0))
    spoil(path, metrics={"test_top1": 99.0})
    store.write(record(test_top1=51.0))
    assert [r["metrics"]["test_top1"] for r in store.runs()] == [51.0]
    assert json.loads((path.parent / f"{path.name}.aside").read_text())["metrics"]["test_top1"] == 99.0
    store.write(record(test_top1=52.0))
    assert len(list(path.parent.iterdir())) == 2  # a sound one is replaced
    spoil(path, metrics={"test_top1": 98.0})
    store.write(record(test_top1=53.0))
    kept = [json.loads(other.read_text())["metrics"]["test_top1"] for other in path.parent.glob("*.aside*")]
    assert sorted(kept) == [98.0, 99.0]


def test_line_endings_of_another_system_are_no_change(store, record):
    path = store.write(record())
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert list(store.runs()) == [record()]


def test_nothing_but_the_digest_is_sealed(store, record):
    path = store.write(record())
    spoil(path, key="0" * 16)
    before = path.read_bytes()
    with pytest.raises(BrokenRecord, match="does not belong to its run"):
        seal(path)
    assert path.read_bytes() == before


def test_record_under_another_runs_name_is_skipped(store, record):
    """A copy under the name of a run that was never made would otherwise stand for it."""
    path = store.write(record("a", 0))
    path.rename(path.with_name(record("b", 0)["key"] + ".json"))
    with pytest.warns(UserWarning, match="record skipped: .*belongs in"):
        assert list(store.runs()) == []


def test_unsound_record_is_not_written(store, record):
    with pytest.raises(BrokenRecord, match="test_top1 is inf"):
        store.write(record(test_top1=float("inf")))
    assert list(store.runs()) == [] and not list(store.root.rglob("*.json"))


def test_frame_has_one_row_a_record(record, named):
    table = frame([named("a", 0, test_top1=61.5), named("b", 1)])
    assert table[["experiment", "arm", "seed", "test_top1", "device", "commit"]].values.tolist() == [
        ["an_experiment", "a", 0, 61.5, "a processor", "a" * 40],
        ["an_experiment", "b", 1, 50.0, "a processor", "a" * 40],
    ]
    assert "arm" not in frame([record()]) and frame([record()])["dataset"].tolist() == ["digits"]
    assert frame([]).empty and "arm" in frame([])


def test_history_has_one_row_a_point(named):
    table = history([named("a", 0), named("b", 1)])
    assert (
        len(table) == 8
        and table["arm"].tolist() == ["a"] * 4 + ["b"] * 4
        and table["test_top1"].tolist() == [30.0, 60.0, 90.0, 120.0] * 2
    )
    assert history([]).empty


@pytest.fixture
def measurement(record):
    """`measurement(value=...)`: a sound record of kind "measurement"."""

    def make(**changes):
        made = {
            "schema": 2,
            "kind": "measurement",
            "table": "v2:7",
            "row": "EfficientNetV2-S",
            "quantity": "inference throughput",
            "session": "2026-11-21 a processor",
            "unit": "images/s",
            "value": 20.0,
            "rounds": [10.0, 20.0, 60.0],
            "protocol": "interleaved",
            "provenance": record()["provenance"],
        } | changes
        return {"key": measurement_key(made)} | made

    return make


def test_measurements_stand_beside_runs(store, record, measurement):
    store.write(record())
    store.write(measurement())
    store.write(measurement(session="another"))
    store.write(measurement(table="v2:12"))
    assert len(list(store.runs())) == 1 and len(list(store.measurements())) == 3
    found = measurements(store.measurements("v2:7"))
    assert sorted(found["session"]) == ["2026-11-21 a processor", "another"]
    assert found[["value", "unit", "rounds", "device"]].values.tolist() == [[20.0, "images/s", 3, "a processor"]] * 2
    assert measurements([]).empty and "value" in measurements([])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(value=21.0), r"value 21\.0 is not the median of its rounds, 20\.0"),
        (dict(value=float("nan")), "field 'value' is nan, not a finite number"),
        (dict(value="20"), "field 'value' is '20', not a finite number"),
        (dict(rounds=[]), "not a list of finite numbers"),
        (dict(rounds=[10.0, float("inf")]), "not a list of finite numbers"),
        (dict(rounds=20.0), r"field 'rounds' is 20\.0, not a list"),
        (dict(protocol=None), "field 'protocol' is None, not a text"),
        (dict(table="../../v2:7"), "table '../../v2:7', not one such as 'v2:13'"),
        (dict(key="0" * 16), "key 0000000000000000 does not belong to its table, row, quantity, session"),
    ],
)
def test_unsound_measurement_is_not_written(store, measurement, changes, words):
    with pytest.raises(BrokenRecord, match=words):
        store.write(measurement() | changes)


@pytest.mark.parametrize("page", ["../../escaped", "/tmp/escaped", "..", "a/../../../b"])
def test_no_record_leads_out_of_the_store(page, store, record, tmp_path):
    """Those of schema 1 named their place."""
    old = record() | {"schema": 1, "page": page, "scale": "../..", "arm": "../x"}
    file = tmp_path / "old.json"
    file.write_text(sealed(old))
    before = set(tmp_path.rglob("*"))
    store.write(store.read(file))
    new = [path for path in set(tmp_path.rglob("*")) - before if path.is_file()]
    assert new == [store.root / "runs" / f"{old['key']}.json"]
    for key in ("../../escaped", "/tmp/escaped"):
        with pytest.raises(BrokenRecord, match="does not belong to its run"):
            store.write(record() | {"key": key})


def test_check_names_every_broken_file_and_fails(store, record, measurement, capsys, monkeypatch):
    paths = [store.write(record(seed=seed)) for seed in range(3)] + [store.write(measurement())]
    paths[0].write_text("{")
    spoil(paths[1], metrics={"test_top1": 99.0})
    monkeypatch.setattr(sys, "argv", ["convscale", "records", "check", *map(str, paths)])
    with pytest.raises(SystemExit, match="broken: 2 of 4 records"):
        main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("sound") for line in lines] == [False, False, True, True]
    assert all(str(path) in line for path, line in zip(paths, lines, strict=True))


def test_local_store_is_where_the_user_says(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCALE_RECORDS", str(tmp_path / "mine"))
    assert local().root == tmp_path / "mine"


def test_published_records_are_sound():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(published().runs()) and list(published().measurements())
