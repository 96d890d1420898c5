"""`convscale evaluate --table`: a paper's ImageNet accuracies beside those of the released weights on your images."""

from pathlib import Path

WIDTHS = (24, 10, 10, 10, 10)  # of the columns
HEADS = ("row", "top-1", "paper", "top-5", "paper")
TOPS = {"top-1": "top1", "top-5": "top5"}  # column of the papers' tables -> of ours
ALONE = ("model", "weights", "image_size")  # options of one network


def line(cells) -> str:
    """A row of the table: its name to the left, numbers to the right."""
    first, *others = zip(cells, WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in others)


def evaluate_table(args) -> None:
    """Print the table, a row as soon as it is known. Raises ValueError for an unknown table, options of one network,
    and at the end for weights that could not be fetched."""
    given = [f"--{name.replace('_', '-')}" for name in ALONE if getattr(args, name)]
    if given:
        raise ValueError(f"--table has its networks and their sizes: leave out {', '.join(given)}")
    from ..pages.checkpoints import checkpoints

    networks = checkpoints(args.table)
    file = args.out or Path("runs/evaluate") / f"{args.table.replace(':', '-')}.csv"
    from ..devices import pick
    from ..evidence import show_paper_table
    from ..learning import evaluate_in_turn
    from ..learning.own_data import dataset_of

    dataset_of(args.data)  # or its error, before anything is printed
    device, printed = pick(args.device), show_paper_table(args.table)
    stated = {top: printed[f"{top} (%)"] for top in ("top-1", "top-5") if f"{top} (%)" in printed}
    if device.is_main:
        print(f"{len(networks)} released networks; kept in {file}: the same command goes on from there")
        print(line(HEADS), flush=True)
    failed = []
    found = evaluate_in_turn(networks.values(), args.data, file, device, args.workers, args.batch_size)
    for row, result in zip(networks, found, strict=True):
        failed += [f"{row}: {result['error']}"] if result["error"] else []
        tops = [(result[key], stated[top][row] if top in stated else "") for top, key in TOPS.items()]
        if device.is_main:
            print(line((row, *(cell or "-" for pair in tops for cell in pair))), flush=True)
    if failed:
        raise ValueError("\n".join([f"{len(failed)} of {len(networks)} could not be evaluated:", *failed]))
