"""The command line: `convscale <command> --help` shows an example of each."""

import argparse
import sys
from pathlib import Path

import yaml


def parameters(pairs: list[str]) -> dict:
    """["seeds=5"] -> {"seeds": 5}, values read as YAML."""
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"parameter {pair!r}: write it as name=value, e.g. seeds=5")
    return {name: yaml.safe_load(value) for name, value in (pair.split("=", 1) for pair in pairs)}


def page_list(args) -> None:
    from .pages.notebook import sources

    print("\n".join(sources()))


def page_run(args) -> None:
    from papermill.exceptions import PapermillExecutionError

    from .pages.notebook import run_page

    output = args.output or Path("runs/pages") / f"{args.name}.ipynb"
    try:
        print(run_page(args.name, output, parameters(args.parameters)))
    except PapermillExecutionError as error:
        where = output.with_suffix(".partial.ipynb")
        raise RuntimeError(
            f"{error.ename}: {error.evalue}\n(the page up to there, with the traceback: {where})"
        ) from None


def page_publish(args) -> None:
    from .pages.notebook import run_page, sources
    from .paths import CHECKOUT

    for name in args.names or sources():
        print(run_page(name, CHECKOUT / "book" / f"{name}.ipynb", {}))


def book(args) -> None:
    from .pages.book import make_book

    print(f"open {make_book(parameters(args.parameters))}")


def records_list(args) -> None:
    from .evidence.records import frame, local, published

    store = published() if args.published else local()
    table = frame(store.all())
    print(table.to_string(index=False) if len(table) else f"no records in {store.root}")


def records_check(args) -> None:
    from .evidence.records import Store

    for file in args.files:
        Store(file.parent).read(file)
        print(f"{file}: sound")


def records_publish(args) -> None:
    from .errors import check_name
    from .evidence.records import SCALES, local, published

    check_name("scale", args.scale, SCALES)
    records = local().all(args.page, args.scale)
    if not records:
        raise ValueError(f"no records of page {args.page!r} at scale {args.scale!r} in {local().root}")
    for record in records:
        print(published().write(record))


def claims(args) -> None:
    from .evidence.claims import claims as all_claims
    from .evidence.claims import judge
    from .evidence.records import published

    for claim in all_claims():
        found = judge(claim, published().all(claim["page"], "small"))
        print(f"{found.verdict:15} {claim['id']}: {claim['statement']} ({found.why})")


def models(args) -> None:
    from .models import list_models

    print("\n".join(list_models(args.pattern)))


def show(args) -> None:
    from .models.show import show as show_model

    print(show_model(args.model, args.image_size))


def paper_show(args) -> None:
    from .evidence.paper import list_paper_tables, show_paper_table

    print(show_paper_table(args.table).to_string() if args.table else "\n".join(list_paper_tables()))


def evaluate(args) -> None:
    from .datasets.sources import read_split
    from .devices import pick
    from .learning.evaluation import evaluate_images, with_weights

    images = read_split(args.data)
    model, config = with_weights(args.model, args.weights, len(images.classes), args.image_size)
    result = evaluate_images(model, images, config, pick(args.device), args.batch_size, args.workers)
    size, crop = config["input_size"][-1], config["crop_pct"]
    print(f"{args.model} at {size} px, crop {crop:.3f} ({config['crop_mode']}), {config['interpolation']}")
    print(f"top-1 {result['top1']:.3f} %, top-5 {result['top5']:.3f} % of {result['images']} images")


def measure(args) -> None:
    from .measure.bench import compare_models

    table = compare_models(args.rounds)
    print(table.round(3).to_string(index=False))
    print(f"protocol: {table.attrs['protocol']}; ratio = timm's seconds / ours, above 1 is faster than timm")


