"""`convscale export` as people use it."""

import contextlib
import json
import re

import safetensors.torch
import timm
import torch

from convscale.models import build


def test_kept_weights_go_to_plain_timm(here, convscale):
    convscale(
        "train --model timm:resnet10t --data images --epochs 1 --batch-size 32 --image-size 32 --workers 0 --out kept "
        "--set curve_points=1"
    )
    code, out, _ = convscale("export --weights kept/best.safetensors --format timm")
    assert code is None
    assert "timm:resnet10t for 4 classes: kept/best.timm.safetensors\n" in out
    assert "use: timm.create_model('resnet10t', num_classes=4, checkpoint_path='best.timm.safetensors')" in out
    assert timm.create_model("resnet10t", num_classes=4, checkpoint_path="kept/best.timm.safetensors").num_classes == 4
    line = "timm.create_model('resnet10t', num_classes=4, checkpoint_path='best.safetensors')"
    assert f"The weights alone, in plain timm: `{line}`\n" in (here / "kept/README.md").read_text()
    told = json.loads((here / "kept/best.timm.json").read_text())
    assert told["classes"] == ["digit-0", "digit-1", "digit-2", "digit-3"]
    _, out, _ = convscale("export --weights kept/best.safetensors --format safetensors")
    line = out.partition("use: ")[2].partition("  #")[0]
    with contextlib.chdir(here / "kept"):
        loaded = eval(line, {"build": build, "safetensors": safetensors})
    assert loaded.missing_keys == loaded.unexpected_keys == []


def test_transformers_load_in_timm_as_their_card_says(here, convscale):
    """They were trained at other sizes than timm's own."""
    convscale(
        "train --model timm:vit_tiny_patch16_224 --data images --epochs 1 --batch-size 32 --image-size 32 --workers 0 "
        "--out kept --set curve_points=1"
    )
    line = re.search(r"in plain timm: `(.*)`", (here / "kept/README.md").read_text())[1]
    with contextlib.chdir(here / "kept"):
        assert eval(line, {"timm": timm})(torch.zeros(1, 3, 32, 32)).shape == (1, 4)


def test_what_cannot_be_exported_is_one_sentence(here, convscale, kept):
    assert "no weights at absent" in convscale("export --weights absent --format timm")[0]
    assert "unknown format 'onx': did you mean onnx" in convscale(f"export --weights {kept} --format onx")[0]
    said = convscale(f"export --weights {kept} --format timm -o out.safetensors")[0]
    assert said == "convscale: timm has no network efficientnetv2-tiny: export it as onnx, safetensors"
    said = convscale(f"export --weights {kept} --format safetensors -o out.onnx")[0]
    assert said == "convscale: out.onnx: name another file, with the ending .plain.safetensors"
    assert "name another file" in convscale(f"export --weights {kept} --format safetensors -o {kept}")[0]
    assert not list(here.glob("out*"))
