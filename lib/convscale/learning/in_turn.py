"""Many networks with released weights on one set of images, one after the other; what is done is kept in a file."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

from ..datasets import identity_of
from ..devices import Device, pick
from ..files import check_writable, replace_file
from .evaluation import evaluate, to_evaluate
from .own_data import dataset_of
from .passes import BATCH

FIELDS = ("network", "data", "images", "top1", "top5", "error")
Row = dict[str, str]


def kept(file: Path) -> list[Row]:
    """The rows of a file of `evaluate_in_turn`; none where it is not there. Raises ValueError for another file."""
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if rows and tuple(rows[0]) != FIELDS:
        raise ValueError(f"{file} holds something else: its first line is not {','.join(FIELDS)}; choose another file")
    return rows


def write(file: Path, rows: Iterable[Row]) -> None:
    text = StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    replace_file(file, lambda path: path.write_text(text.getvalue(), encoding="utf-8"))


def evaluate_in_turn(
    networks: Iterable[str],
    data: str,
    file: Path,
    device: str | Device = "auto",
    workers: int = 0,
    batch_size: int = BATCH,
) -> Iterator[Row]:
    """Evaluate each of `networks`, "timm:name.tag" or "timm:name.tag@px", on the test images of `data`.

    Yields a row for each: network, data (as `identity_of` names it), images, top1 and top5 in %, and error. A row goes
    into `file` as soon as it is known; what the file has of these images is not done again. Weights that cannot be
    fetched have an error and are tried again the next time. Raises ValueError or DataMissing for unusable images, and
    OSError where the file cannot be written, before any network is fetched.
    """
    device = pick(device) if isinstance(device, str) else device
    identity, rows = identity_of(dataset_of(data)), kept(file)
    check_writable(file.parent)
    for network in networks:
        done = [row for row in rows if (row["network"], row["data"]) == (network, identity)]
        if done and not done[0]["error"]:
            yield done[0]
            continue
        name, _, px = network.partition("@")
        row = dict.fromkeys(FIELDS, "") | {"network": network, "data": identity}
        try:
            trained, images, _ = to_evaluate(data, name, None, int(px) if px else None)
        except OSError as error:  # no network, or no room for the weights
            row["error"] = " ".join(str(error).split())
        else:
            found = evaluate(
                trained.model, images, trained.pixels, device, workers=workers, batch_size=batch_size, progress=True
            )
            row |= {"images": str(found["images"]), "top1": f"{found['top1']:.3f}", "top5": f"{found['top5']:.3f}"}
        rows = [other for other in rows if other not in done] + [row]
        if device.is_main:
            write(file, rows)
        yield row
