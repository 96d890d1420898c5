"""Commands on the papers' experiments."""

import sys

from .command import Commands, whole


def listed(args) -> None:
    from ..experiments.registry import experiments, records_of
    from ..records import local, published

    mine, theirs = local(), published()
    for experiment in experiments().values():
        print(f"{experiment.name}: {experiment.title} ({experiment.table})")
        if experiment.superseded:
            print(f"  counts no more: {experiment.superseded}")
        for scale in experiment.scales:
            sweep = experiment.at(scale)
            size = f"{len(sweep.arms)} arms x {len(sweep.seeds)} seeds = {len(sweep.jobs)} runs"
            have = len(records_of(sweep, theirs)), len(records_of(sweep, mine))
            print(f"  {scale:7} {size}, {sweep.about.cost} each; published {have[0]}, here {have[1]}")


def chosen(args) -> list:
    """The jobs that the arguments name, all names checked before anything is loaded that takes long."""
    from ..devices import KINDS
    from ..errors import check_name
    from ..experiments.experiment import SCALES, share
    from ..experiments.registry import current, get

    check_name("scale", args.scale, SCALES)
    check_name("device", args.device, KINDS)
    if bool(args.names) == args.all:
        raise ValueError("name experiments, or say --all; `convscale experiment list` shows them")
    sweeps = current(args.scale) if args.all else [get(name, args.scale) for name in args.names]
    arms = dict.fromkeys(arm for sweep in sweeps for arm in sweep.arms)
    if args.arm is not None:
        check_name("arm", args.arm, arms)
    seeds = dict.fromkeys(str(seed) for sweep in sweeps for seed in sweep.seeds)
    if args.seed is not None:
        check_name("seed", str(args.seed), seeds)
    jobs = [
        job
        for sweep in sweeps
        for job in sweep.jobs
        if args.arm in (None, job.arm) and args.seed in (None, job.run.seed)
    ]
    if args.shard is not None:
        jobs = share(jobs, args.shard)
    if not jobs:
        raise ValueError("these names, arms, seeds and shards leave no run")
    return jobs


def plan(args) -> None:
    jobs = chosen(args)
    from ..experiments.registry import key_of
    from ..records import local

    if args.runs:
        for job in jobs:
            key = key_of(job)
            place = local().run_path(key) if key else "unknown until the folder is there"
            print(f"{place}\t{job.experiment}\t{job.arm}\t{job.run.seed}")
        return
    from ..experiments import estimate_jobs

    print(estimate_jobs(jobs, args.device))


def run(args) -> None:
    jobs = chosen(args)
    from ..experiments.execute import execute, side_by_side
    from ..records import local

    store, beside = local(), side_by_side(args.scale, args.device)
    if args.minutes:
        from ..experiments.budget import within

        asked, jobs = jobs, within(jobs, args.minutes, args.device, store, beside, args.fresh)
        print(f"{len(jobs)} of {len(asked)} runs are to be made in {args.minutes} minutes", file=sys.stderr)
    execute(
        jobs,
        store,
        args.device,
        args.fresh,
        beside,
        made=lambda job, record: print(store.path(record), flush=True),
    )


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
    running.add_argument("--minutes", type=whole(1), metavar="N", help="only what fits into so many minutes")
    running.add_argument("--fresh", action="store_true", help="make again what the store has")
    for parser in (planned, running):
        parser.add_argument("names", nargs="*", metavar="NAME", help="experiments; `convscale experiment list`")
        parser.add_argument("--all", action="store_true", help="every experiment that has this scale and counts")
        parser.add_argument("--scale", default="smoke", help="smoke, small, medium or paper; default: smoke")
        parser.add_argument("--device", default="auto", help="auto, cpu, cuda or xla")
        parser.add_argument("--arm", help="only this arm")
        parser.add_argument("--seed", type=whole(0), help="only this seed")
        parser.add_argument("--shard", metavar="K/N", help="only every N-th run, from the K-th on")
