"""The benchmarks at tiny size: every goal gets a line, and the loops that are compared do the same."""

import pandas as pd
import pytest
import torch

from benchmarks import (
    commands,
    compilation,
    memory,
    networks,
    optimizers,
    peaks,
    precision,
    record_tables,
    settings,
    small_images,
    training,
)
from benchmarks.engine_loop import trainer_for
from benchmarks.settings import Setting
from benchmarks.training import COLUMNS, Bare, compare_training, line, write_images
from convscale.datasets import images
from convscale.devices import pick, resident_peak, seam
from convscale.measure import Case

SMALL = Setting("mobilenetv3_small_050", 32, 8, 1, 16, (0, 1))


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(training, "SETTINGS", {"cpu": SMALL})
    monkeypatch.setattr(training, "LAYOUTS", (("efficientnetv2-tiny", 32, 2, 1.6),))
    monkeypatch.setattr(training, "STAGES", {"cpu": ((16, 32), "efficientnetv2-tiny", 4)})
    monkeypatch.setattr(training, "peak_of", lambda device, make, *args: len(make(*args).__name__))


@pytest.mark.filterwarnings("ignore:timm.mobilenetv3:UserWarning")
def test_every_goal_of_training_has_a_line(small):
    table = compare_training(pick("cpu"), rounds=1)
    assert list(table.columns) == COLUMNS
    words = ("batches ready", "0 loading", "1 loading", "timm's loop", "peak memory", "stages of 16, 32", "NCHW")
    assert all(table["what"].str.contains(word).any() for word in words)
    assert set(table.loc[table["goal"] != "", "met"]) <= {"yes", "no"} and (table["ratio"] > 0).sum() >= len(table) - 1
    assert "16 JPEG files" in table.attrs["protocol"]


def test_memory_is_compared_process_by_process(monkeypatch, tmp_path):
    asked = []

    def known(who, root, precision, kept):
        asked.append((who, precision, kept))
        least = {"timm": 300, "ours": 240 if precision == "float32" else 400}[who] * memory.MIB
        return dict(imported=100 * memory.MIB, built=200 * memory.MIB, trained=least)

    monkeypatch.setattr(memory, "IMAGES", 4)
    monkeypatch.setattr(memory, "peaks", known)
    table = memory.compare_memory(pick("cpu"), rounds=9)
    assert len(asked) == memory.ROUNDS * 2 * len(memory.WAYS) and asked[:2] == [
        ("timm", "float32", "none kept"),
        ("ours", "float32", "none kept"),
    ]
    assert table["ratio"].tolist() == [1.25, 0.75, 0.75] and table["met"].tolist() == ["yes", "no", ""]
    assert table["timm"].tolist() == [300] * 3 and table["built"].tolist() == [200] * 3
    gpu = pick("cpu")
    gpu.kind = "cuda"
    with pytest.raises(ValueError, match="is for a CPU"):
        memory.compare_memory(gpu)


@pytest.mark.filterwarnings("ignore:timm.mobilenetv3:UserWarning")
@pytest.mark.parametrize("way", [peaks.ours, peaks.timms])
def test_a_training_tells_its_peaks(way, monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "SETTINGS", {"cpu": SMALL})
    monkeypatch.setattr(images, "CACHE_BYTES", images.CACHE_BYTES)  # which `ours` changes, in a process of its own
    write_images(tmp_path, 16)
    found = way(tmp_path, "float32", "none kept", 2)
    assert list(found) == ["imported", "built", "trained"]
    assert 2**20 < found["imported"] <= found["built"] <= found["trained"] <= resident_peak()


def test_a_process_that_fails_is_named(monkeypatch):
    monkeypatch.setattr("sys.executable", "false")
    with pytest.raises(RuntimeError, match="peaks timm here float32 none kept 8 ended with 1"):
        memory.peaks("timm", "here", "float32", "none kept")


