"""Which images of a data set a run trains on, and which it is tested on."""

import numpy as np

from .. import datasets
from ..datasets import DataMissing, Images
from ..errors import check_name
from ..recipes import Run


def images_of(run: Run) -> tuple[Images, Images, Images]:
    """Training, validation and test images. A set without test images is tested on what is held out of training.

    Training images are those with labels of their own. Raises ValueError for an unknown `validate` or `subset`, for
    `classes` that the set does not have and for splits of different classes, DataMissing without images.
    """
    seed = subset_seed(run)
    train, held_out = training_pool(run)
    if held_out is None:
        test = held_out = split_of(run, "test")
    else:
        try:
            test = split_of(run, "test")
        except DataMissing:
            test = held_out
    if test.classes != train.classes[: len(test.classes)]:
        raise ValueError(f"{run.dataset}: classes {test.classes} of the test images are not those of training")
    return datasets.subset(train, run.train_images, seed), held_out, test


def split_of(run: Run, split: str) -> Images:
    """The images of a split, of the run's classes."""
    return datasets.of_classes(datasets.load(run.dataset, split), run.classes)


def training_pool(run: Run) -> tuple[Images, Images | None]:
    """All images that the run may train on, of which `train_images` are chosen, and those held out, if any."""
    share = datasets.held_out_share(run.validate)
    train = split_of(run, "train")
    return datasets.minival(train, share) if share else (train, None)


def subset_seed(run: Run) -> int | None:
    """The seed that draws the run's subset, None for the first images. Raises ValueError for an unknown `subset`."""
    return run.seed if check_name("subset", run.subset, datasets.SUBSETS) == "seed" else None


def trained_on(run: Run, pool: Images) -> tuple[np.ndarray, np.ndarray]:
    """The places in the `pool` of the images that the run trains on: with their own labels, and with its teacher's.

    Raises ValueError if there are too few.
    """
    own = datasets.subset_indices(pool, run.train_images, subset_seed(run))
    return own, datasets.further_indices(pool, own, run.pseudo, run.seed)
