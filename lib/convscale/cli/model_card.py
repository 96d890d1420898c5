"""The model card of a finished training, in Markdown: what the network is, how good it is, how to use and repeat it.

Its parts are those of Mitchell et al., Model Cards for Model Reporting, 2019, that a program can fill in.
"""

from pathlib import Path

import timm
import torch

from .. import __version__
from ..datasets import Images
from ..learning import Answers
from ..learning.exporting import timm_line, timm_options
from ..models import timm_name
from ..recipes import Run
from ..words import plural
from .evaluation_folder import results_of, weak_classes

LISTED = 20  # classes that it names


def model_card(run: Run, weights: Path, found: Answers, images: Images, words: str) -> str:
    """`found` are the answers of `weights` on `images`, which and how many `words` say."""
    result, recipe, stages = results_of(found), run.recipe, run.schedule.stages
    classes = ", ".join(images.classes[:LISTED]) + (", ..." if len(images.classes) > LISTED else "")
    sizes = (
        f"{stages[0].image_size} to {stages[-1].image_size}" if run.schedule.sizes != "fixed" else stages[-1].image_size
    )
    weak = "; ".join(weak_classes(found, images.classes)) or "none has a mistake"
    start = run.weights or "random weights"
    twice = ""
    if run.validate == "test" and weights.stem == "best":
        twice = "\nThe same images chose these weights from the curve: on new ones they are a little less accurate."
    in_timm = ""
    if name := timm_name(run.model):
        line = timm_line(name, len(images.classes), weights, timm_options(name))
        in_timm = f"\nThe weights alone, in plain timm: `{line}`\n"
    tools = f"convscale {__version__}, torch {torch.__version__}, timm {timm.__version__}"
    return f"""# {run.model_name} for {plural(len(images.classes), "class")}

{classes}

## Results

| | |
|:--|--:|
| top-1 | {result["top1"]:.2f} % |
| top-5 | {result["top5"]:.2f} % |
| cross entropy | {result["loss"]:.4f} nats |
| calibration error | {result["calibration_error"]:.2f} points |
| images | {len(found):,} |

Of `{weights.name}` on {words}, at {run.eval_size} px. Weakest classes: {weak}.{twice}
Every class, the confusion matrix and the worst mistakes are in `evaluation/`, the curve is `curve.svg`.

## Use

```
convscale predict --weights {weights.name} FOLDER -o predictions.csv
```

```python
from convscale import load_trained

trained = load_trained("{weights.name}")
logits_BK = trained.model(trained.transform(image)[None])  # a PIL image
print(trained.classes[logits_BK.argmax()])
```
{in_timm}
## Training

From {start} on {run.dataset}: {plural(run.epochs, "epoch")} in batches of {recipe.batch_size} images of {sizes} px,
{recipe.optimizer}, learning rate up to {recipe.learning_rate:.3g}, seed {run.seed}. With {tools}.
The same again, with `--data` where the images lie elsewhere:

```
convscale train --config run.yaml
```

## Limits

It answers one of these classes to every image, also to images of something else. Its accuracy is that on images like
those above; on others it is unknown. Who is in the pictures, what may be done with them and what its mistakes cost, the
owner of the images has to say.
"""
