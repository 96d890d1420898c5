"""Which runs of experiments a command is about: its arguments, and the jobs that they name."""

import argparse

from .command import whole


def takes_names(parser: argparse.ArgumentParser) -> None:
    """The arguments that `chosen` reads."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments; `convscale experiment list`")
    parser.add_argument("--all", action="store_true", help="every experiment that has this scale and counts")
    parser.add_argument("--scale", default="smoke", help="smoke, small, medium or paper; default: smoke")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or xla")
    parser.add_argument("--arm", help="only this arm")
    parser.add_argument("--seed", type=whole(0), help="only this seed")
    parser.add_argument("--shard", metavar="K/N", help="only every N-th run, from the K-th on; K may be job")


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
