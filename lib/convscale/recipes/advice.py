"""ResNet-RS's scaling strategies for a case of one's own: what to scale, how large the images, how to check it."""

from dataclasses import dataclass

from ..checks import check_values, number, optional, whole

# RS §6.1, Figure 3: width is best over 10 epochs of ImageNet, depth over 350; over 100 it depends on the image size.
SHORT, LONG = 10, 350  # epochs
# RS §6.1: others widen "when training for a small number of epochs on large-scale datasets (e.g. ~40 epochs on 300M)".
SHORT_ON_MANY, MANY = 40, 300_000_000
IMAGENET = 1_281_167  # training images of ILSVRC2012, on which all this was seen
# V1 Table 6: Food-101, the largest of the sets that the papers fine-tune and do not train from scratch.
FINE_TUNED = 75_750
# RS Table 2: multiply-adds of an image (half of the FLOPs it prints), network, image size in px.
RESNET_RS = (
    (2.3e9, "resnet-rs-50", 160),
    (4.2e9, "resnet-rs-101", 160),
    (6.0e9, "resnet-rs-101", 192),
    (9.0e9, "resnet-rs-152", 192),
    (12.0e9, "resnet-rs-152", 224),
    (15.5e9, "resnet-rs-152", 256),
    (20.0e9, "resnet-rs-200", 256),
    (27.0e9, "resnet-rs-270", 256),
    (34.5e9, "resnet-rs-350", 256),
    (53.5e9, "resnet-rs-350", 320),
    (64.0e9, "resnet-rs-420", 320),
)
REGIMES = ("short", "between", "long")


@dataclass(frozen=True)
class Strategy:
    """One piece of advice: what to do, why, and by which part of which paper.

    `claims` are the ids of the claims of data/claims.yml that test it; their verdicts say what was measured here.
    """

    about: str
    words: str
    why: str
    source: str
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advice:
    """Advice for `epochs` of `images` training images, and at most `multiply_adds` an image in inference.

    `regime` is one of `REGIMES`. `network` and `image_size` in px are those of ResNet-RS for the budget; None without
    a budget, or where it is smaller than every one of them.
    """

    epochs: int
    images: int
    multiply_adds: float | None
    regime: str
    network: str | None
    image_size: int | None
    strategies: tuple[Strategy, ...]

    def __str__(self) -> str:
        return "\n".join(f"{s.about}: {s.words} {s.why} ({s.source})" for s in self.strategies)


def regime_of(epochs: int, images: int) -> str:
    """How training of this length compares with the paper's: "short", "long", or "between" them.

    >>> regime_of(10, 1_281_167), regime_of(40, 300_000_000), regime_of(100, 1_281_167), regime_of(350, 50_000)
    ('short', 'short', 'between', 'long')
    """
    if epochs <= SHORT or (epochs <= SHORT_ON_MANY and images >= MANY):
        return "short"
    return "long" if epochs >= LONG else "between"


def advise(*, epochs: int, images: int, multiply_adds: float | None = None) -> Advice:
    """What ResNet-RS (Bello et al. 2021, §5 and §6) advises for one's own training from scratch, in words.

    `epochs` over `images` training images; `multiply_adds` of one image is the most that the network may take, such as
    4e9. The paper saw all of it on ImageNet; what is said of other sets is an extension, and says so.

    Raises ValueError for numbers below 1, or above 0 for the budget.
    """
    check_values(
        "advise",
        epochs=(epochs, whole(1)),
        images=(images, whole(1)),
        multiply_adds=(multiply_adds, optional(number(above=0))),
    )
    regime = regime_of(epochs, images)
    fits = [row for row in RESNET_RS if multiply_adds is not None and row[0] <= multiply_adds]
    _, network, image_size = fits[-1] if fits else (None, None, None)
    strategies = [scaling(regime, epochs), resolution(multiply_adds, network, image_size)]
    if images <= FINE_TUNED:
        strategies.insert(0, PRETRAINED)
    elif images < IMAGENET and regime != "long":
        strategies.append(FEWER)
    if regime != "short":
        strategies.append(REGULARIZED)
    strategies.append(CHECKED)
    return Advice(epochs, images, multiply_adds, regime, network, image_size, tuple(strategies))


def scaling(regime: str, epochs: int) -> Strategy:
    """Strategy 1: depth where overfitting can occur, else width."""
    words = {
        "short": "Scale the width.",
        "long": "Scale the depth.",
        "between": "Try both depth and width, for all the epochs.",
    }
    why = {
        "short": f"Over {SHORT} epochs width was best for its time. "
        f"Others widen in {SHORT_ON_MANY} epochs of {MANY // 10**6} million images.",
        "long": f"Over {LONG} epochs networks overfit, and wide ones more: width adds more parameters.",
        "between": f"{epochs} epochs lie between {SHORT}, where width was better, and {LONG}, where depth was.",
    }
    tests = {
        "short": ("rs-section6-1-short",),
        "long": ("rs-section6-1-long", "rs-section6-1-more-params"),
        "between": ("rs-section6-1-interaction",),
    }
    return Strategy("Depth or width", words[regime], why[regime], "ResNet-RS §6.1, Figure 3", tests[regime])


def resolution(multiply_adds: float | None, network: str | None, image_size: int | None) -> Strategy:
    """Strategy 2: larger images slowly."""
    if multiply_adds is None:
        words = "Enlarge the images slowly, and hardly beyond 320 px."
    elif network is None:
        least = RESNET_RS[0][0] / 1e9
        words = f"Take a small EfficientNet or EfficientNetV2: ResNet-RS begins at {least:g} billion multiply-adds."
    else:
        words = f"Start at {image_size} px, as {network} has it within your budget."
    why = "From 320 px on, larger images gained little; EfficientNet-B7 takes 600 px, the largest ResNet-RS 320."
    tests = ("rs-section6-2-diminishing", "rs-section7-1-efficientnet-rs")
    return Strategy("Image size", words, why, "ResNet-RS §6.2, Figure 2 and Table 2", tests)


PRETRAINED = Strategy(
    "Start",
    "Start from pretrained weights.",
    f"EfficientNet was fine-tuned on sets of up to {FINE_TUNED:,} images, from weights of ImageNet.",
    "EfficientNet §5.3, Table 6",
)
FEWER = Strategy(
    "Fewer images",
    "Lean towards depth.",
    "Fewer images than ImageNet's overfit sooner. That is our extension: the paper trained on no other set.",
    "ResNet-RS §6.1, extended by us",
)
REGULARIZED = Strategy(
    "Regularization",
    "Add RandAugment, label smoothing, dropout and stochastic depth, and lower the weight decay to 4e-5.",
    "Without them more epochs made ResNet-200 worse, 78.8 % after 79.3 %.",
    "ResNet-RS §5.1 and §5.2, Table 1",
    ("rs-section5-1-epochs-interaction", "rs-section5-2-interaction-50"),
)
CHECKED = Strategy(
    "Check",
    "Train a few networks of different size for all the epochs before you choose.",
    "Rules found in short training or with small networks did not hold for long training of large ones.",
    "ResNet-RS §6.3",
)
