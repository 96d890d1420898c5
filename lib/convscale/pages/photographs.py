"""Photographs as augmentation leaves them, in a grid of small images that are part of the page."""

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from ..augment import OPERATIONS, randaugment
from ..augment.operations import MAX_LEVEL, Reach, Spot
from ..augment.pil_ops import FILL
from ..datasets.photographs import photograph
from ..drawing import Drawing
from ..drawing.ink import NARROW
from ..recipes import Pixels, Stage

SHOWN = 0.5  # of an image's own size: keeps a page small, and sizes comparable
QUALITY = 70  # of JPEG
MIDDLE = Spot(0.5, 0.5)
BARE = "padding:0;background:none;border-radius:0"  # the theme frames images on its dark page
DRAWS = 10_000  # of Beta, for its mean


class Picture(NamedTuple):
    """One image of a grid: `px` is its size in training, `alt` what it shows."""

    image: Image.Image
    px: int
    alt: str


def square(name: str, px: int) -> Image.Image:
    """The middle of a photograph at `px` x `px`."""
    return ImageOps.fit(photograph(name), (px, px), Image.Resampling.BILINEAR)


def augmented(name: str, stage: Stage, seed: int) -> Image.Image:
    """A photograph as RandAugment of the released code leaves it in `stage`: the same draws at every magnitude."""
    return randaugment(square(name, stage.image_size), stage.randaugment, np.random.default_rng(seed))


def mean_weight(alpha: float) -> float:
    """Mean weight of an image in its own mixture: of max(w, 1 - w), w ~ Beta(alpha, alpha)."""
    draws = np.random.default_rng(0).beta(alpha, alpha, DRAWS) if alpha else np.ones(1)
    return float(np.maximum(draws, 1 - draws).mean())


def mixed(first: Image.Image, second: Image.Image, alpha: float) -> Image.Image:
    """`first` with `second`, by mixup's mean weight."""
    return Image.blend(second, first, mean_weight(alpha))


def operated(image: Image.Image, operation: str, magnitude: float, pixels: Pixels) -> Image.Image:
    """One operation of RandAugment at `magnitude`, with distances of `pixels`, about the middle."""
    row = OPERATIONS[operation]
    argument = row.argument(magnitude / MAX_LEVEL, Reach(pixels.translate, pixels.translate, pixels.cutout))
    return row.pil(image, argument, MIDDLE, {"resample": Image.Resampling.NEAREST, "fillcolor": FILL})


def data_uri(image: Image.Image, px: int) -> str:
    """A JPEG of `px` x `px` as an address that holds it."""
    file = io.BytesIO()
    image.resize((px, px), Image.Resampling.BOX).save(file, "JPEG", quality=QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def cell(picture: Picture, largest: int) -> str:
    address = data_uri(picture.image, round(SHOWN * picture.px))
    style = f"display:block;width:{100 * picture.px / largest:.3g}%;height:auto;{BARE}"
    return f'<img class="dark-light" src="{address}" alt="{escape(picture.alt)}" style="{style}">'


def photo_grid(
    heads: Sequence[str],
    rows: Mapping[str, Sequence[Picture]],
    *,
    name: str,
    title: str,
    subtitle: str,
    caption: str,
    data: pd.DataFrame,
) -> Drawing:
    """Images in rows under `heads`; each is as wide as its share of the largest one, so that sizes can be compared.

    A row's name stands above it, as there is no room beside it on a phone.
    """
    largest = max((picture.px for pictures in rows.values() for picture in pictures), default=1)
    text = "font:12px/1.4 var(--sf-text, system-ui, sans-serif);color:var(--sf-soft, #48566b)"
    across = f"grid-column:1/-1;{text};margin-top:6px"
    parts = [f'<div style="{text};align-self:start">{escape(head)}</div>' for head in heads]
    for row, pictures in rows.items():
        parts.append(f'<div style="{across}">{escape(row)}</div>')
        parts += [f"<div>{cell(picture, largest)}</div>" for picture in pictures]
    style = f"display:grid;grid-template-columns:repeat({len(heads)},1fr);gap:4px 8px;align-items:end"
    html = f'<div class="sf-photos" style="{style}">{"".join(parts)}</div>'
    return Drawing(name, title, subtitle, caption, lambda width: "" if width == NARROW else html, data)


def training_pictures(stages: Sequence[Stage], chosen: dict[str, tuple[int, str]], **words: str) -> Drawing:
    """V2 Figure 4 from real photographs: name -> seed of its draws, and the operations that this seed draws.

    The first two are mixed in a last row.
    """
    heads = [f"Stage {i}: {stage.image_size} px, magnitude {stage.randaugment:g}" for i, stage in enumerate(stages, 1)]
    images = {name: [augmented(name, stage, seed) for stage in stages] for name, (seed, _) in chosen.items()}

    def row(pictures: Sequence[Image.Image], what: str) -> list[Picture]:
        pairs = zip(pictures, stages, strict=True)
        return [
            Picture(image, s.image_size, f"{what} at {s.image_size} px, RandAugment {s.randaugment:g}")
            for image, s in pairs
        ]

    rows = {chosen[name][1]: row(pictures, name) for name, pictures in images.items()}
    (one, first), (two, second), *_ = images.items()
    both = [mixed(a, b, stage.mixup) for a, b, stage in zip(first, second, stages, strict=True)]
    weights = ", ".join(f"{mean_weight(stage.mixup):.2f}" for stage in stages)
    rows[f"Mixup of the first two, by its mean weight: {weights}"] = row(both, f"{one} mixed with {two}")
    data = pd.DataFrame(
        {
            "stage": range(1, len(stages) + 1),
            "image_size": [stage.image_size for stage in stages],
            "randaugment": [stage.randaugment for stage in stages],
            "mixup": [stage.mixup for stage in stages],
            "mean_weight": [mean_weight(stage.mixup) for stage in stages],
            "dropout": [stage.dropout for stage in stages],
        }
    )
    return photo_grid(heads, rows, data=data, **words)


def distance_pictures(sizes: Sequence[int], magnitude: float, photo: str, **words: str) -> Drawing:
    """What a translation and a cutout at one magnitude leave of images of several sizes: with distances in pixels, as
    released, and as shares of the image."""
    rows: dict[str, list[Picture]] = {
        "As it is": [Picture(square(photo, px), px, f"{photo} at {px} px") for px in sizes]
    }
    found = []
    for operation in ("TranslateX", "Cutout"):
        for how in ("pixels", "shares"):
            distances = [Pixels() if how == "pixels" else Pixels().at(px) for px in sizes]
            moved = [
                (p.translate if operation == "TranslateX" else p.cutout) * magnitude / MAX_LEVEL for p in distances
            ]
            given = "px, as released" if how == "pixels" else "px, the same share of each image"
            half = "half a side of " if operation == "Cutout" else ""
            label = f"{operation}: {half}{', '.join(f'{value:.0f}' for value in dict.fromkeys(moved))} {given}"
            rows[label] = [
                Picture(
                    operated(square(photo, px), operation, magnitude, distance),
                    px,
                    f"{photo} at {px} px after {operation} with distances in {how}",
                )
                for px, distance in zip(sizes, distances, strict=True)
            ]
            found += [
                {"operation": operation, "distances": how, "image_size": px, "magnitude": magnitude, "px": value}
                for px, value in zip(sizes, moved, strict=True)
            ]
    return photo_grid([f"{px} px" for px in sizes], rows, data=pd.DataFrame(found), **words)
