"""The public implementation of each of our networks in timm and torchvision."""

from typing import NamedTuple


class Reference(NamedTuple):
    timm: str
    torchvision: str | None = None


REFERENCES = {
    **{f"efficientnet-b{i}": Reference(f"tf_efficientnet_b{i}", f"efficientnet_b{i}") for i in range(8)},
    "efficientnet-b8": Reference("tf_efficientnet_b8"),
    "efficientnet-l2": Reference("tf_efficientnet_l2"),
    **{f"efficientnet-lite{i}": Reference(f"tf_efficientnet_lite{i}") for i in range(5)},
    **{f"efficientnetv2-{v}": Reference(f"tf_efficientnetv2_{v}", f"efficientnet_v2_{v}") for v in "sml"},
    **{f"efficientnetv2-{v}": Reference(f"tf_efficientnetv2_{v}") for v in ("xl", "b0", "b1", "b2", "b3")},
    "efficientnetv2-s-preprint": Reference("efficientnetv2_rw_s"),
    **{f"resnet-{depth}": Reference(f"resnet{depth}", f"resnet{depth}") for depth in (50, 101, 152)},
    "resnet-200": Reference("resnet200"),
    **{f"resnet-d-{depth}": Reference(f"resnet{depth}d") for depth in (50, 101, 152, 200)},
    **{f"resnet-rs-{depth}": Reference(f"resnetrs{depth}") for depth in (50, 101, 152, 200, 270, 350, 420)},
    "mobilenetv1": Reference("mobilenetv1_100"),
    "mobilenetv2": Reference("mobilenetv2_100", "mobilenet_v2"),
}
