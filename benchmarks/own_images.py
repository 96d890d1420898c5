"""Training from scratch on one's own images: preset `own`, timm's usual settings at one size, and timm's growing sizes.

`python -m benchmarks.own_images --data FOLDER:PX [FOLDER:PX ...]`: arms in turn, for each set, network and seed.

fixed     timm's train.py at one size: AdamW 1e-3, weight decay 0.05, cosine, an epoch of warm-up, RandAugment
          m9-mstd0.5, area 0.08 to 1, label smoothing 0.1
sizes     the same, with the sizes of timm's scheduled sampler, which grow by the epoch; nothing follows them
own       `convscale train` with its defaults
longer    `own` for as many more epochs as bring it to the processor time that "fixed" just took

All see batches of the same number of images, equally often, but the last. What is judged is one mean over all pairs.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pandas as pd
import timm
import torch
from timm.data import create_transform
from timm.data.scheduled_sampler import ScheduledBatchSampler, ScheduledTransformDataset
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import CosineLRScheduler
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, RandomSampler

from convscale.augment import papers_pixels
from convscale.datasets import Images, load
from convscale.devices import Device, pick
from convscale.learning import fit, own_images
from convscale.learning.evaluation import evaluate
from convscale.learning.start import new_model
from convscale.models.preprocessing import Preprocessing
from convscale.pages.against_timm import judged
from convscale.recipes import Run
from convscale.records.provenance import provenance

BATCH = 32  # images a step in all arms: the default of `own`
LEAST_PX = 32  # as `own`: sizes of networks that halve images five times
SHARES = (0.75, 1.0)  # of the size, those of `own`
RATE, DECAY, SMOOTHING, AREA, POLICY = 1e-3, 0.05, 0.1, (0.08, 1.0), "rand-m9-mstd0.5"


class Pictures(Dataset):
    """Images as timm's data sets give them: (Pillow image, label), decoded once."""

    def __init__(self, images: Images):
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> tuple:
        return self.images.image(i), int(self.images.labels[i])


def timm_transform(px: int) -> Callable:
    return create_transform(
        px, is_training=True, auto_augment=POLICY, color_jitter=None, scale=AREA, interpolation="bilinear"
    )


def timm_batches(images: Images, sizes: tuple[int, ...], epochs: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of all epochs: of one size, or of sizes that timm's sampler draws from a window that moves upwards."""
    order = RandomSampler(images, generator=torch.Generator().manual_seed(seed))
    transforms = [timm_transform(px) for px in sizes]
    growing = dict(choice_schedule="progressive", schedule_epochs=epochs) if len(sizes) > 1 else {}
    sampler = ScheduledBatchSampler(order, [BATCH] * len(sizes), seed=seed, drop_last=True, **growing)
    loader = DataLoader(ScheduledTransformDataset(Pictures(images), transforms), batch_sampler=sampler)
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        yield from loader


def timm_arm(data: str, model: str, sizes: tuple[int, ...], epochs: int, seed: int, device: Device) -> dict[str, float]:
    """timm's loop as its train.py has it, with its pieces; only the network is built by us, for all arms alike."""
    images = load(data, "train")
    torch.manual_seed(seed)
    network = device.model(new_model(model, len(images.classes))).train()
    steps = epochs * (len(images) // BATCH)
    optimizer = create_optimizer_v2(network, "adamw", lr=RATE, weight_decay=DECAY)
    scheduler = CosineLRScheduler(
        optimizer, steps, warmup_t=max(1, steps // epochs), warmup_lr_init=1e-6, warmup_prefix=True, t_in_epochs=False
    )
    loss_of: nn.Module = LabelSmoothingCrossEntropy(SMOOTHING)
    start = time.process_time()
    for step, (x_BCHW, labels_B) in enumerate(timm_batches(images, sizes, epochs, seed)):
        scheduler.step_update(step)
        x_BCHW = x_BCHW.contiguous(memory_format=torch.channels_last)
        with device.autocast("auto", x_BCHW.shape[-1]):
            loss = loss_of(network(x_BCHW), labels_B)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    seconds = time.process_time() - start
    pixels = papers_pixels(Preprocessing(sizes[-1], "imagenet", "0.875", "bilinear"))
    return {"top1": evaluate(network, load(data, "test"), pixels, device)["top1"], "seconds": seconds}


def own_run(data: str, model: str, px: int, epochs: int, seed: int) -> Run:
    few = dict(curve_points=1, curve_images=BATCH)  # its curve is no part of training
    return own_images(data, model, epochs=epochs, image_size=px, seed=seed, validate="test", **few)


def own_arm(data: str, model: str, px: int, epochs: int, seed: int, device: Device) -> dict[str, float]:
    found = fit(own_run(data, model, px, epochs, seed), device, progress=False)
    return {"top1": found.metrics["test_top1"], "seconds": found.cost["cpu_seconds"]}


def runs(
    sets: Iterable[tuple[str, int]], models: Iterable[str], seeds: Iterable[int], passes: int, device: Device
) -> Iterator[dict]:
    """A row for each run as it ends: set, px, model, seed, arm, epochs, top1 in % and processor seconds of training."""
    for seed, model, (data, px) in itertools.product(seeds, models, sets):
        epochs = max(1, passes // len(load(data, "train")))
        growing = tuple(max(min(LEAST_PX, px), round(share * px)) for share in SHARES)
        common = dict(data=data, model=model, seed=seed, device=device)
        found = {
            "fixed": timm_arm(sizes=(px,), epochs=epochs, **common),
            "sizes": timm_arm(sizes=growing, epochs=epochs, **common),
            "own": own_arm(px=px, epochs=epochs, **common),
        }
        more = max(1, round(epochs * found["fixed"]["seconds"] / found["own"]["seconds"]))
        found["longer"] = own_arm(px=px, epochs=more, **common)
        for arm, result in found.items():
            yield dict(
                set=Path(data).name,
                px=px,
                model=model,
                seed=seed,
                arm=arm,
                epochs=more if arm == "longer" else epochs,
                **result,
            )


def set_and_size(text: str) -> tuple[str, int]:
    name, _, px = text.rpartition(":")
    if not name or not px.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: write a set or folder and its size in px, cifar10:48")
    return (f"folder:{name}" if Path(name).is_dir() else name), int(px)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.own_images", description=__doc__.split("\n")[0])
    parser.add_argument("--data", nargs="+", type=set_and_size, default=[("textures", 64)], metavar="SET:PX")
    parser.add_argument("--models", nargs="+", default=["efficientnetv2-tiny", "timm:resnet10t"])
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    parser.add_argument("--passes", type=int, default=8_000, help="images that a run sees, with all repetitions")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, help="CSV file of all runs")
    args = parser.parse_args()
    torch.set_num_threads(1)
    device, rows = pick(args.device), []
    made = provenance(device, "python -m benchmarks.own_images")
    origin = {name: made[name] for name in ("commit", "state", "code", "date")}
    origin |= {name: made["versions"][name] for name in ("torch", "timm")} | {"device": device.name}
    for row in runs(args.data, args.models, args.seeds, args.passes, device):
        rows.append(row | origin)
        print(*(f"{value:.2f}" if isinstance(value, float) else value for value in row.values()), flush=True)
        if args.out:
            pd.DataFrame(rows).to_csv(args.out, index=False)
    print(judged(pd.DataFrame(rows)).drop(columns="cells").round(3).to_string(index=False))
    print(f"protocol: arms in turn, one thread, processor time of training; timm {timm.__version__}")


if __name__ == "__main__":
    main()
