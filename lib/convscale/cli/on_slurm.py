"""`convscale experiment run --on slurm`: the same runs, handed to a cluster."""

import argparse
import sys

from .command import whole

SMOKE_SECONDS = 5.0  # of a run of that scale; ours: 0.2 to 2, and timing one takes longer
ONLY_THERE = {"partition", "account", "gpus", "cores", "memory", "tasks", "run_minutes", "yes"}


def check_place(args) -> None:
    """Raise ValueError for options of the other place."""
    from ..errors import check_name

    check_name("place", args.on, ("local", "slurm"))
    if args.on == "local" and (given := sorted(name for name in ONLY_THERE if getattr(args, name))):
        raise ValueError(f"--{given[0].replace('_', '-')} is for --on slurm: say where the runs are to be made")
    if args.on == "slurm" and args.fresh:
        raise ValueError("--fresh makes runs on this machine: a task that is queued again would begin them anew")


def submit_to_slurm(args, jobs: list) -> None:
    """Say what would be submitted, ask, and submit."""
    from ..experiments.batches import batches
    from ..experiments.on_cluster import remove_old, waiting
    from ..experiments.submission import Asked, engine, planned, submit
    from ..records import local

    engine()
    asked = Asked(args.partition, args.account, args.gpus or 0, args.cores or 1, args.memory, args.minutes, args.tasks)
    device = args.device if args.device != "auto" else "cuda" if asked.gpus else "cpu"
    store = local()
    known = batches()
    in_queue = waiting(known)
    handed_over = {key for _, keys in in_queue for key in keys}
    plan = planned(jobs, store, asked, seconds_there(args, device, store), handed_over)
    print(plan, file=sys.stderr)
    if not args.yes and not agreed():
        raise ValueError("nothing was submitted")
    batch, job = submit(plan, store, device)
    print(f"submitted: job {job}, {batch.name}; logs in {batch.folder}", file=sys.stderr)
    if old := remove_old(known, store, {task.batch for task, _ in in_queue}):
        print(f"removed the folders of {len(old)} old batches, whose runs are all in the store", file=sys.stderr)
    print(job)


def seconds_there(args, device: str, store):
    """What a run takes there: as was said, or as records of such a device say, or timed on this machine."""
    if args.run_minutes or args.scale == "smoke":
        return lambda run: 60.0 * args.run_minutes if args.run_minutes else SMOKE_SECONDS
    from ..devices import pick
    from ..experiments.seconds import Seconds

    try:
        return Seconds(pick(device), store)
    except RuntimeError:
        raise ValueError(
            f"this machine has no {device} to time a run on: say how long one takes there, --run-minutes N"
        ) from None


def agreed() -> bool:
    if not sys.stdin.isatty():
        raise ValueError("nothing was submitted, as nobody can be asked here: --yes answers")
    return input("submit? [y/N] ").strip().lower() in ("y", "yes")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", default="local", help="local, or slurm: as one array of tasks")
    slurm = parser.add_argument_group("with --on slurm", "where --minutes is the time limit of a task")
    slurm.add_argument("--partition", help="default: Slurm's")
    slurm.add_argument("--account", help="default: Slurm's")
    slurm.add_argument("--gpus", type=whole(0, 64), help="of one run; more than one train it together; default: 0")
    slurm.add_argument("--cores", type=whole(1), help="of one task, for runs side by side or for loading; default: 1")
    slurm.add_argument("--memory", type=whole(1), metavar="GB", help="of one task; grows after a run that needs more")
    slurm.add_argument("--tasks", type=whole(1, 1000), metavar="N", help="default: of about 20 minutes each")
    slurm.add_argument(
        "--run-minutes", type=whole(1), metavar="N", help="that a run takes; default: by records, or timed"
    )
    slurm.add_argument("--yes", action="store_true", help="do not ask before submitting")
