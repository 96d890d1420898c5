"""Commands on the runs behind the pages."""

from .command import Commands, parameters, takes_parameters


def plan(args) -> None:
    from ..devices import KINDS
    from ..errors import check_name
    from ..pages.sources import sources
    from ..records.schema import SCALES

    check_name("page", args.page, sources())
    for kind, value, allowed in (("scale", args.scale, SCALES), ("device", args.device, KINDS)):
        if value is not None:
            check_name(kind, value, allowed)
    from ..experiments import estimate_jobs
    from ..pages.plain import plan as runs_of
    from ..records import local

    given = {"scale": args.scale, "device": args.device, **parameters(args.parameters)}
    given = {name: value for name, value in given.items() if value is not None}
    store, jobs = local(), runs_of(args.page, given)
    if args.runs:
        for number, job in enumerate(jobs, start=1):
            print(f"{number}/{len(jobs)}\t{store.path(job.page, job.scale, job.run.key)}\t{job.arm}\t{job.run.seed}")
    elif jobs:
        print(estimate_jobs(jobs, given.get("device", "auto")))
    else:
        print(f"{args.page} makes no runs")


def add(commands: Commands) -> None:
    experiment = commands.group("experiment", "the runs behind the pages")
    planned = experiment.add(
        "plan",
        plan,
        "what runs there are and what the store has of them; hours, memory and disk here, from a few timed steps",
        "convscale experiment plan efficientnetv2/6-3-adaptive-regularization --scale paper",
    )
    planned.add_argument("page")
    planned.add_argument("--scale", help="smoke, small or paper; default: the page's")
    planned.add_argument("--device", help="auto, cpu, cuda or xla; default: the page's")
    planned.add_argument("--runs", action="store_true", help="list shard, record, arm and seed of each; time nothing")
    takes_parameters(planned)
