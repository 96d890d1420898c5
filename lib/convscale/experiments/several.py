"""Runs that several processes make together, as torchrun starts them: the same job, and in part another run.

Each process draws its own masks of dropout and stochastic depth, so a run with these has another result for each number
of processes, and another key. Whoever asks for the job takes its record by one process, or else that by the fewest.
"""

from dataclasses import replace

from ..recipes import Run


def made_by_several(run: Run, processes: int) -> Run:
    """The run as so many processes make it, which is another one, with a key of its own, where it has dropout or
    stochastic depth: their masks are each process's own. All else, batch norm too, is that of the global batch."""
    return run.each(lambda each: replace(each, processes=processes) if has_drops(each) else each)


def has_drops(run: Run) -> bool:
    rate = run.recipe.drop_path_rate
    return any(s.dropout > 0 or (rate if s.drop_path is None else s.drop_path) > 0 for s in run.schedule.stages)


def made_by_one(run: Run) -> Run:
    """The same run by one process; itself if it is that."""
    if all(each.processes == 1 for each in run.chain):
        return run
    return run.each(lambda each: replace(each, processes=1))
