"""What memory the cells of V2 Table 2 need, by the shapes of the network, beside what the paper says of them."""

import pandas as pd

from ..evidence.paper import paper_table
from ..experiments.training_memory import kept_bytes
from .tables import BookTable

NETWORK = "efficientnet-b6"
# Device of a column -> bytes. V100: the smaller of the two sold. TPUv3: 32 GB a chip (Google Cloud, "TPU v3"), which
# has two cores; the column counts cores. The paper states neither.
BUDGETS = {"V100": 16e9, "TPUv3": 16e9}
BATCHES = {"V100": (12, 24), "TPUv3": (32, 128)}  # the paper's Table 2
SIZES = (380, 512)  # px
COPIES = 5  # of the weights in float32: themselves, gradients, two numbers of the optimizer, the moving average


def bytes_of_an_image(size: int) -> tuple[float, float]:
    """Bytes that a training step of `NETWORK` in 16 bits keeps for each image, and bytes that it needs whatever the
    batch."""
    import torch

    from ..models import build

    with torch.device("meta"):
        model = build(NETWORK, image_size=size).train()
    few, more = (kept_bytes(model, images, size) for images in (2, 4))
    weights = sum(t.numel() * t.element_size() for t in model.state_dict().values())
    return (more - few) / 2 / 2, float(COPIES * weights)


def printed(size: int, device: str, batch: int) -> str:
    """What the paper says of a cell: images a second, out of memory, or nothing in the text that was transcribed."""
    rows = paper_table("v2:2")
    cell = rows[(rows["row"] == f"train size={size}") & (rows["column"] == f"{device} batch={batch}")]
    if len(cell):
        return f"{cell['value'].iloc[0]:.0f}"
    notes = rows.loc[rows["row"] == f"train size={size}", "note"].dropna()
    return "out of memory" if notes.str.contains(f"batch={batch} is printed as OOM").any() else "not transcribed"


def memory_table(label: str, caption: str) -> BookTable:
    """`memory_rows` as a table of the page of this label; the caption ends with what one image takes."""
    images = [f"{bytes_of_an_image(size)[0] / 1e9:.2f} GB at {size} px" for size in SIZES]
    return BookTable(memory_rows(), f"tbl-{label}-memory", f"{caption} One image takes {' and '.join(images)}.")


def memory_rows() -> pd.DataFrame:
    """One line a cell: size, device and batch, what the paper says, and what the shapes say of 16 GB."""
    lines = []
    for size in SIZES:
        image, fixed = bytes_of_an_image(size)
        for device, batches in BATCHES.items():
            most = int((BUDGETS[device] - fixed) // image)
            for batch in batches:
                lines.append(
                    {
                        "px": str(size),
                        "device": device,
                        "batch": str(batch),
                        "paper": printed(size, device, batch),
                        "GB": f"{(fixed + batch * image) / 1e9:.1f}",
                        "fits 16 GB": "yes" if batch <= most else "no",
                        "most": str(most),
                    }
                )
    return pd.DataFrame(lines)
