"""What a verdict says: the word, the reason, and always the evidence it rests on."""

from dataclasses import dataclass

import pandas as pd

VERDICTS = ("reproduced", "not reproduced", "inconclusive", "not run")
INFINITE = float("inf")


@dataclass(frozen=True)
class Verdict:
    """One of `VERDICTS` and why. What records decide also has an estimate with its 95 % interval, and where it is from.

    `estimate` is a difference in points (kind "trend") or a ratio (kind "ratio"), None where nothing was measured.
    `p` and `adjusted` are two-sided, the latter Holm's within the claim's family, whose decision is `by_holm`.
    """

    verdict: str
    why: str
    estimate: float | None = None
    low: float = -INFINITE
    high: float = INFINITE
    seeds: int = 0
    rounds: int = 0
    scale: str = ""
    device: str = ""
    p: float | None = None
    adjusted: float | None = None
    by_holm: str = ""

    @property
    def shown(self) -> str:
        """ "+0.8 ± 0.3" of seeds, "4.10x [4.05, 4.17]" of rounds; "-" without an estimate."""
        if self.estimate is None:
            return "-"
        if self.rounds:
            return f"{self.estimate:.2f}x [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.estimate:+.1f} ± {(self.high - self.low) / 2:.1f}"

    @property
    def evidence(self) -> str:
        """ "small, 3 seeds, <device>"; "" where nothing was measured."""
        amount = f"{self.rounds} rounds" if self.rounds else f"{self.seeds} seeds"
        return ", ".join(filter(None, (self.scale, amount, self.device))) if self.estimate is not None else ""


def all_of(rows: pd.DataFrame, what: str) -> Verdict:
    """Reproduced if the column `verdict` of every row says so."""
    good = (rows["verdict"] == "reproduced").sum()
    return Verdict("reproduced" if good == len(rows) else "not reproduced", f"{good} of {len(rows)} {what}")


def decide(inside: bool, significant: bool) -> str:
    """The word for an estimate inside or outside the claimed region, whose interval leaves the region's end or not."""
    return ("reproduced" if inside else "not reproduced") if significant else "inconclusive"
