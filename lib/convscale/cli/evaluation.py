"""`convscale evaluate`: how good a network is on a person's images, or on ImageNet."""

import os

from .command import Commands, plain_warnings
from .network_options import check_words, home_path, looks_at_images


def evaluate(args) -> None:
    if not (args.model or args.weights or args.table):
        raise ValueError("nothing to evaluate: give --weights that `train` kept, or --model, or --table")
    check_words(args)
    if args.table:
        from .evaluated_table import evaluate_table

        return evaluate_table(args)
    from ..devices import pick
    from ..learning import evaluate as evaluate_model
    from ..learning.evaluation import to_evaluate
    from ..models import read_network

    device = pick(args.device)
    trained, images, words = to_evaluate(
        args.data, args.model and read_network(args.model), args.weights, args.image_size
    )
    with plain_warnings():
        result = evaluate_model(
            trained.model,
            images,
            trained.pixels,
            device,
            workers=args.workers,
            batch_size=args.batch_size,
            progress=True,
        )
    print(f"{args.model or args.weights} at {trained.pixels.words}")
    for line in (f"{len(images):,} {words}", *images.notes):
        print(f"note: {line}")
    print(f"top-1 {result['top1']:.3f} %, top-5 {result['top5']:.3f} % of {result['images']} images")


def add(commands: Commands) -> None:
    evaluation = commands.add(
        "evaluate",
        evaluate,
        "top-1 and top-5 on a folder of images, with the preprocessing of the weights",
        "convscale evaluate --model efficientnetv2-s --weights timm:tf_efficientnetv2_s.in1k --data imagenet/val",
    )
    evaluation.add_argument(
        "--model", help="one of `convscale show`, timm:<name[.tag]>, or table:net.yaml; not for weights of `train`"
    )
    evaluation.add_argument(
        "--weights",
        type=os.path.expanduser,
        help="pretrained, timm:<name.tag>, a .safetensors or torch file, or what `train` kept",
    )
    evaluation.add_argument(
        "--table", metavar="PAPER:N", help="instead: all released weights of a paper's table, such as v1:2; resumable"
    )
    evaluation.add_argument("--data", required=True, help="as for `train`: its test images, or else all")
    looks_at_images(evaluation)
    evaluation.add_argument(
        "--out", type=home_path, help="of --table: the CSV file that keeps it (default runs/evaluate/<table>.csv)"
    )
