"""How long each stage of EfficientNet-B4 takes in training, with either block, beside what it counts."""

import math
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ..drawing import Drawing, roofline, shares
from ..evidence.stage_settings import at_expansion
from ..measure.ceilings import COPY, PRODUCT, work_of
from ..measure.layers import by_stage
from ..models.stages import ConvNetTable
from ..models.tables import table
from ..models.transformations import KERNELS, fuse
from ..records import Store, published
from .block import Block
from .tables import BookTable
from .words import TIMES

TABLE, QUANTITY = "v2:3", "training time of a stage"
B4, ALL_FUSED = "efficientnet-b4", "efficientnet-b4-fused7"
PASSES = 3  # products of a convolution in training: forward, for the input's gradient, for the weights'
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
EARLY = 3  # stages 1 to 3, "early" in §3.2
EXPANSIONS = (1, 4, 6)  # the paper's choices, §3.3
COMMAND = f"convscale measure {TABLE} --device cuda"


def networks() -> dict[str, ConvNetTable]:
    """B4 with each of the two blocks in all stages, as it is measured."""
    b4 = table(B4)
    assert isinstance(b4, ConvNetTable)
    return {"MBConv": b4, "Fused-MBConv": fuse(b4, len(b4.stages), kernels=KERNELS["first 3x3"])}


@dataclass(frozen=True)
class StageTimes:
    """One session: milliseconds an image of each row, on what device, in which precision, with what batch."""

    label: str
    device: str
    precision: str
    batch: int
    rounds: int
    ms: dict[str, float]

    @cached_property
    def rows(self) -> pd.DataFrame:
        """A line for each stage and block: stage, block, ms, multiply_adds, params, intensity (multiply-adds a byte),
        rate (billions of multiply-adds a second, in training)."""
        lines = []
        for block, network in networks().items():
            counted = {what: by_stage(network, what) for what in ("multiply_adds", "params", "moved", "weights")}
            for i in range(1, len(network.stages) + 1):
                macs, ms = counted["multiply_adds"][i], self.ms[f"{block}, stage {i}"]
                moved = BYTES[self.precision] * (counted["moved"][i] + counted["weights"][i] / self.batch)
                lines.append(
                    {
                        "stage": i,
                        "block": block,
                        "ms": ms,
                        "multiply_adds": macs,
                        "params": counted["params"][i],
                        "intensity": macs / moved,
                        "rate": PASSES * macs / ms / 1e6,
                    }
                )
        return pd.DataFrame(lines)

    def of(self, block: str) -> pd.DataFrame:
        return self.rows[self.rows["block"] == block].set_index("stage")

    @property
    def faster(self) -> list[int]:
        """The stages that Fused-MBConv makes faster."""
        gain = self.of("MBConv")["ms"] / self.of("Fused-MBConv")["ms"]
        return list(gain.index[gain > 1])

    @property
    def peak(self) -> float:
        """Billions of multiply-adds a second that a product of matrices reaches, or a stage, if that is more."""
        return max(work_of(PRODUCT) / self.ms[PRODUCT] / 1e6, self.rows["rate"].max())

    @property
    def where(self) -> str:
        kind = "one core" if self.precision == "float32" else self.precision
        return f"{self.device}, {kind}, batch {self.batch}, 380 px"

    @cached_property
    def parts(self) -> pd.DataFrame:
        """What each stage has of the whole, in %: parameters, multiply-adds, activations and time (`bar`)."""
        b4 = networks()["MBConv"]
        counted = {
            "Parameters": by_stage(b4, "params"),
            "Multiply-adds": by_stage(b4, "multiply_adds"),
            "Activations": by_stage(b4, "activations"),
        }
        names = ["stem", *(f"stage {i}" for i in range(1, len(b4.stages) + 1)), "head"]
        timed = [self.ms[name if name in self.ms else f"MBConv, {name}"] for name in names]
        rows = [
            {
                "bar": bar,
                "part": name,
                "short": name.removeprefix("stage "),
                "share": 100 * value / math.fsum(values),
                "first": 1 <= i <= EARLY,
            }
            for bar, values in (counted | {"Time of a training step": timed}).items()
            for i, (name, value) in enumerate(zip(names, values, strict=True))
        ]
        return pd.DataFrame(rows)

    @property
    def early(self) -> str:
        """What the early stages have of the parameters and of the time, in words."""
        has = self.parts[self.parts["first"]].groupby("bar")["share"].sum()
        params, time = has["Parameters"], has["Time of a training step"]
        return f"{params:.0f} % of the parameters and {time:.0f} % of the time"

    def finding(self) -> str:
        """The answer of §3.2, from this session."""
        return f"Stages 1 to {EARLY} of EfficientNet-B4 have {self.early} of a training step on {self.device}."

    def shares(self, caption: str) -> Drawing:
        """Parameters, multiply-adds, activations and time: what each stage has of the whole network."""
        return shares(
            self.parts,
            name=f"fig-{self.label}-shares",
            title=f"Stages 1 to {EARLY} have {self.early}",
            subtitle=f"EfficientNet-B4, stem, stages 1 to {len(networks()['MBConv'].stages)} and head; "
            f"time on {self.where}",
            caption=caption,
            group=(f"stages 1 to {EARLY}", "others"),
            family="v1",
        )

    def roofline(self, caption: str) -> Drawing:
        """Speed over arithmetic intensity of both blocks, below the device's ceilings."""
        points = pd.DataFrame(
            {
                "label": [f"stage {stage}" for stage in self.rows["stage"]],
                "short": self.rows["stage"].astype(str),
                "series": self.rows["block"],
                "x": self.rows["intensity"],
                "y": self.rows["rate"],
                "family": self.rows["block"].map({"MBConv": "v1", "Fused-MBConv": "v2"}),
            }
        )
        first, last = self.of("MBConv")["rate"].loc[[1, len(networks()["MBConv"].stages)]]
        return roofline(
            points,
            name=f"fig-{self.label}-roofline",
            title=f"With MBConv stage 1 computes {last / first:.0f} times more slowly than stage 7",
            subtitle=f"Stages of EfficientNet-B4 in training, {self.where}",
            x="multiply-adds a byte moved",
            y="billions of multiply-adds a second",
            peak=self.peak,
            bandwidth=work_of(COPY) / self.ms[COPY] / 1e6,
            caption=caption,
        )

    def table(self, caption: str) -> BookTable:
        """Both blocks stage by stage: what they count, and how long they take."""
        mbconv, fused = self.of("MBConv"), self.of("Fused-MBConv")
        frame = pd.DataFrame(
            {
                "stage": mbconv.index.astype(str),
                "MBConv, B": (mbconv["multiply_adds"] / 1e9).map("{:.2f}".format),
                "Fused": (fused["multiply_adds"] / 1e9).map("{:.2f}".format),
                "MBConv, ms": mbconv["ms"].map("{:.0f}".format),
                "Fused ": fused["ms"].map("{:.0f}".format),
                "gain": [
                    f"**{gain:.2f}{TIMES}**" if gain > 1 else f"{gain:.2f}{TIMES}"
                    for gain in mbconv["ms"] / fused["ms"]
                ],
            }
        )
        return BookTable(frame, f"tbl-{self.label}-stages", caption)


