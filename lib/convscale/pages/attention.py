"""EfficientNet Figure 7 with published networks on real photographs: class activation maps, and what they are worth."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from ..datasets.photographs import photograph
from ..drawing import Drawing
from ..evidence.statistics import mean_interval
from ..files import installed_file
from ..models.tables import table
from .photographs import Picture, photo_grid
from .tables import BookTable
from .words import signed

if TYPE_CHECKING:
    from torch import Tensor

NETWORKS = {"efficientnet-lite0": "Lite0", "efficientnet-lite2": "Lite2"}  # the second is the first, compound-scaled
PHOTOS = ("cat", "coffee", "motorcycle", "camera")
FLOOR = 0.2  # of an image's brightness where a map is 0
PX = 320  # nominal width of a picture; half of it is what the page holds
STEPS = 8  # of deletion and insertion on the page
IMAGENET = "data/_info/imagenet_synsets.txt", "data/_info/imagenet_synset_to_lemma.txt"  # of timm


class Seen(NamedTuple):
    """An image as a network takes it, x_1CHW normalised and as a picture, and the probabilities of all classes."""

    x: "Tensor"
    picture: Image.Image
    probabilities: "Tensor"


@cache
def network(name: str) -> Any:
    """A network of NETWORKS with its published weights, in evaluation. Raises FileNotFoundError as `package_file`."""
    from ..models import build, load_weights

    return load_weights(build(name), "package").eval()


def seen(name: str, image: Image.Image) -> Seen:
    """What network `name` makes of an image, prepared as its weights expect."""
    import torch

    from ..augment.eval_pixels import papers_pixels
    from ..augment.normalisation import normalise
    from ..models import released_preprocessing

    pixels = papers_pixels(released_preprocessing(name))
    picture = pixels.transform(image)
    assert isinstance(picture, Image.Image)
    x = normalise(torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None], pixels.normalisation)
    with torch.no_grad():
        return Seen(x, picture, network(name)(x).softmax(1)[0])


def imagenet_classes() -> dict[str, tuple[int, str]]:
    """Synset -> number of the class and its first name, as timm keeps them; no import of timm, which takes seconds."""
    synsets, lemmas = (installed_file("timm", file) for file in IMAGENET)
    assert synsets is not None and lemmas is not None, "timm is a dependency"
    names = dict(line.split("\t") for line in lemmas.read_text(encoding="utf-8").splitlines())
    return {s: (i, names[s].partition(",")[0]) for i, s in enumerate(synsets.read_text(encoding="utf-8").split())}


def spotlight(picture: Image.Image, map_HW: "Tensor") -> Image.Image:
    """The picture, dark where the map is 0 and as it is where the map is 1."""
    light = FLOOR + (1 - FLOOR) * map_HW.numpy()[..., None]
    return Image.fromarray((np.asarray(picture) * light).round().astype(np.uint8))


class Looked(NamedTuple):
    """Where a network looks for a class of a photograph, and how much the class depends on it."""

    photo: str
    network: str
    label: str
    probability: float
    cells: int  # of the map, a side
    half_area: float  # share of the picture that holds half of the map
    picture: Image.Image
    deletion: float
    insertion: float


@cache
def looked() -> list[Looked]:
    """Both networks at every photograph, for the class that both together find likeliest."""
    from ..measure.activation_maps import activation_map, deletion_insertion, enlarged, half_area

    names = {number: name for number, name in imagenet_classes().values()}
    found = []
    for photo in PHOTOS:
        views = {name: seen(name, photograph(photo)) for name in NETWORKS}
        label = int(sum(view.probabilities for view in views.values()).argmax())  # type: ignore[union-attr]
        for name, view in views.items():
            small = activation_map(network(name), view.x, label)
            large = enlarged(small, view.x.shape[-1])
            effect = deletion_insertion(network(name), view.x, large, label, STEPS)
            found.append(
                Looked(
                    photo,
                    name,
                    names[label],
                    float(view.probabilities[label]),
                    len(small),
                    half_area(large),
                    spotlight(view.picture, large),
                    effect.deletion,
                    effect.insertion,
                )
            )
    return found


def frame() -> pd.DataFrame:
    """What the figure shows, as numbers."""
    return pd.DataFrame([row._asdict() for row in looked()]).drop(columns="picture")


def halves() -> str:
    """On how much of a photograph half of a map lies, of each network: the least and the most."""
    found = []
    for network_name, short in NETWORKS.items():
        areas = [100 * row.half_area for row in looked() if row.network == network_name]
        found.append(f"{min(areas):.0f} to {max(areas):.0f} % of the picture with {short}")
    return f"Half of a map lies on {', on '.join(found)}"


def maps(*, name: str, caption: str) -> Drawing:
    """Photographs, and where each network looks."""
    rows: dict[str, list[Picture]] = {}
    for row in looked():
        head = f"{row.label}: {', '.join(f'{r.probability:.2f}' for r in looked() if r.photo == row.photo)}"
        if head not in rows:
            whole = seen(next(iter(NETWORKS)), photograph(row.photo)).picture
            rows[head] = [Picture(whole, PX, f"the photograph {row.photo}")]
        alt = f"{row.photo} as {NETWORKS[row.network]} sees it: bright where it looks for the class {row.label}"
        rows[head].append(Picture(row.picture, PX, alt))
    cells = {row.network: row.cells for row in looked()}
    heads = ["Photograph"] + [f"{NETWORKS[n]}, {table(n).eval_size} px: {c} \u00d7 {c} cells" for n, c in cells.items()]
    return photo_grid(
        heads,
        rows,
        name=name,
        title=halves(),
        subtitle="Class activation maps as light. Above each row the class, and its probability by Lite0 and by Lite2",
        caption=caption,
        data=frame(),
    )


def scores(*, name: str, caption: str) -> BookTable:
    """Where half of each map lies, as a share of the photograph, and its deletion and insertion."""
    rows = []
    for row in looked():
        numbers = (f"{value:.2f}" for value in (row.deletion, row.insertion))
        half = f"{100 * row.half_area:.0f} %"
        rows.append([f"{row.photo}, {NETWORKS[row.network]}", half, *numbers])
    heads = ["photograph, network", "half on", "deletion", "insertion"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def labelled(folder: Path) -> Iterator[tuple[Path, int]]:
    """Files whose names begin with an ImageNet synset ("n01440764_tench.JPEG"), in order, with their class."""
    classes = imagenet_classes()
    for path in sorted(folder.iterdir()):
        if (found := classes.get(path.name.partition("_")[0])) is not None:
            yield path, found[0]


def effects(folder: str | Path, steps: int = STEPS, most: int | None = None) -> pd.DataFrame:
    """Deletion and insertion of every image of `folder` by both networks, for the class that the file's name tells.

    Columns: image, network, probability, deletion, insertion. `most` takes the first images only. Raises
    FileNotFoundError for a folder without such files.
    """
    from ..measure.activation_maps import activation_map, deletion_insertion, enlarged

    rows: list[Mapping[str, Any]] = []
    for path, label in list(labelled(Path(folder)))[:most]:
        for name in NETWORKS:
            with Image.open(path) as image:
                view = seen(name, image.convert("RGB"))
            large = enlarged(activation_map(network(name), view.x, label), view.x.shape[-1])
            effect = deletion_insertion(network(name), view.x, large, label, steps)
            probability = float(view.probabilities[label])
            rows.append({"image": path.name, "network": name, "probability": probability, **vars(effect)})
    if not rows:
        raise FileNotFoundError(
            f"{folder} has no files whose names begin with an ImageNet synset, n01440764_tench.JPEG"
        )
    return pd.DataFrame(rows)


def compare(folder: str | Path, steps: int = STEPS, most: int | None = None) -> pd.DataFrame:
    """Means of both networks over the images of `folder`, and the paired difference with its 95 % interval."""
    table = effects(folder, steps, most)
    first, second = NETWORKS
    rows = []
    for column in ("probability", "deletion", "insertion"):
        wide = table.pivot(index="image", columns="network", values=column)
        mean, half = mean_interval((wide[second] - wide[first]).to_numpy())
        rows.append(
            [
                column,
                f"{wide[first].mean():.3f}",
                f"{wide[second].mean():.3f}",
                signed(mean, 3),
                f"± {half:.3f}",
                len(wide),
            ]
        )
    return pd.DataFrame(rows, columns=["score", *NETWORKS.values(), "difference", "95 %", "images"])
