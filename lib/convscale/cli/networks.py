"""Commands on the networks themselves."""

from .command import Commands


def models(args) -> None:
    from ..models import list_models

    print("\n".join(list_models(args.pattern)))


def show(args) -> None:
    from ..models.show import show as show_model

    print(show_model(args.model, args.image_size))


def measure_bench(args) -> None:
    from ..devices import pick
    from ..errors import check_name
    from ..measure.bench import PARTS

    device = pick(args.device)
    for part in args.parts or PARTS:
        check_name("part of the benchmark", part, PARTS)
    for part in args.parts or PARTS:
        table = PARTS[part](device, args.rounds)
        print(f"{part}\n{table.round(3).to_string(index=False)}\nprotocol: {table.attrs['protocol']}\n", flush=True)


def measure_records(args) -> None:
    from ..devices import pick
    from ..errors import check_name
    from ..evidence.measurements import records_of
    from ..evidence.records import local
    from ..measure.paper_tables import PLANS, plans_on
    from ..measure.sessions import measure_plan

    device = pick(args.device)
    for name in args.tables:
        check_name("table of speeds", name, sorted({plan.table for plan in PLANS}))
    options = "".join(f" {name}" for name in args.tables)
    command = f"convscale measure records{options} --device {args.device} --rounds {args.rounds}"
    for plan in plans_on(device.kind):
        if args.tables and plan.table not in args.tables:
            continue
        table = measure_plan(plan, device, args.rounds)
        print(f"{plan.table} {plan.quantity}: {table['protocol'][0]}")
        shown = table.groupby("row", sort=False)["value"].agg(["median", "min", "max"])
        print(shown.map("{:.4g}".format).rename_axis(f"({plan.unit})").to_string())
        for row, why in plan.left_out.items():
            print(f"not measured: {row}: {why}")
        for record in records_of(table, device, command):
            print(local().write(record))
        print(flush=True)


def add(commands: Commands) -> None:
    listed = commands.add("models", models, "names of our models", "convscale models 'efficientnetv2*'")
    listed.add_argument("pattern", nargs="?", default="*")
    shown = commands.add("show", show, "a model's stages, as the papers print them", "convscale show efficientnetv2-s")
    shown.add_argument("model")
    shown.add_argument("--image-size", type=int, metavar="PX")

    measure = commands.group("measure", "speed and memory, interleaved, with the protocol")
    bench = measure.add(
        "bench",
        measure_bench,
        "speed goals: measured ratios beside them",
        "convscale measure bench training --rounds 7",
    )
    bench.add_argument("parts", nargs="*", help="training, networks, augmentation, compilation; all by default")
    records = measure.add(
        "records",
        measure_records,
        "measure what the papers' tables of speed and memory have, and keep it as records",
        "convscale measure records v2:11 --device cuda",
    )
    records.add_argument("tables", nargs="*", help="e.g. v2:11; all by default")
    for parser, rounds in ((bench, 7), (records, 9)):
        parser.add_argument("--device", default="auto")
        parser.add_argument("--rounds", type=int, default=rounds)