@pytest.mark.parametrize(("goal", "met"), [(2.0, "yes"), (2.1, "no"), (None, "")])
def test_a_line_compares_round_by_round(goal, met):
    found = line("a / b", pd.Series([2.0, 3.0, 8.0]), pd.Series([1.0, 2.0, 2.0]), goal, steps=2)
    assert (found["ratio"], found["min"], found["max"], found["met"]) == (2.0, 1.5, 4.0, met)
    assert found["seconds"] == 1.0


@pytest.mark.filterwarnings("ignore:timm.mobilenetv3:UserWarning")
def test_both_loops_train_the_same_network_on_the_same_images(tmp_path):
    write_images(tmp_path, 16)
    device = pick("cpu")
    trainer, bare = trainer_for(SMALL, tmp_path, device), Bare(SMALL, device)
    theirs = training.timm_loop.TimmLoop(SMALL.model, 4, 0.2, 0.2, "float32", device)
    shapes = [[p.shape for p in m.parameters()] for m in (trainer.take_step.model, bare.model, theirs.model)]
    assert shapes[0] == shapes[1] == shapes[2]
    batches = training.timm_loop.images(tmp_path, 32, 8, "rand-m9", 0, device)
    for _ in range(3):  # more than an epoch of two batches
        x_BCHW, labels_B = next(batches)
        assert x_BCHW.shape == (8, 3, 32, 32) and x_BCHW.dtype == torch.float32 and x_BCHW.abs().max() <= 1
        before = theirs.losses.count
        theirs(x_BCHW, labels_B)
        assert theirs.losses.count == before + 8
    assert set(next(iter(trainer.loader())).labels.tolist()) <= set(range(4))


@pytest.mark.parametrize(
    ("compare", "words"),
    [
        (compare_training, "does not run on xla: cpu, cuda"),
        (optimizers.compare_optimizers, "do not run on xla: cpu, cuda"),
        (precision.compare_precision, "this is xla: cpu"),
    ],
)
def test_xla_is_refused_before_any_work(compare, words):
    device = pick("cpu")
    device.kind = "xla"
    with pytest.raises(ValueError, match=words):
        compare(device)


@pytest.mark.parametrize("instructions", [(), ("avx512_bf16",)])
def test_auto_is_compared_with_both_precisions(monkeypatch, instructions):
    monkeypatch.setattr(seam, "bfloat16_hardware", lambda: instructions)
    monkeypatch.setattr(precision, "CASES", (Case("efficientnet-b0", (32, 64), 2),))
    monkeypatch.setattr(precision, "SAVED", {("efficientnet-b0", 64): 1.35})
    seconds = {"bfloat16 throughout": 3.0, "float32": 2.0, "bfloat16": 1.0}
    compared = []

    def timed(work, rounds, device):
        compared.extend(work)
        return pd.DataFrame([{name: seconds[name] for name in work}] * rounds)

    monkeypatch.setattr(precision, "seconds_by_round", timed)
    table = precision.compare_precision(pick("cpu"), rounds=2)
    assert compared == list(seconds) * 2
    if instructions:
        assert table["ratio"].tolist() == [1.0, 3.0] * 2 and table["goal"].tolist() == [0.95, "", 0.95, 1.35]
    else:
        assert table["ratio"].tolist() == [0.5, 0.5] and table["met"].tolist() == ["no", "no"]
        assert table["what"].str.contains(r"better precision \(bfloat16\) / auto \(float32\)").all()


def test_bfloat16_throughout_is_without_what_the_engine_does_for_depthwise_convolutions(monkeypatch):
    monkeypatch.setattr(seam, "bfloat16_hardware", lambda: ("avx512_bf16",))
    monkeypatch.setattr(precision, "CASES", (Case("efficientnetv2-tiny", (16,), 2),))
    kinds = []

    def look(model, case, device, asked):
        kinds.append((asked, {type(m) for m in model.modules() if isinstance(m, torch.nn.Conv2d) and m.groups > 1}))
        return [lambda: None]

    monkeypatch.setattr(precision, "steps_of", look)
    precision.compare_precision(pick("cpu"), rounds=1)
    (_, plain), (_, exact), (asked, engine) = kinds
    assert asked == "bfloat16" and engine == exact and not plain & engine


