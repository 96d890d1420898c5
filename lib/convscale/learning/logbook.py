"""The training curve beside the checkpoint: a CSV that any program reads, and TensorBoard for those who want it."""

from pathlib import Path

import pandas as pd

from ..files import replace_file


class Logbook:
    """Keeps `history.csv` in `folder` and, if asked, TensorBoard events. Without a folder it keeps nothing."""

    def __init__(self, folder: Path | None, tensorboard: bool):
        self.folder, self.writer = folder, None
        if not tensorboard:
            return
        if folder is None:
            raise ValueError("tensorboard=True needs a folder to write to")
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise RuntimeError("TensorBoard is not installed: pip install 'convscale[tensorboard]'") from None
        self.writer = SummaryWriter(folder)

    def add(self, history: list[dict[str, float]]) -> None:
        """Write the curve up to its newest point."""
        if self.folder:
            table = pd.DataFrame(history)
            replace_file(self.folder / "history.csv", lambda file: table.to_csv(file, index=False))
        if self.writer:
            point = dict(history[-1])
            step = point.pop("step")
            for name, value in point.items():
                self.writer.add_scalar(name, value, step)
            self.writer.flush()
