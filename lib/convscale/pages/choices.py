"""The networks that one may choose from: what the papers print of each, what it counts here, and how fast it ran."""

import re
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import NamedTuple

import pandas as pd

from ..drawing.glyphs import FAMILIES
from ..evidence.counts import counts_of
from ..evidence.entries import Entry
from ..evidence.paper import paper_table
from ..models import table
from ..models.references import REFERENCES
from ..paths import DATA
from ..records import Store, published

# Tables that print ImageNet top-1, the one that counts first. The later papers train EfficientNet anew, as their own
# networks are trained, so their values of it are the fair ones.
PRINTED = ("v2:7", "v2:11", "rs:2", "v1:2")
README = "google/automl efficientnetv2/README.md"  # in published_results.csv; the paper does not print V2-B2
TIMM_RESULTS = "huggingface/pytorch-image-models results/results-imagenet.csv"
# timm's tags of the weights whose training is that of the printed number: AutoAugment for EfficientNet, but RandAugment
# for B5 and B7 (V2 Table 7 has these two from Cubuk et al. 2020); ResNet-RS's and V2's own. A test asks timm for each.
TAGS = {"v1": "aa_in1k", "rs": "tf_in1k", "v2": "in1k"}
RANDAUGMENT = ("efficientnet-b5", "efficientnet-b7")
TAG_RANDAUGMENT, TAG_21K = "ra_in1k", "in21k_ft_in1k"
FAMILY_OF = {"efficientnet": "v1", "resnet-rs": "rs", "efficientnetv2": "v2"}
# Rows of the tables. "V2-S" in V2 Table 11 is the first version, of 24 million parameters, and none of these.
ROW = re.compile(
    r"(?:(?:EfficientNet|V1)-(?P<v1>B\d)|(?:EfficientNetV2-|V2-(?=B))(?P<v2>B\d|S|M|L|XL)"
    r"|ResNet-RS-(?P<depth>\d+) @(?P<px>\d+))(?P<more> \(21k\))?"
)


@dataclass(frozen=True)
class Device:
    """A column of times: on what, in which unit, and where the numbers are from. `key` is short, for addresses."""

    key: str
    kind: str
    machine: str
    unit: str
    digits: int  # after the point
    source: str


CPU = Device("cpu", "CPU", "one CPU core", "ms an image", 0, "measured here")
GPU = Device("gpu", "GPU", "a V100", "ms, 16 images", 0, "V2 Table 7")  # "V100 GPU FP16 with batch size 16"
STEP = Device("gpu-rs", "GPU", "a V100", "s", 2, "RS Table 2")  # neither batch nor precision is printed
TPU = Device("tpu", "TPU", "a TPUv3", "ms", 0, "RS Table 2")
DEVICES = {device.key: device for device in (CPU, GPU, STEP, TPU)}
# Device -> table and column of its printed times.
TIMES = {GPU.key: ("v2:7", "infer-time"), STEP.key: ("rs:2", "V100 latency"), TPU.key: ("rs:2", "TPUv3 latency")}


@dataclass(frozen=True)
class Choice:
    """A network at an image size.

    `params` and `multiply_adds` are counted. `top1` is printed, in % of ImageNet's validation images, by `source`, and
    `others` are further printed values by their table. `timm_top1` is what timm measured with its weights `timm`, None
    where it did not at this size. `times` are by the key of a device, in its unit.
    """

    name: str
    family: str  # "v1", "rs" or "v2"
    network: str
    image_size: int  # px
    timm: str
    params: int
    multiply_adds: int
    top1: float
    source: str
    others: dict[str, float]
    timm_top1: float | None
    times: dict[str, float]
    pretrained: bool  # on ImageNet-21k


class Key(NamedTuple):
    """What tells a row of a table from others: our network, image size in px, whether it is pretrained on 21k."""

    network: str
    px: int
    pretrained: bool = False

    @property
    def family(self) -> str:
        return FAMILY_OF[self.network.rpartition("-")[0]]

    @property
    def title(self) -> str:
        """ "EfficientNet-B1", "ResNet-RS-101 at 160 px", "EfficientNetV2-S (21k)"."""
        size = self.network.rpartition("-")[2].upper()
        at = f" at {self.px} px" if self.family == "rs" else ""
        return f"{FAMILIES[self.family]}-{size}{at}{' (21k)' if self.pretrained else ''}"

    @property
    def timm(self) -> str:
        """timm's name, with the tag of the weights that were trained as the printed number was."""
        tag = TAG_RANDAUGMENT if self.network in RANDAUGMENT else TAGS[self.family]
        return f"{REFERENCES[self.network].timm}.{TAG_21K if self.pretrained else tag}"


