"""How many processes made a run together, where its key says so, and the key of the same run by one."""

from dataclasses import dataclass, field

from ..recipes.run import key_of

BUILDS_ON = ("after", "teacher")


@dataclass
class Several:
    """What a store knows of runs that several processes made: the key by one -> that by the `fewest`."""

    changed: int | None = None  # when its folder had done so, as it was read; ns
    read: set[str] = field(default_factory=set)  # keys of all records
    fewest: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)  # key by one -> of processes

    def add(self, record: dict) -> None:
        """Take note of the record of a run."""
        self.read.add(record["key"])
        if (processes := processes_of(record["run"])) > 1:
            alone, made = key_by_one(record["run"]), (processes, record["key"])
            if alone not in self.fewest or made < (self.numbers[alone], self.fewest[alone]):
                self.numbers[alone], self.fewest[alone] = made


def processes_of(run: dict) -> int:
    """The most that made a run in canonical form, or a run that it builds on."""
    earlier = [processes_of(run[name]) for name in BUILDS_ON if name in run]
    return max(run.get("processes", 1), *earlier, 1)


def key_by_one(run: dict) -> str:
    """The key that a run in canonical form has if one process makes it, and all that it builds on."""
    return key_of(by_one(run))


def by_one(run: dict) -> dict:
    """Numbers of processes are left out, as canonical forms do with defaults."""
    earlier = {name: by_one(run[name]) for name in BUILDS_ON if name in run}
    return {name: value for name, value in run.items() if name != "processes"} | earlier
