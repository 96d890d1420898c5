"""Loading and exporting: round trips through files and libraries, and refusals that leave the model as it was."""

import copy
import pickle

import pytest
import timm
import torch
import torchvision
from safetensors.torch import load_file, save_file

from convscale.models import build, export_weights, load_weights, style_of, table
from convscale.models.layouts import layouts

NAME, TIMM = "efficientnetv2-b0", "tf_efficientnetv2_b0"


@pytest.fixture(scope="module")
def both():
    """Our network and timm's, of which each test gets copies: to draw weights takes longer."""
    return build(NAME, num_classes=7), timm.create_model(TIMM, num_classes=7)


@pytest.fixture
def model(both):
    return copy.deepcopy(both[0])


@pytest.fixture
def reference(both):
    return copy.deepcopy(both[1])


def state_of(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def same_state(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def refused(model, source, match, error=ValueError, **options):
    """Loading raises `error` and changes nothing."""
    before = state_of(model)
    with pytest.raises(error, match=match) as caught:
        load_weights(model, source, **options)
    assert same_state(before, state_of(model))
    return str(caught.value)


def agree(model, module):
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(x), module.eval()(x), rtol=1e-4, atol=1e-4)


def test_from_a_timm_module(model, reference):
    assert load_weights(model, reference) is model
    agree(model, reference)


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_from_a_file_with_timm_names(model, reference, tmp_path, suffix):
    path = tmp_path / f"weights.{suffix}"
    if suffix == "safetensors":
        save_file(reference.state_dict(), path)
    else:
        torch.save({"state_dict": reference.state_dict()}, path)
    load_weights(model, path)
    agree(model, reference)


def test_from_a_torchvision_module():
    reference = torchvision.models.get_model("efficientnet_v2_s")
    model = load_weights(build("efficientnetv2-s", **style_of(reference)), reference)
    agree(model, reference)


@pytest.mark.parametrize("layout", ["convscale", "timm"])
def test_round_trip_through_a_file(model, tmp_path, layout):
    path = tmp_path / "weights.safetensors"
    export_weights(model, path, layout=layout)
    assert load_file(path).keys() == (model if layout == "convscale" else timm.create_model(TIMM)).state_dict().keys()
    assert same_state(state_of(load_weights(build(NAME, num_classes=7), path)), state_of(model))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_timm_reads_our_export(model, tmp_path):
    path = tmp_path / "weights.safetensors"
    export_weights(model, path, layout="timm")
    agree(model, timm.create_model(TIMM, num_classes=7, checkpoint_path=str(path)))


def test_export_to_a_module(model, reference):
    export_weights(model, reference)
    agree(model, reference)


def test_pretrained_weights_come_from_timm(model, reference, monkeypatch):
    monkeypatch.setattr(timm, "create_model", lambda name, **options: reference)
    load_weights(model, f"timm:{TIMM}.in1k")
    agree(model, reference)


def test_classifier_of_other_classes(model):
    reference = timm.create_model(TIMM, num_classes=10)
    message = refused(model, reference, r"misshaped \(2\): classifier.weight \(10, 1280\), not \(7, 1280\)")
    assert "classifier=False" in message
    own = model.classifier.weight.clone()
    load_weights(model, reference, classifier=False)
    assert torch.equal(model.classifier.weight, own)
    assert torch.equal(model.stem[0].weight, reference.conv_stem.weight)


def test_mismatch_lists_every_kind_and_loads_nothing(model, reference, tmp_path):
    state = state_of(reference)
    del state["conv_head.weight"]
    state["surplus"] = torch.zeros(1)
    state["conv_stem.weight"] = torch.zeros(32, 3, 5, 5)
    path = tmp_path / "weights.safetensors"
    save_file(state, path)
    message = refused(model, path, "nothing was loaded")
    assert "missing (1): conv_head.weight" in message
    assert "unexpected (1): surplus" in message
    assert "misshaped (1): conv_stem.weight (32, 3, 5, 5), not (32, 3, 3, 3)" in message
    assert "classifier=False" not in message


def test_another_network_is_refused(model):
    reference = timm.create_model("tf_efficientnetv2_b1", num_classes=7)
    message = refused(model, reference, "does not fit efficientnetv2-b0 with 7 classes")
    assert "unexpected (96): blocks.0.1.conv.weight, " in message
    assert message.endswith(", ...")


def test_batch_counts_are_not_needed(model, reference, tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({n: t for n, t in reference.state_dict().items() if not n.endswith("num_batches_tracked")}, path)
    agree(load_weights(model, path), reference)


def test_other_padding_is_refused():
    reference = timm.create_model("efficientnet_b0")
    message = refused(build("efficientnet-b0"), reference, "other padding or batch-norm epsilon")
    assert "build('efficientnet-b0', padding='symmetric', bn_eps=1e-05)" in message
    model = build("efficientnet-b0", padding="symmetric", bn_eps=1e-5)
    agree(load_weights(model, reference), reference)
    with pytest.raises(ValueError, match="other padding"):
        export_weights(build("efficientnet-b0"), reference)


def test_a_torchvision_file_implies_its_padding(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(torchvision.models.get_model("efficientnet_v2_s").state_dict(), path)
    refused(build("efficientnetv2-s"), path, "padding='symmetric'")
    load_weights(build("efficientnetv2-s", padding="symmetric"), path)


class Payload:
    """A pickle that would write a file when loaded without care."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_code_in_a_checkpoint_does_not_run(model, tmp_path):
    path, mark = tmp_path / "weights.pth", tmp_path / "ran"
    torch.save({"state_dict": Payload(mark)}, path)
    refused(model, path, "not a whole file of tensors only")
    path.write_bytes(pickle.dumps(Payload(mark)))
    refused(model, path, "not a whole file of tensors only")
    assert not mark.exists()


WRAPPED = {
    "alone": lambda state: state,
    "state_dict": lambda state: {"state_dict": state, "epoch": 3},
    "net": lambda state: {"net": state, "optimizer": {"lr": torch.tensor(0.1)}},
    "model_state_dict": lambda state: {"model_state_dict": state, "best": torch.tensor(0.5)},
    "nested": lambda state: {"model": {"state_dict": state}},
    "averages of no weights": lambda state: {"ema": {"decay": 0.99}, "model_ema": {}, "state_dict": state},
    "averaged": lambda state: {"state_dict": {}, "state_dict_ema": state},
    "parallel": lambda state: {"net": {f"module.{name}": tensor for name, tensor in state.items()}},
    "compiled": lambda state: {f"module._orig_mod.{name}": tensor for name, tensor in state.items()},
    "lightning": lambda state: {"state_dict": {f"model.{name}": tensor for name, tensor in state.items()}},
}


@pytest.mark.parametrize("how", WRAPPED)
def test_files_of_training_scripts_are_read(how, tmp_path):
    kept, fresh = build("efficientnetv2-tiny", 3), build("efficientnetv2-tiny", 3)
    torch.save(WRAPPED[how](kept.state_dict()), tmp_path / "kept.pth")
    load_weights(fresh, tmp_path / "kept.pth")
    assert all(torch.equal(tensor, kept.state_dict()[name]) for name, tensor in fresh.state_dict().items())


@pytest.mark.parametrize("name", ["KEPT.SAFETENSORS", "kept.pth", "kept"])
def test_what_a_file_holds_tells_its_kind(name, tmp_path):
    kept, fresh = build("efficientnetv2-tiny", 3), build("efficientnetv2-tiny", 3)
    export_weights(kept, tmp_path / name)
    load_weights(fresh, tmp_path / name)
    torch.save(fresh.state_dict(), tmp_path / "other.safetensors")
    load_weights(build("efficientnetv2-tiny", 3), tmp_path / "other.safetensors")
    assert all(torch.equal(tensor, kept.state_dict()[key]) for key, tensor in fresh.state_dict().items())


def test_a_page_saved_as_weights_is_no_file_of_weights(model, tmp_path):
    for name in ("page.pth", "page.safetensors"):
        (tmp_path / name).write_text("<!DOCTYPE html><title>404</title>")
        refused(model, tmp_path / name, "damaged or no file of weights: fetch it again .neither safetensors nor torch")


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
@pytest.mark.parametrize("left", [0, 1, 7, 100, -5000])
def test_files_that_were_cut_off_are_one_sentence(ending, left, tmp_path):
    model, path = build("efficientnetv2-tiny", 3), tmp_path / f"half.{ending}"
    torch.save(model.state_dict(), path) if ending == "pth" else export_weights(model, path)
    path.write_bytes(path.read_bytes()[:left])
    refused(model, path, "is empty" if left == 0 else "half")


def test_files_without_weights_say_what_they_hold(model, tmp_path):
    for found, words in (
        ({"epoch": 3}, "holds no weights by name but epoch"),
        ([torch.zeros(2)], "holds no weights by name"),
    ):
        torch.save(found, tmp_path / "other.pth")
        refused(model, tmp_path / "other.pth", words)


def test_missing_file(model, tmp_path):
    refused(model, tmp_path / "none.safetensors", "no weights at", FileNotFoundError)


def test_unknown_timm_names(model):
    refused(model, "timm:tf_efficientnetv2_b00", "did you mean tf_efficientnetv2_b0")
    refused(model, f"timm:{TIMM}.in22k", "unknown pretrained timm model")


def test_offline_says_so(model, monkeypatch):
    def unreachable(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr(timm, "create_model", unreachable)
    refused(model, f"timm:{TIMM}", "Offline", RuntimeError)


def test_a_model_without_reference_has_only_its_own_layout(tmp_path):
    tiny = build("efficientnetv2-tiny", num_classes=3)
    with pytest.raises(ValueError, match="unknown layout of efficientnetv2-tiny 'timm'"):
        export_weights(tiny, tmp_path / "weights.safetensors", layout="timm")
    changed = build(table(NAME), head=640)
    assert layouts(changed).keys() == {"convscale"}
