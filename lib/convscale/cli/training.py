"""Commands that train and evaluate on the user's own images."""

from pathlib import Path

from .command import Commands


def evaluate(args) -> None:
    from ..datasets.sources import read_split
    from ..devices import pick
    from ..learning.evaluation import evaluate_images, with_weights

    images = read_split(args.data)
    model, config = with_weights(args.model, args.weights, len(images.classes), args.image_size)
    result = evaluate_images(model, images, config, pick(args.device), args.batch_size, args.workers)
    size, crop = config["input_size"][-1], config["crop_pct"]
    print(f"{args.model} at {size} px, crop {crop:.3f} ({config['crop_mode']}), {config['interpolation']}")
    print(f"top-1 {result['top1']:.3f} %, top-5 {result['top5']:.3f} % of {result['images']} images")


def add(commands: Commands) -> None:
    evaluation = commands.add(
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