def doctor(args) -> None:
    import torch

    from .devices import pick
    from .paths import DATA, local_records

    device = pick()
    print(f"device   {device.kind}: {device.name}")
    print(f"torch    {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"data     {DATA}")
    print(f"records  {local_records()}")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="convscale", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="command")

    def command(within, name: str, function, about: str, example: str) -> argparse.ArgumentParser:
        sub = within.add_parser(name, help=about, description=about, epilog=f"example: {example}")
        sub.set_defaults(function=function)
        return sub

    def group(name: str, about: str):
        return commands.add_parser(name, help=about).add_subparsers(required=True, metavar="command")

    page = group("page", "list, run and publish pages of the book")
    command(page, "list", page_list, "names of all pages", "convscale page list")
    run = command(
        page,
        "run",
        page_run,
        "execute a page on this machine",
        "convscale page run efficientnetv2/6-3-adaptive-regularization -p scale=small -p seeds=5",
    )
    run.add_argument("name")
    run.add_argument("-p", dest="parameters", action="append", default=[], metavar="name=value")
    run.add_argument("-o", dest="output", type=Path, help="notebook to write (default runs/pages/<name>.ipynb)")
    publish = command(
        page, "publish", page_publish, "execute pages with their defaults into book/", "convscale page publish"
    )
    publish.add_argument("names", nargs="*", help="default: all pages")

    build = command(
        commands, "book", book, "run every page here and build the HTML", "convscale book -p scale=smoke -p seeds=2"
    )
    build.add_argument("-p", dest="parameters", action="append", default=[], metavar="name=value")

    records = group("records", "list, check and publish the records of runs")
    listing = command(records, "list", records_list, "records of this machine", "convscale records list --published")
    listing.add_argument("--published", action="store_true", help="those in data/records instead")
    check = command(
        records, "check", records_check, "check records, e.g. before offering them", "convscale records check run.json"
    )
    check.add_argument("files", nargs="+", type=Path)
    publishing = command(
        records,
        "publish",
        records_publish,
        "copy this machine's records to data/records",
        "convscale records publish efficientnetv2/6-3-adaptive-regularization small",
    )
    publishing.add_argument("page")
    publishing.add_argument("scale")

    command(commands, "claims", claims, "the verdict on every claim", "convscale claims")
    listed = command(commands, "models", models, "names of our models", "convscale models 'efficientnetv2*'")
    listed.add_argument("pattern", nargs="?", default="*")
    shown = command(
        commands, "show", show, "a model's stages, as the papers print them", "convscale show efficientnetv2-s"
    )
    shown.add_argument("model")
    shown.add_argument("--image-size", type=int, metavar="PX")

    printed = command(commands, "paper", paper_show, "a table as the paper prints it", "convscale paper v2:13")
    printed.add_argument("table", nargs="?", help="e.g. v2:13; without it, the names of all tables")

    evaluation = command(
        commands,
        "evaluate",
        evaluate,
        "top-1 and top-5 on a folder of images, with the papers' preprocessing",
        "convscale evaluate --model efficientnetv2-s --weights timm:tf_efficientnetv2_s.in1k --data imagenet/val",
    )
    evaluation.add_argument("--model", required=True, help="one of `convscale models`, or timm:<name.tag>")
    evaluation.add_argument("--weights", help="timm:<name.tag>, or a .safetensors or torch file")
    evaluation.add_argument("--data", required=True, type=Path, help="a folder a class, or parquet files")
    evaluation.add_argument("--image-size", type=int, metavar="PX")
    evaluation.add_argument("--device", default="auto")
    evaluation.add_argument("--batch-size", type=int, default=64)
    evaluation.add_argument("--workers", type=int, default=2)

    timing = command(commands, "measure", measure, "our networks' speed against timm's", "convscale measure --rounds 7")
    timing.add_argument("--rounds", type=int, default=7)

    command(commands, "doctor", doctor, "what this machine can run", "convscale doctor")
    return top


def main() -> None:
    args = parser().parse_args()
    try:
        args.function(args)
    except (ValueError, RuntimeError, OSError) as error:
        sys.exit(f"convscale: {error}")


if __name__ == "__main__":
    main()
