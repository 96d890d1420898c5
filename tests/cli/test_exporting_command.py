"""`convscale export` as people use it."""

import json

import timm


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
    told = json.loads((here / "kept/best.timm.json").read_text())
    assert told["classes"] == ["digit-0", "digit-1", "digit-2", "digit-3"]


def test_what_cannot_be_exported_is_one_sentence(here, convscale, kept):
    assert "no weights at absent" in convscale("export --weights absent --format timm")[0]
    assert "unknown format 'onx': did you mean onnx" in convscale(f"export --weights {kept} --format onx")[0]
    said = convscale(f"export --weights {kept} --format timm -o out.safetensors")[0]
    assert said == "convscale: timm has no network efficientnetv2-tiny: export it as onnx, safetensors"
    said = convscale(f"export --weights {kept} --format safetensors -o out.onnx")[0]
    assert said == "convscale: out.onnx: name another file, with the ending .plain.safetensors"
    assert "name another file" in convscale(f"export --weights {kept} --format safetensors -o {kept}")[0]
    assert not list(here.glob("out*"))
