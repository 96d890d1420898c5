"""The code of the how-to page on other trainers, run as it is written, on a few images."""

import importlib.util
import re
import sys
from types import ModuleType

import pytest
import torch

from convscale.paths import CHECKOUT

PAGE = (CHECKOUT / "book/howto/other-trainers.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SHORTER = {"epochs = 8": "epochs = 4", "image_size=(96, 160)": "image_size=(32, 56)"}  # for the time that tests have
SIZES = [32, 40, 48, 56]


@pytest.fixture
def namespace(tmp_path, monkeypatch, picture, capsys):
    """What the page's first block leaves, in a folder with my-images; `shown` has the sizes of all batches."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(("cat", "dog")):
        (tmp_path / "my-images/train" / name).mkdir(parents=True)
        for i in range(8):
            picture(8 * number + i, (64, 64)).save(tmp_path / "my-images/train" / name / f"{i}.png")
    torch.manual_seed(0)
    first = BLOCKS[0]
    for written, shorter in SHORTER.items():
        assert written in first
        first = first.replace(written, shorter)
    found: dict = {}
    exec(first, found)
    assert capsys.readouterr().out.count("Stage(image_size=") == 4
    return found


@pytest.fixture
def shown(monkeypatch):
    """Size and dropout of each batch that a network is trained on."""
    from timm.models.resnet import ResNet

    seen, forward = [], ResNet.forward

    def watched(self, x_BCHW):
        seen.append((x_BCHW.shape[-1], round(self.drop_rate, 3)))
        return forward(self, x_BCHW)

    monkeypatch.setattr(ResNet, "forward", watched)
    return seen


WANTED = list(zip(SIZES, (0.1, 0.167, 0.233, 0.3), strict=True))  # one batch of 16 images an epoch


def test_the_page_has_the_blocks_that_are_tested():
    assert len(BLOCKS) == 4 and all(len(block.splitlines()) <= 40 for block in BLOCKS)


def test_a_plain_loop(namespace, shown):
    exec(BLOCKS[1], namespace)
    assert shown == WANTED
    assert namespace["model"].fc.weight.grad is None and namespace["optimizer"].state


def test_timms_loader(namespace, shown):
    exec(BLOCKS[1].partition("images = ")[0], namespace)
    exec(BLOCKS[3], namespace)
    assert shown == WANTED


def test_lightning(namespace, shown, monkeypatch):
    if importlib.util.find_spec("lightning") is None:
        monkeypatch.setitem(sys.modules, "lightning", stand_in())
    exec(BLOCKS[1].partition("for epoch")[0], namespace)
    exec(BLOCKS[2], namespace)
    assert shown == WANTED


def stand_in() -> ModuleType:
    """What the page uses of Lightning: its methods in the order in which Lightning calls them."""

    class Trainer:
        def __init__(self, max_epochs: int, reload_dataloaders_every_n_epochs: int):
            assert reload_dataloaders_every_n_epochs == 1
            self.max_epochs, self.current_epoch = max_epochs, 0

        def fit(self, module, data) -> None:
            module.trainer = data.trainer = self
            optimizer = module.configure_optimizers()
            module.train()
            for epoch in range(self.max_epochs):
                self.current_epoch = epoch
                for number, batch in enumerate(data.train_dataloader()):
                    module.training_step(batch, number).backward()
                    optimizer.step()
                    optimizer.zero_grad()

    module = ModuleType("lightning")
    current = property(lambda self: self.trainer.current_epoch)
    module.LightningModule = type("LightningModule", (torch.nn.Module,), {"current_epoch": current})
    module.LightningDataModule = type("LightningDataModule", (), {})
    module.Trainer = Trainer
    return module
