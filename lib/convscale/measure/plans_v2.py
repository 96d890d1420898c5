"""What is measured for EfficientNetV2's tables, and for its Figure 3."""

from ..models import fuse
from ..models.efficientnet import EFFICIENTNETS
from ..models.transformations import KERNELS
from ..recipes import progressive
from .ceilings import SIDE
from .comparison import Comparison, own, rs, v1


def four_stages(last: int) -> tuple[int, ...]:
    """Image sizes of Algorithm 1 from Table 6's 128 px."""
    return tuple(stage.image_size for stage in progressive(4, (128, last), (5, 5), (0, 0), (0.1, 0.1)))


def stages_against_fixed(name: str, model: str, size: int) -> dict[str, tuple[str, int | tuple[int, ...]]]:
    return {f"{name}, baseline": (model, size), f"{name}, progressive": (model, four_stages(size))}


B4 = next(t for t in EFFICIENTNETS if t.name == "efficientnet-b4")
FUSED = {f"Fused stage1-{upto}": (fuse(B4, upto, kernels=KERNELS["first 3x3"]), 380) for upto in (3, 5, 7)}
ALL_FUSED, _ = FUSED["Fused stage1-7"]
# Every part of B4 with both blocks. Stem and head have neither.
STAGES = {"stem": 0, "head": len(B4.stages) + 1} | {
    f"{block}, stage {i}": i for block in ("MBConv", "Fused-MBConv") for i in range(1, len(B4.stages) + 1)
}
V100_MEMORY = 16 * 10**9  # bytes, of the smaller of the two V100 that were sold; the paper does not say which it had

B6 = {f"train size={size}": ("efficientnet-b6", size) for size in (512, 380)}

# timm's names at the sizes that give the multiply-adds of V2 Table 7
REFERENCES = {
    "RegNetY-8GF": ("timm:regnety_080", 224),
    "RegNetY-16GF": ("timm:regnety_160", 224),
    "ResNeSt-101": ("timm:resnest101e", 256),
    "ResNeSt-200": ("timm:resnest200e", 320),
    "ResNeSt-269": ("timm:resnest269e", 416),
    "NFNet-F0": ("timm:dm_nfnet_f0", 256),
    "NFNet-F1": ("timm:dm_nfnet_f1", 320),
    "NFNet-F2": ("timm:dm_nfnet_f2", 352),
    "NFNet-F3": ("timm:dm_nfnet_f3", 416),
    "NFNet-F4": ("timm:dm_nfnet_f4", 512),
    "BiT-M-R152x2 (21k)": ("timm:resnetv2_152x2_bit", 384),
    "ViT-B/32": ("timm:vit_base_patch32_384", 384),
    "ViT-B/16": ("timm:vit_base_patch16_384", 384),
    "DeiT-B (ViT+reg)": ("timm:deit_base_patch16_224", 224),
    "DeiT-B-384 (ViT+reg)": ("timm:deit_base_patch16_384", 384),
    "ViT-L/16 (21k)": ("timm:vit_large_patch16_384", 384),
}
V2 = {f"EfficientNetV2-{v.upper()}": own(f"efficientnetv2-{v}") for v in "sml"}


def smaller(size: int) -> int:
    """ "About 30 % smaller" (V2 §3.3), as even px."""
    return 2 * round(0.7 * size / 2)


# V2 Figure 3 without its TPU: EfficientNet at both sizes that §3.3 names, V2 at its largest training size, NFNet at its
# training sizes (Brock et al. 2021, its Table 1), the others at the size of their tables.
NFNET_TRAINED_AT = {"NFNet-F0": 192, "NFNet-F1": 224, "NFNet-F2": 256, "NFNet-F3": 320, "NFNet-F4": 384}
FIGURE_3 = {
    **v1("b3", "b4", "b5", "b6", "b7"),
    **{f"{row}, smaller": (net, smaller(size)) for row, (net, size) in v1("b3", "b4", "b5", "b6", "b7").items()},
    **{row: (net, {"efficientnetv2-s": 300}.get(net, 380)) for row, (net, _) in V2.items()},
    **{row: (REFERENCES[row][0], size) for row, size in NFNET_TRAINED_AT.items()},
    **{row: REFERENCES[row] for row in ("ResNeSt-101", "ResNeSt-200", "ResNeSt-269", "DeiT-B (ViT+reg)")},
    **rs("101 @192", "152 @256", "270 @256", "350 @320", "420 @320"),
}
NO_STAGES = (
    "the paper does not give the sizes of the four stages: here from 128 px to that of the baseline, Algorithm 1"
)

