"""`convscale predict`: what weights that `train` kept say of images without labels."""

import os
from pathlib import Path

from ..words import plural
from .command import Commands
from .network_options import check_words, home_path, looks_at_images

SHOWN = 10  # classes that the last line counts


def predict(args) -> None:
    check_words(args)
    from ..datasets import unlabelled_images
    from ..devices import pick
    from ..files import check_writable, replace_file
    from ..learning import load_trained
    from ..learning import predict as predicted
    from ..learning.evaluation import check_takes

    device = pick(args.device)
    if device.is_main:
        check_writable(args.out.parent)
    trained = load_trained(args.weights, args.image_size)
    check_takes(trained.model, trained.pixels.size)
    images = unlabelled_images(args.images)
    if device.is_main:
        for line in images.notes:
            print(f"note: {line}")
    table = predicted(trained, images, device, args.workers, args.batch_size, progress=True)
    if not device.is_main:
        return
    replace_file(args.out, lambda file: table.to_csv(file, index=False, float_format="%.6f"))
    counts = table["class"].value_counts()
    print(f"{len(table):,} of {plural(len(images), 'image')}, at {trained.pixels.words}: {args.out}")
    some = ", ".join(f"{name}: {count:,}" for name, count in counts.head(SHOWN).items())
    print(some + (", ..." if len(counts) > SHOWN else ""))


def add(commands: Commands) -> None:
    parser = commands.add(
        "predict",
        predict,
        "the class of every image in a folder or of single files, as a table",
        "convscale predict --weights best.safetensors holiday/ -o predictions.csv",
    )
    parser.add_argument("images", nargs="+", metavar="FOLDER|FILE", help="images, or folders of any layout")
    parser.add_argument("--weights", required=True, type=os.path.expanduser, help="what `train` kept")
    parser.add_argument(
        "-o",
        "--out",
        type=home_path,
        default=Path("predictions.csv"),
        help="CSV file: file, class, probability and the next four",
    )
    looks_at_images(parser)
