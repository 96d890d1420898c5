"""Which images of a data set a run trains on, and which it is tested on."""

import numpy as np

from .. import datasets
from ..augment.kernels import WORTH
from ..datasets import DataMissing, Images
from ..errors import check_name
from ..recipes import Run


def images_of(run: Run, decoded: bool = True) -> tuple[Images, Images, Images]:
    """Training, validation and test images. A set without test images is tested on what is held out of training.

    Training images are those with labels of their own. Labels count in the classes of the training images, of which the
    others may lack some. Unless they are to be `decoded`, they are only listed. Raises ValueError for an unknown
    `validate` or `subset`, for other classes and for `classes` that the set does not have, DataMissing without images.
    """
    seed = subset_seed(run)
    train, held_out = training_pool(run, decoded)
    if held_out is None:
        test = split_of(run, "test", decoded)
        held_out = test if run.validate == "test" else split_of(run, run.validate, decoded)
    else:
        try:
            test = split_of(run, "test", decoded)
        except DataMissing:
            test = held_out
    return datasets.subset(train, run.train_images, seed), held_out, test


def split_of(run: Run, split: str, decoded: bool = True) -> Images:
    """A split of the run's data set in the classes of its training images, or in those that the run chooses of them."""
    classes = datasets.load(run.dataset, "train").classes
    images = datasets.aligned(
        loaded(run, split, decoded), classes, f"{split} images of {run.dataset}", "training's classes"
    )
    return told(run, images)


def told(run: Run, images: Images) -> Images:
    """Of images of the set those of the run's classes, with the labels that it asks for."""
    return datasets.with_groups(datasets.of_classes(images, run.classes), run.groups)


def training_pool(run: Run, decoded: bool = True) -> tuple[Images, Images | None]:
    """All images that the run may train on, of which `train_images` are chosen, and those held out, if any."""
    share = datasets.held_out_share(run.validate)
    train = told(run, loaded(run, "train", decoded))
    return datasets.minival(train, share) if share else (train, None)


def loaded(run: Run, split: str, decoded: bool) -> Images:
    """Images of the run's data set, `decoded` in memory where the run looks at so many that doing it at once pays."""
    images = datasets.load(run.dataset, split)
    draws = run.length((run.train_images or len(images)) + run.pseudo)[0] * run.recipe.batch_size
    return datasets.resident(images, f"{run.dataset}, {split}") if decoded and draws >= WORTH else images


def subset_seed(run: Run) -> int | None:
    """The seed that draws the run's subset, None for the first images. Raises ValueError for an unknown `subset`."""
    return run.seed if check_name("subset", run.subset, datasets.SUBSETS) == "seed" else None


def trained_on(run: Run, pool: Images) -> tuple[np.ndarray, np.ndarray]:
    """The places in the `pool` of the images that the run trains on: with their own labels, and with its teacher's.

    Raises ValueError if there are too few.
    """
    own = datasets.subset_indices(pool, run.train_images, subset_seed(run))
    return own, datasets.further_indices(pool, own, run.pseudo, run.seed)
