"""How many processes made a run together, where its key says so, and the key of the same run by one."""

from ..recipes.run import key_of

BUILDS_ON = ("after", "teacher")


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