def test_adamw_is_compared_with_its_foreach_way(monkeypatch):
    monkeypatch.setattr(optimizers, "CASE", Case("efficientnetv2-tiny", (16,), 2))
    table = optimizers.compare_optimizers(pick("cpu"), rounds=1)
    assert list(table.columns) == COLUMNS and table["goal"].tolist() == [optimizers.STEP, optimizers.ALONE]
    assert (table["ratio"] > 0).all() and "efficientnetv2-tiny at 16 px, batch 2" in table["what"][0]


def test_networks_are_compared_with_timms(monkeypatch):
    monkeypatch.setattr(networks, "PAIRS", (("efficientnetv2-b0", "tf_efficientnetv2_b0", 32, 2),))
    table = networks.compare_networks(pick("cpu"), rounds=1)
    assert table["library"].tolist() == ["timm", "convscale"] * 2 and table["what"].unique().tolist() == [
        "forward",
        "step",
    ]
    assert (table["ratio"] > 0).all() and "float32" in table.attrs["protocol"]


def test_small_images_are_the_same_before_and_now(monkeypatch):
    """The ways that are compared see the same pixels; every goal has a line."""
    monkeypatch.setattr(small_images, "COUNT", 64)
    monkeypatch.setattr(small_images, "TURN", 1)
    monkeypatch.setattr(torch, "compile", lambda model, dynamic: model)
    seen = {}

    def once(work, rounds, **more):
        for call in work.values():
            call()
        return pd.DataFrame({name: [1.0] for name in work})

    def notes(step, batches):
        def call():
            batch = next(batches)
            seen.setdefault(len(seen), batch.x_BCHW.contiguous().numpy().tobytes())
            step(batch)

        return call

    monkeypatch.setattr(small_images, "seconds_by_round", once)
    monkeypatch.setattr(small_images, "turn", notes)
    table = small_images.compare_small_images(pick("cpu"), rounds=1)
    assert len(table) == len(small_images.SIZES) + 4 and (table["goal"] != "").sum() == 7
    pixels = list(seen.values())
    assert all(pixels[i] == pixels[i + 1] for i in range(0, 8, 2))
    assert pixels[8] == pixels[9] == pixels[10] != pixels[11] == pixels[12] == pixels[13]


def test_compilation_is_timed_apart_from_the_steps(monkeypatch):
    monkeypatch.setattr(compilation, "CASES", {"cpu": Case("efficientnetv2-tiny", (16,), 2)})
    monkeypatch.setattr(torch, "compile", lambda model, dynamic: model)
    monkeypatch.setattr(compilation, "compile_time", lambda call, device: 5.0)
    times = pd.DataFrame({"eager": [0.3, 0.3], "compiled": [0.2, 0.2]})
    monkeypatch.setattr(compilation, "seconds_by_round", lambda work, rounds, device: times[list(work)])
    found = compilation.compare_compiled(pick("cpu"), rounds=2).iloc[0]
    assert (found["compile"], found["ratio"]) == (5.0, pytest.approx(1.5))
    assert found["pays_after"] == pytest.approx(50)


def test_a_table_of_records_is_written_and_read():
    found = record_tables.time_record_tables(50)
    assert found["records"].item() == 50 and found["read in s"].item() > 0


def test_commands_are_compared_with_importing_pandas():
    table = commands.compare_commands(rounds=1, commands={"show": 100.0, "claims": 0.01}).set_index("command")
    assert list(table.index) == ["import pandas", "show", "claims"] and table.loc["import pandas", "ratio"] == 1
    assert table["met"].tolist() == ["yes", "yes", "no"]
    assert table.loc["claims", "seconds"] > table.loc["show", "seconds"] > 0
