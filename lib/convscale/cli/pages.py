"""Commands on the pages of the book."""

import os
from pathlib import Path

import yaml

from ..errors import Preempted
from .command import Commands


def parameters(pairs: list[str]) -> dict:
    """["seeds=5"] -> {"seeds": 5}, values read as YAML."""
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"parameter {pair!r}: write it as name=value, e.g. seeds=5")
    return {name: yaml.safe_load(value) for name, value in (pair.split("=", 1) for pair in pairs)}


def page_list(args) -> None:
    from ..pages.sources import sources

    print("\n".join(sources()))


def page_run(args) -> None:
    if args.shard:
        os.environ["CONVSCALE_SHARD"] = args.shard  # a notebook's kernel is another process
    if args.no_kernel:
        from ..pages.plain import run_plain

        run_plain(args.name, parameters(args.parameters), args.output)
        return
    from papermill.exceptions import PapermillExecutionError

    from ..pages.notebook import run_page

    output = args.output or Path("runs/pages") / f"{args.name}.ipynb"
    try:
        print(run_page(args.name, output, parameters(args.parameters)))
    except PapermillExecutionError as error:
        where = output.with_suffix(".partial.ipynb")
        raised = Preempted if error.ename == Preempted.__name__ else RuntimeError
        raise raised(f"{error.ename}: {error.evalue}\n(the page up to there, with the traceback: {where})") from None


def page_plan(args) -> None:
    from ..evidence.records import local
    from ..pages.plain import plan

    store, given = local(), parameters(args.parameters)
    jobs = plan(args.name, given)
    for number, job in enumerate(jobs, start=1):
        print(f"{number}/{len(jobs)}\t{store.path(job.page, job.scale, job.run.key)}\t{job.arm}\t{job.run.seed}")


def estimate(args) -> None:
    from ..pages.estimate import estimate as estimate_page

    given = {"scale": args.scale, "device": args.device, **parameters(args.parameters)}
    print(estimate_page(args.page, {name: value for name, value in given.items() if value is not None}))


def page_publish(args) -> None:
    from ..pages.notebook import run_page
    from ..pages.sources import sources
    from ..paths import CHECKOUT

    for name in args.names or sources():
        print(run_page(name, CHECKOUT / "book" / f"{name}.ipynb", {}))


def book(args) -> None:
    from ..pages.book import make_book

    print(f"open {make_book(parameters(args.parameters))}")


def add(commands: Commands) -> None:
    page = commands.group("page", "list, run and publish pages of the book")
    page.add("list", page_list, "names of all pages", "convscale page list")
    run = page.add(
        "run",
        page_run,
        "execute a page on this machine",
        "convscale page run efficientnetv2/6-3-adaptive-regularization -p scale=small -p seeds=5",
    )
    run.add_argument("name")
    run.add_argument("-p", dest="parameters", action="append", default=[], metavar="name=value")
    run.add_argument(
        "-o",
        dest="output",
        type=Path,
        help="notebook to write (default runs/pages/<name>.ipynb); with --no-kernel a folder for the figures",
    )
    run.add_argument("--no-kernel", action="store_true", help="print the page as text; needs no Jupyter packages")
    run.add_argument("--shard", metavar="K/N", help="make only every N-th run, from the K-th on; show all there are")
    planned = page.add(
        "plan",
        page_plan,
        "the runs that a page would make: shard, record, arm, seed",
        "convscale page plan efficientnetv2/6-3-adaptive-regularization -p scale=small -p seeds=3",
    )
    planned.add_argument("name")
    planned.add_argument("-p", dest="parameters", action="append", default=[], metavar="name=value")
    publish = page.add(
        "publish", page_publish, "execute pages with their defaults into book/", "convscale page publish"
    )
    publish.add_argument("names", nargs="*", help="default: all pages")
    costs = commands.add(
        "estimate",
        estimate,
        "hours, memory and disk of a page's runs on this machine, from a few timed steps",
        "convscale estimate efficientnetv2/6-3-adaptive-regularization --scale paper",
    )
    costs.add_argument("page")
    costs.add_argument("--scale", help="smoke, small or paper; default: the page's")
    costs.add_argument("--device", help="auto, cpu, cuda or xla; default: the page's")
    costs.add_argument("-p", dest="parameters", action="append", default=[], metavar="name=value")
    build = commands.add(
        "book", book, "run every page here and build the HTML", "convscale book -p scale=smoke -p seeds=2"
    )
    build.add_argument("-p", dest="parameters", action="append", default=[], metavar="name=value")
