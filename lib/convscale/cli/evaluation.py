"""`convscale evaluate`: how good a network is on a person's images, or on ImageNet."""

import os

from ..files import check_writable
from ..words import plural
from .command import Commands
from .network_options import check_words, home_path, looks_at_images


def evaluate(args) -> None:
    if not (args.model or args.weights or args.table):
        raise ValueError("nothing to evaluate: give --weights that `train` kept, or --model, or --table")
    check_words(args)
    if args.table:
        from .evaluated_table import evaluate_table

        return evaluate_table(args)
    from ..devices import pick
    from ..learning import answers_of
    from ..learning.evaluation import to_evaluate
    from ..models import read_network
    from .evaluation_folder import results_of, weak_classes, write_evaluation

    device = pick(args.device)
    if args.out and device.is_main:
        check_writable(args.out)
    trained, images, words = to_evaluate(
        args.data, args.model and read_network(args.model), args.weights, args.image_size
    )
    found = answers_of(trained, images, device, workers=args.workers, batch_size=args.batch_size, progress=True)
    if not device.is_main:
        return
    print(f"{args.model or args.weights} at {trained.pixels.words}")
    for line in (words, *images.notes):
        print(f"note: {line}")
    result = results_of(found)
    if weak := ", ".join(weak_classes(found, images.classes)):
        print(f"weakest classes: {weak}")
    print(
        f"calibration error {result['calibration_error']:.2f} points: how far its probabilities are from its accuracy"
    )
    if args.out:
        write_evaluation(args.out, found, images, images.classes)
        print(f"every class, the confusion matrix and the worst mistakes: {args.out}")
    print(f"top-1 {result['top1']:.3f} %, top-5 {result['top5']:.3f} % of {plural(result['images'], 'image')}")


def add(commands: Commands) -> None:
    evaluation = commands.add(
        "evaluate",
        evaluate,
        "top-1, top-5 and what is mistaken for what, with the preprocessing of the weights",
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
        "--out",
        type=home_path,
        help="folder for tables of every class, of mistakes and of calibration, and pictures; with --table the CSV "
        "file that keeps it (default runs/evaluate/<table>.csv)",
    )