def key_of(row: str) -> Key | None:
    """Which network a row of a paper's table is; None for those of others.

    >>> key_of("ResNet-RS-101 @160"), key_of("DenseNet-169")
    (Key(network='resnet-rs-101', px=160, pretrained=False), None)
    """
    found = ROW.fullmatch(row)
    if not found:
        return None
    if found["depth"]:
        return Key(f"resnet-rs-{found['depth']}", int(found["px"]))
    network = f"efficientnet-{found['v1']}" if found["v1"] else f"efficientnetv2-{found['v2']}"
    return Key(network.lower(), table(network.lower()).eval_size, bool(found["more"]))


def short_source(name: str) -> str:
    """ "v2:7" -> "V2 Table 7"."""
    paper, _, number = name.partition(":")
    return f"{paper.upper()} Table {number}"


@cache
def released() -> pd.DataFrame:
    """Results of weights and of repositories: data/paper/published_results.csv."""
    return pd.read_csv(DATA / "paper" / "published_results.csv")


def printed_values(name: str, column: str) -> dict[Key, float]:
    """What a paper's table prints in a column, by network."""
    cells = paper_table(name)
    cells = cells[cells["column"] == column]
    keys = map(key_of, cells["row"])
    return {key: value for key, value in zip(keys, cells["value"], strict=True) if key}


def top1_values() -> dict[Key, dict[str, float]]:
    """Printed top-1 by network and by source, the one that counts first; and V2-B2's, which the code's authors give."""
    found: dict[Key, dict[str, float]] = {}
    for name in PRINTED:
        for key, value in printed_values(name, "top-1").items():
            found.setdefault(key, {})[short_source(name)] = value
    lines = released()
    (b2,) = lines.loc[(lines["source"] == README) & (lines["model"] == "EffNetV2-B2"), "top1"]
    return found | {Key("efficientnetv2-b2", table("efficientnetv2-b2").eval_size): {"V2 code": float(b2)}}


def timm_results() -> dict[tuple[str, int], float]:
    """Top-1 that timm measured, by name of the weights and image size in px."""
    lines = released()
    lines = lines[lines["source"] == TIMM_RESULTS]
    return {
        (name, int(px)): top1 for name, px, top1 in lines[["timm_name", "image_size", "top1"]].itertuples(index=False)
    }


def on_one_cpu(store: Store) -> list[dict]:
    """The records of V2 Table 11's networks on a CPU, which took turns in each session."""
    return [r for r in store.measurements("v2:11") if r["provenance"]["device"]["kind"] == "cpu"]


def measured(store: Store) -> dict[Key, float]:
    """Milliseconds of an image on one core of a CPU: the median over sessions."""
    found: dict[Key, list[float]] = {}
    for record in on_one_cpu(store):
        for pretrained in (False, True):  # other weights take as long
            key = Key(record["network"], record["image_sizes"][0], pretrained)
            found.setdefault(key, []).append(1000 / record["value"])
    return {key: median(values) for key, values in found.items()}


def measured_on(store: Store | None = None) -> str:
    """The processors of these records, with batch and precision, in words."""
    made = {(r["provenance"]["device"]["name"], r["batch"], r["precision"]) for r in on_one_cpu(store or published())}
    return "; ".join(
        f"{name}, one core, {batch} images at once, {precision}" for name, batch, precision in sorted(made)
    )


def choices(store: Store | None = None) -> list[Choice]:
    """All networks of the three families for which a top-1 is published, fewest multiply-adds first.

    `store` has the measurements; None takes the published ones.
    """
    columns = {device: printed_values(name, column) for device, (name, column) in TIMES.items()}
    columns[CPU.key] = measured(store or published())
    by_timm = timm_results()
    found = []
    for key, values in top1_values().items():
        counts = counts_of(Entry(key.network, key.px))
        (source, top1), *others = values.items()
        found.append(
            Choice(
                name=key.title,
                family=key.family,
                network=key.network,
                image_size=key.px,
                timm=key.timm,
                params=counts.params,
                multiply_adds=counts.multiply_adds,
                top1=top1,
                source=source,
                others=dict(others),
                timm_top1=by_timm.get((key.timm, key.px)),
                times={device: column[key] for device, column in columns.items() if key in column},
                pretrained=key.pretrained,
            )
        )
    return sorted(found, key=lambda choice: (choice.multiply_adds, choice.pretrained))
