"""Top-1 and top-5 of a model on a folder of images, with the preprocessing that its weights were made for."""

import torch
from timm.data import create_transform, resolve_model_data_config
from torch import nn
from torch.utils.data import DataLoader, Dataset
from tqdm.auto import tqdm

from ..datasets import Images
from ..devices import Device
from ..models import build, load_weights
from ..models.preprocessing import preprocessing
from ..models.weights import pretrained


class TransformedImages(Dataset):
    def __init__(self, images: Images, transform):
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int):
        return self.transform(self.images.image(i)), int(self.images.labels[i])


def with_weights(name: str, weights: str | None, num_classes: int, image_size: int | None) -> tuple[nn.Module, dict]:
    """The model and its evaluation preprocessing in timm's terms.

    Our models take `weights` as `load_weights` does, and the papers' preprocessing. "timm:<name.tag>" brings its own of
    both. Raises ValueError for an unknown model, weights that do not fit, or another number of classes.
    """
    if not name.startswith("timm:"):
        model = build(name, num_classes, image_size=image_size)
        if weights:
            load_weights(model, weights)
        return model, preprocessing(name, image_size).timm_config()
    if weights:
        raise ValueError(f"weights {weights!r}: a timm model brings its own; choose them by its tag, timm:<name.tag>")
    model = pretrained(name.removeprefix("timm:"))
    if model.num_classes != num_classes:
        raise ValueError(f"{name} has {model.num_classes} classes, the images {num_classes}")
    config = resolve_model_data_config(model)
    return model, config | ({"input_size": (3, image_size, image_size)} if image_size else {})


@torch.no_grad()
def evaluate_images(
    model: nn.Module, images: Images, config: dict, device: Device, batch_size: int = 64, workers: int = 2
) -> dict[str, float]:
    """Top-1 and top-5 accuracy in % of `model` on all `images`, preprocessed by timm's evaluation transform."""
    data = TransformedImages(images, create_transform(**config, is_training=False))
    model = device.model(model).eval()
    top1 = top5 = 0
    for batch in tqdm(DataLoader(data, batch_size, num_workers=workers), disable=None):
        x_BCHW, labels_B = device.put(batch)
        hits_B5 = model(x_BCHW).topk(min(5, len(images.classes))).indices == labels_B[:, None]
        top1 += hits_B5[:, 0].sum().item()
        top5 += hits_B5.sum().item()
    return {"images": len(images), "top1": 100 * top1 / len(images), "top5": 100 * top5 / len(images)}
