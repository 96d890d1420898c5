"""Commands of the architecture search."""

import sys
from importlib.util import find_spec
from pathlib import Path

from ..words import plural
from .command import Commands, whole

BEST = 5  # trials that `search show` lists; ours


def named(args) -> tuple:
    """The proxy, where the study lies and its name, all names checked before anything is loaded that takes long.

    Raises ValueError where Optuna is not installed.
    """
    if find_spec("optuna") is None:
        raise ValueError("the search needs Optuna: pip install 'convscale[search]'")
    from ..paths import CACHE
    from ..search.candidates import proxy

    chosen = proxy(args.space, args.scale)
    place = args.storage or str(CACHE / "searches" / "search.journal")
    return chosen, place, args.study or f"{args.space}-{args.scale}"


def run(args) -> None:
    from ..devices import KINDS
    from ..errors import check_name

    chosen, place, study = named(args)
    from ..search.samplers import SAMPLERS

    check_name("device", args.device, KINDS)
    check_name("sampler", args.sampler, SAMPLERS)
    from ..experiments.execute import check_data
    from ..experiments.experiment import Job
    from ..records import local
    from ..search.worker import Orders
    from ..search.workers import search

    check_data([Job("search", args.scale, "any", chosen.base)])
    store = local()
    store.check_writable()
    orders = Orders(
        place,
        study,
        chosen.watched if args.prune else chosen,
        args.sampler,
        args.trials,
        args.seed,
        args.device,
        store,
        predict=args.predict,
        prune=args.prune,
    )
    search(orders, args.workers)
    show(args)


def show(args) -> None:
    from ..search.study import open_study
    from ..search.trials import importance, table

    _, place, name = named(args)
    study = open_study(place, name)
    trials = table(study)
    print(f"study {name} in {place}")
    print(", ".join(f"{count} {state}" for state, count in trials["state"].value_counts().items()) or "no trials yet")
    done = trials[trials["state"] == "complete"].sort_values("reward", ascending=False)
    if len(done):
        columns = ["trial", "reward", "accuracy", "step_time", "params", "multiply_adds", "network"]
        print(done[columns].dropna(axis=1).head(BEST).to_string(index=False))
    for trial, why in trials.loc[trials["failed"].notna(), ["trial", "failed"]].itertuples(index=False):
        print(f"trial {trial} failed: {why}")
    if len(shares := importance(study)):
        print("what each decision explains of the reward's variance:")
        print(shares.map("{:.0%}".format).to_string())
    if args.out:
        trials.to_csv(args.out, index=False)


def export(args) -> None:
    from ..search.study import open_study
    from ..search.trials import exported

    chosen, place, name = named(args)
    text = exported(open_study(place, name), chosen, args.trial)
    if args.out:
        Path(args.out).write_text(text, encoding="utf-8")
        print(f"{args.out}: convscale train --model table:{args.out} ...", file=sys.stderr)
    else:
        print(text, end="")


def timing(args) -> None:
    from ..devices import KINDS
    from ..errors import check_name

    check_name("device", args.device, KINDS)
    from contextlib import nullcontext

    from ..devices import pick
    from ..experiments.making import one_thread
    from ..records import local
    from ..records.measured import records_of
    from ..search.sessions import sessions

    device, store = pick(args.device), local()
    store.check_writable()
    with one_thread() if device.kind == "cpu" else nullcontext():
        for measured in sessions(device):
            for record in records_of(measured, device, f"convscale search time --device {device.kind}"):
                store.write(record)
            row = measured.iloc[0]
            print(
                f"{plural(measured['row'].nunique(), 'row')} of {row['quantity']!r} at {row['image_sizes'][0]} px",
                flush=True,
            )
    print(f"in {store.root}; `convscale records publish v2:search` copies them")


def add(commands: Commands) -> None:
    group = commands.group("search", "the training-aware architecture search")
    running = group.add(
        "run",
        run,
        "train and reward networks of a space until the study has so many; many workers and machines share a storage",
        "convscale search run --space v2 --scale small --sampler random --trials 1000 --workers 4",
    )
    running.add_argument("--sampler", default="random", help="random, evolution (NSGA-II) or reinforce")
    running.add_argument("--trials", type=whole(1), default=64, help="of the study, by all workers together")
    running.add_argument("--workers", type=whole(1), default=1, help="processes on this machine")
    running.add_argument("--device", default="auto", help="auto, cpu, cuda or xla")
    running.add_argument("--seed", type=whole(0), default=0, help="of the sampler")
    running.add_argument("--predict", action="store_true", help="step times from those of blocks")
    running.add_argument("--prune", action="store_true", help="end candidates below the median early; not the paper's")
    shown = group.add(
        "show",
        show,
        "how a study stands: its trials, the best, and how much each decision matters",
        "convscale search show --space v2 --scale small",
    )
    shown.add_argument("-o", dest="out", metavar="FILE.csv", help="write all trials as a table")
    running.set_defaults(out=None)
    exporting = group.add(
        "export",
        export,
        "a found network as a file that `train --model table:FILE` and `build` take",
        "convscale search export --space v2 --scale small --trial best -o net.yaml",
    )
    exporting.add_argument("--trial", default="best", help="best, or the number of one")
    exporting.add_argument("-o", dest="out", metavar="FILE.yaml", help="where to; else it is printed")
    times = group.add(
        "time",
        timing,
        "step times behind the page of the search: of its networks, and of blocks",
        "convscale search time",
    )
    times.add_argument("--device", default="auto", help="auto, cpu, cuda or xla")
    for parser in (running, shown, exporting):
        parser.add_argument("--space", default="v2", help="v2, mnasnet (EfficientNet's) or compound (its step 1)")
        parser.add_argument("--scale", default="smoke", help="smoke, small, medium or paper; default: smoke")
        parser.add_argument(
            "--storage",
            help="a file that all workers see, or a database such as sqlite:///search.db; default: "
            "runs/searches/search.journal of a checkout, else in ~/.cache/convscale",
        )
        parser.add_argument("--study", help="name of the study; default: space and scale")
