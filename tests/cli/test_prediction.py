"""`convscale predict` as people use it, on what `convscale train` kept."""

import re

import numpy as np
import pandas as pd
from PIL import Image

TRAIN = "train --model efficientnetv2-tiny --data images --epochs 1 --batch-size 16 --image-size 16,24 --workers 0 "


def test_predictions_of_the_test_images_are_as_good_as_evaluation_says(here, convscale):
    convscale(TRAIN + "--out kept")
    _, out, _ = convscale("evaluate --weights kept/best.safetensors --data images --workers 0")
    (here / "images/val/notes.txt").write_text("")
    broken = here / "images/val/digit-0/broken.png"
    broken.write_bytes(b"no image")
    code, said, err = convscale("predict --weights kept/best.safetensors images/val --workers 0 -o out/answers.csv")
    table = pd.read_csv("out/answers.csv")
    count = len(table)
    assert code is None and "note: passed over in images/val: .txt files: 1 (notes.txt)\n" in said
    assert f"{count:,} of {count + 1:,} images, at 24 px, the whole image, bilinear: out/answers.csv\n" in said
    assert f"1 of {count + 1:,} images was unreadable and left out:\n  {broken.relative_to(here)}" in err
    right = np.mean([name in file for name, file in zip(table["class"], table["file"], strict=True)])
    assert round(100 * right, 3) == float(re.search(r"top-1 (\S+) %", out)[1])
    assert list(table.columns) == ["file", "class", "probability"] + [
        f"{c}_{n}" for n in (2, 3, 4) for c in ("class", "probability")
    ]
    first = (here / "out/answers.csv").read_bytes()
    convscale("predict --weights kept/best.safetensors images/val --workers 0 -o out/answers.csv")
    assert (here / "out/answers.csv").read_bytes() == first


def test_what_cannot_be_predicted_is_one_sentence(here, convscale):
    image = here / "one.png"
    Image.new("RGB", (8, 8)).save(image)
    assert "no weights at absent" in convscale("predict --weights absent one.png")[0]
    convscale(TRAIN + "--out kept")
    weights = "predict --weights kept/best.safetensors --workers 0"
    assert convscale(f"{weights} gone one.png none")[0] == "convscale: no such file or folder: gone, none"
    (here / "taken").write_text("")
    assert convscale(f"{weights} one.png -o taken/out.csv")[0].startswith("convscale: cannot write into taken (")
    assert "does not take images of 1 px" in convscale(f"{weights} one.png --image-size 1")[0]
    assert "unknown device 'gpu'" in convscale(f"{weights} one.png --device gpu")[0]
    assert not (here / "predictions.csv").exists()
