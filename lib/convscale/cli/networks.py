"""Commands on the networks and their trainings: what there is, and how fast it is."""

import shlex

from .command import Commands, matching, whole


def show(args) -> None:
    from ..models import list_models, read_network, table

    if (names := matching(args.network, list_models)) is not None:
        print("\n".join(names))
        return
    network = read_network(args.network)
    network = table(network) if isinstance(network, str) else network
    from ..models import show as show_network

    print(show_network(network, args.image_size))


def recipes(args) -> None:
    from ..recipes import list_presets, preset_text

    names = matching(args.name, list_presets)
    print("\n".join(names) if names is not None else preset_text(args.name))


def measure(args) -> None:
    from ..devices import KINDS
    from ..errors import check_name
    from ..measure.paper_tables import COMPARISONS, comparisons_on

    known = sorted({comparison.table for comparison in COMPARISONS})
    for name in args.tables:
        check_name("table of speeds", name, known)
    check_name("device", args.device, KINDS)
    from ..devices import pick
    from ..measure.sessions import measure_together
    from ..records import local
    from ..records.measured import records_of

    device = pick(args.device)
    local().check_writable()  # before what may take an hour
    command = shlex.join(["convscale", "measure", *args.tables, "--device", args.device, "--rounds", str(args.rounds)])
    for comparison in comparisons_on(device.kind):
        if args.tables and comparison.table not in args.tables:
            continue
        measured = measure_together(comparison, device, args.rounds)
        print(f"{comparison.table} {comparison.quantity}: {measured['protocol'][0]}")
        shown = measured.groupby("row", sort=False)["value"].agg(["median", "min", "max"])
        print(shown.map("{:.4g}".format).rename_axis(f"({comparison.unit})").to_string())
        for row, why in comparison.left_out.items():
            print(f"not measured: {row}: {why}")
        for record in records_of(measured, device, command):
            print(local().write(record))
        print(flush=True)


def sizes(args) -> None:
    from ..datasets import identity_of
    from ..devices import KINDS, pick
    from ..errors import check_name
    from ..learning.own_data import dataset_of
    from ..measure.by_size import top1_by_size
    from ..records import local
    from ..records.measured import records_of

    device = pick(check_name("device", args.device, KINDS))
    local().check_writable()
    dataset = dataset_of(args.data)
    measured = top1_by_size(args.model, args.weights, args.data, args.sizes, device, identity_of(dataset))
    print(measured["protocol"][0])
    print(measured.set_index("row")["value"].map("{:.1f} %".format).to_string())
    named = "FOLDER" if dataset.startswith("folder:") else args.data  # a path of this machine helps nobody
    given = ["--model", args.model, "--weights", args.weights, "--data", named, "--device", args.device]
    command = shlex.join(["convscale", "sizes", *map(str, args.sizes), *given])
    for record in records_of(measured, device, command):
        print(local().write(record))


def add(commands: Commands) -> None:
    shown = commands.add(
        "show",
        show,
        "a network's stages as the papers print them; without one, all",
        "convscale show resnet-rs-50",
    )
    shown.add_argument("network", nargs="?", help="a name, a pattern such as 'efficientnetv2*', or table:net.yaml")
    shown.add_argument("--image-size", type=whole(1), metavar="PX", help="default: the network's own")

    listed = commands.add(
        "recipes",
        recipes,
        "a paper's training, value by value with sources; without one, all names",
        "convscale recipes v2-s:paper",
    )
    listed.add_argument("name", nargs="?", help="a name, or a pattern such as 'v2-*'")

    measuring = commands.add(
        "measure",
        measure,
        "measure what the papers' tables of speed and memory have, in turn, and keep it as records",
        "convscale measure v2:11 --device cuda",
    )
    measuring.add_argument("tables", nargs="*", metavar="TABLE", help="e.g. v2:11; all by default")
    measuring.add_argument("--device", default="auto", help="auto, cpu, cuda or xla")
    measuring.add_argument("--rounds", type=whole(1), default=9, help="of each quantity, in turn")

    testing = commands.add(
        "sizes",
        sizes,
        "test a network with its weights on larger and smaller images than it was trained on, and keep it as records",
        "convscale sizes 128 224 320 --model efficientnet-lite0 --weights package --data imagenet/val",
    )
    testing.add_argument("sizes", nargs="+", type=whole(1), metavar="PX", help="of the test images")
    testing.add_argument("--model", required=True, help="one of `convscale show`")
    testing.add_argument("--weights", default="pretrained", help="as for `evaluate`")
    testing.add_argument("--data", required=True, help="as for `evaluate`")
    testing.add_argument("--device", default="auto", help="auto, cpu, cuda or xla")
