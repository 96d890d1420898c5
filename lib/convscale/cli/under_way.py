"""Commands on experiments under way: how far they are, what they said, and their end."""

import sys

from ..words import plural
from .chosen_runs import chosen, takes_names
from .command import Commands, whole


def status(args) -> None:
    from ..experiments.on_cluster import batches_of, lost_tasks, waiting
    from ..experiments.registry import key_of
    from ..experiments.status import standings, status_lines
    from ..records import local

    jobs = chosen(args)
    found = batches_of({key for job in jobs if (key := key_of(job))})
    queued, lost = set(), []
    try:
        queued = {key for _, keys in waiting(found) for key in keys}
        left = {s.key for s in standings(jobs, local(), queued) if s.state in ("missing", "failed")}
        lost = lost_tasks(found, left)
    except RuntimeError as error:
        print(f"convscale: batches were submitted, and the queue is not known here: {error}", file=sys.stderr)
    print("\n".join(status_lines(standings(jobs, local(), queued))))
    if lost:
        print("\n".join(["tasks that ended without their runs:", *lost]))


def cancel(args) -> None:
    from ..experiments.attempt import RENEW
    from ..experiments.on_cluster import stop
    from ..experiments.status import standings
    from ..records import local

    found = standings(chosen(args), local())
    running = {s.key for s in found if s.state == "running"}
    tasks, runs = stop({s.key for s in found if s.state != "done"}, running)
    print(
        f"cancelled {plural(tasks, 'task')}; asked {plural(runs, 'other run')} to save and stop, which takes about "
        f"{RENEW:.0f} s"
    )


def logs(args) -> None:
    from ..errors import check_name
    from ..experiments.places import log_file
    from ..experiments.registry import get, key_of

    sweep = get(args.name, args.scale)
    check_name(f"arm of {args.name}", args.arm, sweep.arms)
    check_name("seed", str(args.seed), map(str, sweep.seeds))
    job = next(job for job in sweep.jobs if (job.arm, job.run.seed) == (args.arm, args.seed))
    key = key_of(job)
    if key is None or not (file := log_file(key)).exists():
        raise ValueError(f"no log of {args.name} {args.arm} seed {args.seed}: it was not begun with these folders")
    print(file.read_text(encoding="utf-8"), end="")


def add(experiment: Commands) -> None:
    standing = experiment.add(
        "status",
        status,
        "how many runs are done, running, queued, failed and missing; where those under way are, and how far",
        "convscale experiment status v2_table13 --scale small",
    )
    ending = experiment.add(
        "cancel",
        cancel,
        "let runs under way, here, elsewhere and on a cluster, save their state and stop",
        "convscale experiment cancel v2_table13 --scale small",
    )
    for parser in (standing, ending):
        takes_names(parser)
    said = experiment.add(
        "logs",
        logs,
        "what a run said: its attempts, the points of its curve, its errors",
        "convscale experiment logs v2_table13 adaptive 10 --scale small",
    )
    said.add_argument("name", metavar="NAME", help="experiment")
    said.add_argument("arm", metavar="ARM")
    said.add_argument("seed", metavar="SEED", type=whole(0))
    said.add_argument("--scale", default="smoke", help="smoke, small, medium or paper; default: smoke")
