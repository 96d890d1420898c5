"""Commands that train and evaluate on the user's own images."""

from pathlib import Path

from .command import Commands


def sizes(text: str) -> int | tuple[int, int]:
    """ "224" or "128,224"."""
    numbers = tuple(int(number) for number in text.split(","))
    if len(numbers) > 2:
        raise ValueError(text)
    return numbers if len(numbers) == 2 else numbers[0]


def train(args) -> None:
    from ..devices import pick
    from ..learning import fit
    from ..learning.own_images import own_images

    run = own_images(
        args.data,
        args.model,
        args.schedule,
        args.epochs,
        batch_size=args.batch_size,
        image_size=args.image_size,
        weights=args.weights,
        learning_rate=args.learning_rate,
        precision=args.precision,
        seed=args.seed,
        accumulate=args.accumulate,
        window=args.window,
        augment_on=args.augment_on,
    )
    device = pick(args.device)
    folder = args.out or Path("runs/train") / f"{args.model.replace(':', '-')}-{run.key}"
    if device.is_main:
        stages = ", ".join(f"{stage.image_size} px" for stage in run.schedule.stages)
        print(f"{run.model} on {run.dataset}: {stages}, evaluated at {run.eval_size} px; {device.kind}: {device.name}")
        print(f"keeps its state in {folder}; the same command goes on from there")
    outcome = fit(run, device, folder, args.workers, tensorboard=args.tensorboard, compile=args.compile)
    if device.is_main:
        best = max(outcome.history, key=lambda point: point["test_top1"])
        print(f"top-1 {outcome.metrics['test_top1']:.2f} %, after {outcome.cost['seconds']:.0f} s: final.safetensors")
        print(f"best {best['test_top1']:.2f} % at epoch {best['epoch']:.1f}: best.safetensors")


def recipes_list(args) -> None:
    from ..learning.presets import list_presets

    print("\n".join(list_presets(args.pattern)))


def recipes_show(args) -> None:
    from ..learning.presets import show_preset

    print(show_preset(args.name))


def evaluate(args) -> None:
    from ..datasets.sources import read_split
    from ..devices import pick
    from ..learning.evaluation import evaluate_images, kept_model, with_weights

    images = read_split(args.data)
    if args.model:
        model, config = with_weights(args.model, args.weights, len(images.classes), args.image_size)
    else:
        model, config = kept_model(args.weights, images.classes, args.image_size)
    result = evaluate_images(model, images, config, pick(args.device), args.batch_size, args.workers)
    size, crop = config["input_size"][-1], config["crop_pct"]
    print(
        f"{args.model or args.weights} at {size} px, crop {crop:.3f} ({config['crop_mode']}), {config['interpolation']}"
    )
    print(f"top-1 {result['top1']:.3f} %, top-5 {result['top5']:.3f} % of {result['images']} images")


def add(commands: Commands) -> None:
    training = commands.add(
        "train",
        train,
        "train any model on your own images with progressive learning",
        "convscale train --model timm:resnet50 --data DIR --schedule v2-s:paper --epochs 20",
    )
    option = training.add_argument
    option("--model", required=True, help="one of `convscale models`, or timm:<name>")
    option("--data", required=True, help="a folder (train/<class>/*.jpg, test/...) or a data set's name")
    option("--schedule", default="v2-s:paper", help="one of `convscale recipes list`")
    option("--epochs", type=int, default=20)
    option("--batch-size", type=int, default=64)
    option("--image-size", type=sizes, metavar="PX[,PX]", help="of the last stage, or of the first and the last")
    option("--weights", help="to start from: pretrained (timm models), timm:<name.tag> or a file (ours)")
    option("--learning-rate", type=float, help="peak; default: the schedule's, in proportion to the batch")
    option("--precision", default="auto", help="auto, float32, bfloat16 or float16")
    option("--augment-on", default="host", help="where RandAugment runs: host or device")
    option("--accumulate", type=int, default=1, metavar="N", help="compute each batch in N parts, to save memory")
    option("--window", type=int, default=0, metavar="N", help="mix N shards at a time, so that disks read in order")
    option("--seed", type=int, default=0)
    option("--device", default="auto")
    option("--workers", type=int, default=2)
    option("--out", type=Path, help="folder of checkpoints, weights and curve (default runs/train/<model>-<key>)")
    option("--compile", action="store_true", help="torch.compile, minutes for each image size; for long runs")
    option("--tensorboard", action="store_true")

    recipes = commands.group("recipes", "the papers' trainings, value by value with their sources")
    listing = recipes.add("list", recipes_list, "names of all recipes", "convscale recipes list 'v2-*'")
    listing.add_argument("pattern", nargs="?", default="*")
    shown = recipes.add("show", recipes_show, "one recipe and its sources", "convscale recipes show v2-s:paper")
    shown.add_argument("name")

    evaluation = commands.add(
        "evaluate",
        evaluate,
        "top-1 and top-5 on a folder of images, with the papers' preprocessing",
        "convscale evaluate --model efficientnetv2-s --weights timm:tf_efficientnetv2_s.in1k --data imagenet/val",
    )
    evaluation.add_argument("--model", help="one of `convscale models`, or timm:<name.tag>; not for weights of `train`")
    evaluation.add_argument("--weights", help="timm:<name.tag>, a .safetensors or torch file, or what `train` kept")
    evaluation.add_argument("--data", required=True, type=Path, help="a folder a class, or parquet files")
    evaluation.add_argument("--image-size", type=int, metavar="PX")
    evaluation.add_argument("--device", default="auto")
    evaluation.add_argument("--batch-size", type=int, default=64)
    evaluation.add_argument("--workers", type=int, default=2)