V2_COMPARISONS = (
    Comparison(
        table="v2:2",
        quantity="training throughput at equal batch",
        unit="images/s",
        what="training",
        rows=B6,
        batch=12,
        cpu_batch=1,
    ),
    Comparison(
        table="v2:2",
        quantity="largest batch in 16 GB",
        unit="images",
        what="largest batch",
        rows=B6,
        batch=1,
        budget=V100_MEMORY,
        note="found by trying, out of memory is the answer; the paper does not say how much memory its V100 has",
    ),
    Comparison(
        table="v2:3",
        quantity="training throughput",
        unit="images/s",
        what="training",
        rows={"No fused": (B4, 380), **FUSED},
        batch=32,
        cpu_batch=2,
        note="the paper gives no batch; 3x3 kernels in the first fused stage that had 5x5",
    ),
    Comparison(
        table="v2:3",
        quantity="training time of a stage",
        unit="ms/image",
        what="stages",
        rows={row: (ALL_FUSED if row.startswith("Fused") else B4, 380) for row in STAGES}
        | {row: (row, SIDE[row]) for row in SIDE},
        batch=32,
        cpu_batch=2,
        stages=STAGES,
        note="forward and backward pass of one stage alone, on noise, without optimizer; beside them a product of "
        "square matrices and a copy of one, for each image; kernels as in the table's rows",
    ),
    Comparison(
        table="v2:f3",
        quantity="training step",
        unit="ms/image",
        what="training",
        rows=FIGURE_3,
        batch=16,
        cpu_batch=1,
        cpu_rows=(  # what fits a few GB together
            *(f"EfficientNet-B{i}{more}" for i in (3, 4) for more in ("", ", smaller")),
            *("EfficientNetV2-S", "NFNet-F0", "ResNet-RS-101 @192"),
        ),
        note="the paper gives no batch; one size throughout, as the figure says",
        left_out={"BoTNet, LambdaNet": "there is no public network of all their sizes"},
    ),
    Comparison(
        table="v2:7",
        quantity="infer-time",
        unit="ms",
        what="inference",
        rows=v1("b3", "b4", "b5", "b6", "b7") | V2 | REFERENCES,
        batch=16,
        precision="float16",
        note="networks that are not of the three papers are timm's",
        left_out={
            "TResNet-L": "neither its image size nor its FLOPs are printed",
            "TResNet-XL": "neither its image size nor its FLOPs are printed",
            "ViT-B/16 (21k)": "the network of ViT-B/16",
            **{f"{row} (21k)": f"the network of {row}" for row in V2},
        },
    ),
    Comparison(
        table="v2:10",
        quantity="train-time",
        unit="ms/image",
        what="training",
        # automl effnetv2_configs.py trains V1 at 0.8 of its size, in multiples of 16; V2 Table 6
        rows={
            "V1-B7": ("efficientnet-b7", four_stages(480)),
            "V2-M (ours)": ("efficientnetv2-m", four_stages(380)),
        },
        batch=16,
        note="time of an image, mean of the four stages; B7 to 480 px as in the released code, V2-M to 380",
    ),
    Comparison(
        table="v2:10",
        quantity="infer-time",
        unit="ms",
        what="inference",
        rows={"V1-B7": own("efficientnet-b7"), "V2-M (ours)": own("efficientnetv2-m")},
        batch=16,
        precision="float16",
        note="batch of Table 7",
    ),
    Comparison(
        table="v2:11",
        quantity="inference throughput",
        unit="images/s",
        what="inference",
        rows={
            **{f"V1-{b.upper()}": own(f"efficientnet-{b}") for b in ("b1", "b2", "b4", "b5")},
            **{f"V2-{v.upper()}": own(f"efficientnetv2-{v}") for v in ("b0", "b1", "b3", "s")},
        },
        batch=128,
        precision="float16",
        cpu_batch=4,
    ),
    Comparison(
        table="v2:12",
        quantity="train-time",
        unit="ms/image",
        what="training",
        rows={
            **stages_against_fixed("ResNet50 (224)", "resnet-50", 224),
            **stages_against_fixed("ResNet50 (380)", "resnet-50", 380),
            **stages_against_fixed("ResNet152 (380)", "resnet-152", 380),
            **stages_against_fixed("EfficientNet-B4", "efficientnet-b4", 380),
            **stages_against_fixed("EfficientNet-B5", "efficientnet-b5", 456),
        },
        batch=32,
        cpu_batch=2,
        cpu_rows=tuple(stages_against_fixed("ResNet50 (224)", "resnet-50", 224)),
        note=f"time of an image, mean of the four stages; {NO_STAGES}",
    ),
)
