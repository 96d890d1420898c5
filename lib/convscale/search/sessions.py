"""Times behind the page of the search, as measurements of the table "v2:search": whole networks and single blocks.

Four sessions: the networks of the small scale's orthogonal array, and the blocks that they are made of; blocks of the
space around EfficientNet-B4, and some whole networks of it, by which the sum of blocks is checked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd

from ..devices import Device
from ..experiments.papers import v2_search
from ..measure.sessions import COLUMNS, load
from ..measure.speed import LEAST, WARMUP, Case, training_step
from ..measure.timing import protocol, seconds_by_round
from ..models.stages import ConvNetTable
from ..models.tables import table
from .block_times import UPDATE, UPDATED, Part, forward_and_backward, parts, update
from .candidates import B4
from .space import Stages, sample
from .spaces import v2_space

TABLE = "v2:search"
NETWORK, BLOCK = "training step", "training, block"  # quantities
AT_ONCE = 12  # blocks whose tensors lie in memory at the same time; ours
ROUNDS = 7


@dataclass(frozen=True)
class Setting:
    """Size in px and images of a batch at which a group of networks is timed."""

    px: int
    batch: int


SMALL = Setting(24, 64)  # as the array's runs are trained
LARGE = Setting(128, 8)  # the first size of V2 Table 6; 8 images fit any machine
CHECKED = 12  # random networks of the large space that are timed as a whole; ours
CHECK_SEED = 1


def array_networks() -> dict[str, ConvNetTable]:
    """Those of the orthogonal array, by the name of their run."""
    return {run: v2_search.network(levels) for run, levels in v2_search.ARRAY.runs.items()}


def large_space() -> Stages:
    """The space of V2 §3.3 around EfficientNet-B4."""
    return v2_space(B4)


def checked_networks() -> dict[str, ConvNetTable]:
    """Networks whose whole step is timed beside the sum of their blocks."""
    space, rng = large_space(), np.random.default_rng(CHECK_SEED)
    drawn = [space.table(sample(space, rng)) for _ in range(CHECKED)]
    return {"efficientnet-b4": B4, "efficientnetv2-s": released(), **{network.name: network for network in drawn}}


def released() -> ConvNetTable:
    """EfficientNetV2-S, the published result of the search."""
    found = table("efficientnetv2-s")
    assert isinstance(found, ConvNetTable)
    return found


def all_parts(space: Stages, px: int) -> dict[Part, ConvNetTable]:
    """Every block that a network of a space may have, each with a network that has it."""
    found: dict[Part, ConvNetTable] = {}
    for point in covering(space):
        network = space.table(point)
        found |= dict.fromkeys(parts(network, px), network)
    return found


def covering(space: Stages) -> Iterator[dict]:
    """Points that between them have every row of every stage, and every stage's end as the last one."""
    rows = {n: [r for r in space.decisions if r.startswith(f"stage {n} ")] for n in range(1, len(space.layers) + 1)}
    lowest = {name: choices[0] for name, choices in space.decisions.items()}
    deepest = {name: choices[-1] for name, choices in space.decisions.items()}
    yield lowest
    for names in rows.values():
        for kind in np.ndindex(*(len(space.decisions[name]) for name in names if not name.endswith("layers"))):
            kinds = [name for name in names if not name.endswith("layers")]
            yield deepest | {name: space.decisions[name][i] for name, i in zip(kinds, kind, strict=True)}


Calls = Mapping[str, Callable[[], Callable[[], object]]]  # row -> what makes its call


def timed(calls: Calls, quantity: str, setting: Setting, device: Device, rounds: int, at_once: int) -> pd.DataFrame:
    """One line for each row and round, with the columns `measure.sessions.COLUMNS`; milliseconds of a batch."""
    session = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
    least = 0.0 if device.kind == "cpu" else LEAST
    rows, lines = list(calls), []
    for start in range(0, len(rows), at_once):
        work = {row: calls[row]() for row in rows[start : start + at_once]}
        times = seconds_by_round(work, rounds, WARMUP, device, least=least)
        said = [
            f"{quantity}, batch {setting.batch}",
            "float32",
            "eager, channels last",
            protocol(rounds, WARMUP, device) + (f", {at_once} at a time" if len(rows) > at_once else ""),
            load(),
        ]
        about: dict[str, Any] = dict(
            table=TABLE, quantity=quantity, unit="ms", session=session, image_sizes=(setting.px,)
        )
        about |= dict(batch=setting.batch, precision="float32", protocol="; ".join(said))
        lines += [
            about | dict(row=row, round=number, value=1000 * float(value), network=row)
            for row in work
            for number, value in enumerate(times[row])
        ]
    return pd.DataFrame(lines, columns=COLUMNS)


def network_calls(networks: Mapping[str, ConvNetTable], setting: Setting, device: Device) -> Calls:
    def make(network: ConvNetTable) -> Callable[[], object]:
        return training_step(Case(network, (setting.px,), setting.batch), device, "float32")[0]

    return {name: partial(make, network) for name, network in networks.items()}


def block_calls(blocks: Mapping[Part, ConvNetTable], setting: Setting, device: Device) -> Calls:
    calls: dict[str, Callable[[], Callable[[], object]]] = {
        part.words: partial(forward_and_backward, part, network, setting.batch, device, "float32")
        for part, network in blocks.items()
    }
    return calls | {UPDATE: partial(update, UPDATED, device)}


def sessions(device: Device, rounds: int = ROUNDS) -> Iterator[pd.DataFrame]:
    """The four sessions, one after the other."""
    small = array_networks()
    yield timed(network_calls(small, SMALL, device), NETWORK, SMALL, device, rounds, len(small))
    blocks = {part: network for network in small.values() for part in parts(network, SMALL.px)}
    yield timed(block_calls(blocks, SMALL, device), BLOCK, SMALL, device, rounds, AT_ONCE)
    checked = checked_networks()
    yield timed(network_calls(checked, LARGE, device), NETWORK, LARGE, device, rounds, len(checked))
    blocks = all_parts(large_space(), LARGE.px) | {part: released() for part in parts(released(), LARGE.px)}
    yield timed(block_calls(blocks, LARGE, device), BLOCK, LARGE, device, rounds, AT_ONCE)