def stage_times(label: str, kind: str, store: Store | None = None) -> StageTimes | None:
    """The published session with the most rounds on devices of `kind`, of several the latest; None without one."""
    sessions: dict[str, list[dict]] = {}
    for record in (published() if store is None else store).measurements(TABLE):
        if record["quantity"] == QUANTITY and record["provenance"]["device"]["kind"] == kind:
            sessions.setdefault(record["session"], []).append(record)
    if not sessions:
        return None
    best = max(sessions.values(), key=lambda records: (len(records[0]["rounds"]), records[0]["session"]))
    first = best[0]
    return StageTimes(
        label,
        first["provenance"]["device"]["name"],
        first["precision"],
        first["batch"],
        len(first["rounds"]),
        {record["row"]: record["value"] for record in best},
    )


def on_a_gpu(label: str, caption: str) -> Drawing | Block:
    """The same figure of a GPU, or how to measure it."""
    if (times := stage_times(label, "cuda")) is not None:
        return times.roofline(caption)
    said = f"On a GPU: not run. This measures it: {COMMAND}"
    html = f'<p class="sf sf-note">On a GPU: not run. This measures it: <code>{COMMAND}</code></p>'
    return Block(html, said)


def expansions(label: str, caption: str) -> BookTable:
    """What B4 has with one expansion in every stage: activations and multiply-adds."""
    rows = []
    for expand in EXPANSIONS:
        network = at_expansion(networks()["MBConv"], expand)
        activations, macs = (sum(by_stage(network, what)) for what in ("activations", "multiply_adds"))
        a_thousand = f"{1000 * activations / macs:.1f}"
        rows.append([str(expand), f"{activations / 1e6:.1f}", f"{macs / 1e9:.2f}", a_thousand])
    heads = ["expansion", "activations, M", "multiply-adds, B", "a thousand"]
    return BookTable(pd.DataFrame(rows, columns=heads), f"tbl-{label}-expansions", caption)
