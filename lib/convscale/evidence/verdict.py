"""What a verdict says: the word, the reason, and always the evidence it rests on."""

from dataclasses import dataclass

VERDICTS = (
    "reproduced",
    "same direction",
    "within 3 %",
    "not reproduced",
    "no difference seen",
    "inconclusive",
    "not run",
    "agrees",
    "differs",
)
INFINITE = float("inf")


@dataclass(frozen=True)
class Verdict:
    """One of `VERDICTS` and why. What records decide also has an estimate with its 95 % interval, and where it is from.

    `estimate` is a difference, in points or as loss, positive as claimed (kinds "trend" and "interaction"), or a ratio
    (kind "ratio"), None where nothing was measured; `digits` of it are shown after the point. `relative` is the ratio
    over the paper's. `p` and `adjusted` are two-sided, the latter Holm's within the claim's family. `worst` is the row
    of a counted claim that is farthest off.
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
    relative: float | None = None
    worst: str = ""
    digits: int = 1

    @property
    def shown_word(self) -> str:
        """The verdict as it is shown: runs smaller than the paper's can reproduce a direction only."""
        return "same direction" if self.verdict == "reproduced" and self.scale in ("small", "medium") else self.verdict

    @property
    def shown(self) -> str:
        """ "+0.8 ± 0.3" of seeds, "4.10x [4.05, 4.17]" of rounds, the worst row of what was counted; else "-"."""
        if self.estimate is None:
            return self.worst or "-"
        if self.rounds:
            return f"{self.estimate:.2f}x [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.estimate:+.{self.digits}f} ± {(self.high - self.low) / 2:.{self.digits}f}"

    @property
    def evidence(self) -> str:
        """ "small, 8 seeds, <device>" or "9 rounds, <device>"; "" where nothing was measured."""
        amount = f"{self.rounds} rounds" if self.rounds else f"{self.seeds} seed{'s' * (self.seeds != 1)}"
        return ", ".join(filter(None, (self.scale, amount, self.device))) if self.estimate is not None else ""
