"""Commands on the papers' experiments."""

import sys
import time
from functools import partial

from ..words import plural
from . import under_way
from .chosen_runs import chosen, takes_names
from .command import Commands, whole
from .on_slurm import add_options, check_place, submit_to_slurm


def listed(args) -> None:
    from ..experiments.registry import experiments, key_of
    from ..records import local, published

    for experiment in experiments().values():
        print(f"{experiment.name}: {experiment.title} ({experiment.table})")
        if experiment.superseded:
            print(f"  counts no more: {experiment.superseded}")
        for scale in experiment.scales:
            sweep = experiment.at(scale)
            arms, seeds, runs = len(sweep.arms), len(sweep.seeds), len(sweep.jobs)
            size = f"{plural(arms, 'arm')} x {plural(seeds, 'seed')} = {plural(runs, 'run')}"
            keys = [key for job in sweep.jobs if (key := key_of(job))]
            absent = [store.missing(keys) for store in (published(), local())]
            have = [sum(key not in left for key in keys) for left in absent]
            print(f"  {scale:7} {size}, {sweep.about.cost} each; published {have[0]}, here {have[1]}")


def plan(args) -> None:
    jobs = chosen(args)
    from ..experiments.registry import key_of
    from ..records import local

    if args.runs:
        store = local()
        for job in jobs:
            place = store.place(key) if (key := key_of(job)) else "unknown until the folder is there"
            print(f"{place}\t{job.experiment}\t{job.arm}\t{job.run.seed}")
        return
    from ..experiments import estimate_jobs

    print(estimate_jobs(jobs, args.device))


def run(args) -> None:
    begun = time.monotonic()
    check_place(args)
    jobs = chosen(args)
    if args.on == "slurm":
        return submit_to_slurm(args, jobs)
    from ..devices import pick
    from ..experiments.beside import side_by_side
    from ..experiments.budget import within
    from ..experiments.execute import execute
    from ..experiments.seconds import Seconds
    from ..records import local

    store = local()
    seconds_of = Seconds(pick(args.device), store)
    if args.minutes and args.all and (args.arm, args.seed, args.shard) == (None, None, None):
        jobs, beside = deciding_most(args, seconds_of, begun)
    else:
        beside = side_by_side(jobs, seconds_of, args.fresh)
        if args.minutes:
            asked, jobs = jobs, within(jobs, minutes_left(args, begun), seconds_of, beside, args.fresh)
            print(
                f"to be made in {plural(args.minutes, 'minute')}: {len(jobs)} of {plural(len(asked), 'run')}",
                file=sys.stderr,
            )
    execute(
        jobs,
        store,
        args.device,
        args.fresh,
        beside.processes,
        made=lambda job, record: print(store.path(record), flush=True),
    )


def repeat(args) -> None:
    jobs = chosen(args)
    from ..experiments.repeated import repeat
    from ..records import local, published

    theirs = local() if args.here else published()
    found = repeat(jobs, theirs, args.device, args.fresh)
    for one in found:
        print(one)
    if others := len({job.run for job in jobs}) - len(found):
        print(f"{theirs.root} does not have {plural(others, 'other run')}")
    changed = [one for one in found if one.changes]
    print(f"{len(found) - len(changed)} of {len(found)} came out the same")
    if conditions := dict.fromkeys(words for one in changed for words in one.conditions):
        print(f"not the same here as where they were made: {', '.join(conditions)}")
    if changed:
        sys.exit(1)


def minutes_left(args, begun: float) -> float:
    """Of those asked for, which count from the call."""
    return args.minutes - (time.monotonic() - begun) / 60


def deciding_most(args, seconds_of, begun: float) -> tuple:
    """Of all experiments the jobs that decide the most claims in the time, and how many of them train at a time."""
    from ..evidence.claims import decided_by
    from ..experiments.beside import side_by_side
    from ..experiments.budget import offers
    from ..experiments.programme import programme, said
    from ..experiments.registry import current

    sweeps = current(args.scale)
    claims = {sweep.name: decided_by(sweep.name, args.scale) for sweep in sweeps}
    needed = partial(seconds_of.needed, fresh=args.fresh)
    offered, untimed = offers(sweeps, claims, seconds_of, seconds_of.store, args.minutes, args.fresh, needed)
    beside = side_by_side([job for offer in offered for job in offer.seconds], seconds_of, args.fresh)
    made = programme(offered, 60 * minutes_left(args, begun), beside)
    print(said(made, offered, untimed, beside), file=sys.stderr)
    return list(made.jobs), beside


def add(commands: Commands) -> None:
    experiment = commands.group("experiment", "the papers' tables as runs")
    experiment.add(
        "list",
        listed,
        "all experiments: arms, seeds and cost at each scale, and what has been run",
        "convscale experiment list",
    )
    planned = experiment.add(
        "plan",
        plan,
        "what runs there are and what the store has of them; hours, memory and disk here, from a few timed steps",
        "convscale experiment plan v2_table13 --scale paper",
    )
    planned.add_argument("--runs", action="store_true", help="list record, experiment, arm and seed; time nothing")
    running = experiment.add(
        "run",
        run,
        "make the runs that the store does not have; prints the record of each",
        "convscale experiment run v2_table13 --scale small --shard 3/8",
    )
    running.add_argument(
        "--minutes", type=whole(1), metavar="N", help="only what fits; with --all what decides most claims"
    )
    running.add_argument("--fresh", action="store_true", help="make again what the store has")
    add_options(running)
    repeating = experiment.add(
        "repeat",
        repeat,
        "make published runs again, and say whether they come out the same; ends with 1 if any does not",
        "convscale experiment repeat v2_table7 --scale small --seed 10",
    )
    repeating.add_argument("--fresh", action="store_true", help="also those that were made again before")
    repeating.add_argument("--here", action="store_true", help="runs of this machine instead")
    for parser in (planned, running, repeating):
        takes_names(parser)
    under_way.add(experiment)
