"""Runs that build on others' weights: what they start from, and what a teacher says of images without labels."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from convscale import datasets
from convscale.augment import recipe_pixels
from convscale.augment.mixing import draw_mixing, mixed_loss
from convscale.devices import pick
from convscale.learning import describe, evaluate, fit, load_trained
from convscale.learning.earlier import weights_file
from convscale.learning.reports import unseen_images
from convscale.learning.trainer import Trainer

FIRST, TASK = (0, 1, 2, 3, 4, 5), (9, 7, 6, 8)
CPU = pick("cpu")
SHORT = dict(epochs=1, curve_points=1, curve_images=20)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """`kept(run)`: the folder with the weights of a short run, which is made once."""
    folder = tmp_path_factory.mktemp("weights")

    def make(run):
        if not (folder / f"{run.key}.safetensors").exists():
            fit(run, "cpu", folder / run.key, progress=False)
            (folder / run.key / "final.safetensors").rename(folder / f"{run.key}.safetensors")
        return folder

    return make


@pytest.mark.parametrize("model", ["efficientnetv2-tiny", "timm:resnet10t"])
def test_a_run_starts_where_the_other_ended(tiny, kept, model):
    first = tiny(model=model, classes=FIRST, **SHORT)
    folder = kept(first)
    weights = load_file(weights_file(first, folder))
    same = Trainer(replace(first, after=first), CPU, earlier=folder).model.state_dict()
    other = Trainer(replace(first, after=first, classes=TASK), CPU, earlier=folder).model.state_dict()
    fresh = Trainer(replace(first, classes=TASK), CPU).model.state_dict()
    assert all(torch.equal(same[name], tensor) for name, tensor in weights.items())
    differing = {name for name, tensor in weights.items() if not torch.equal(other[name], tensor)}
    assert len(differing) == 2 and all(other[name].shape[0] == 4 for name in differing)
    assert all(torch.equal(other[name], fresh[name]) for name in differing)  # a classifier of its own


@pytest.mark.parametrize("model", ["efficientnetv2-tiny", "timm:resnet10t"])
def test_a_new_classifier_may_start_at_zero_and_one_that_is_kept_does_not(tiny, kept, model):
    first = tiny(model=model, classes=FIRST, **SHORT)
    folder = kept(first)

    def zeros(run):
        state = Trainer(replace(run, new_classifier="zero"), CPU, earlier=folder).model.state_dict()
        return {name for name, tensor in state.items() if tensor.dim() and name.endswith("weight") and not tensor.any()}

    new = zeros(replace(first, after=first, classes=TASK))
    assert len(new) == 1 and new <= zeros(first) and not new & zeros(replace(first, after=first))


def test_an_unknown_start_of_a_classifier_is_refused(tiny):
    with pytest.raises(ValueError, match="new_classifier 'zeros'"):
        Trainer(tiny(new_classifier="zeros"), CPU)


def test_a_network_pretrained_with_two_labels_an_image_goes_on_with_one(tiny, kept):
    """V2 §5.2: the labels of an image are brought to sum 1, and the fine-tuned network has a classifier of its own."""
    first = tiny(classes=FIRST, groups=((0, 1), (2, 3, 4, 5)), **SHORT)
    trainer = Trainer(first, CPU)
    batch = next(iter(trainer.loader()))
    assert (
        batch.labels.shape[1] == 8 and (batch.labels.sum(1) == 2).all() and first.key != replace(first, groups=()).key
    )
    logits, mixing = (
        torch.randn(len(batch.labels), 8),
        draw_mixing(np.random.default_rng(0), len(batch.labels), 8, 0, 0),
    )
    own, group = (logits.log_softmax(1).gather(1, labels) for labels in batch.labels.topk(2).indices.split(1, dim=1))
    assert mixed_loss(logits, batch.labels, mixing, 0.0) == pytest.approx(float(-(own + group).mean() / 2))
    task = replace(first, after=first, classes=TASK, groups=())
    outcome = fit(task, "cpu", earlier=kept(first), progress=False)
    assert outcome.model.classifier.out_features == 4 and 0 <= outcome.metrics["test_top1"] <= 100


def test_weights_that_are_not_there_are_said_before_training(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(Trainer, "advance", lambda *_: pytest.fail("trained"))
    run = tiny(after=tiny(), **SHORT)
    with pytest.raises(ValueError, match=rf"weights of run {tiny().key} .*: make it with `experiments.execute`"):
        fit(run, "cpu", progress=False)
    with pytest.raises(ValueError, match=f"there is no {tmp_path}/{tiny().key}.safetensors: make that run first"):
        fit(run, "cpu", earlier=tmp_path, progress=False)


def test_only_images_of_the_classes_are_trained_on_and_tested(tiny):
    trainer = Trainer(tiny(classes=TASK, train_images=40), CPU)
    assert trainer.train.classes == trainer.test.classes == ("9", "7", "6", "8")
    assert np.bincount(trainer.train.labels).tolist() == [10] * 4
    whole = datasets.load("digits", "test").labels
    assert np.bincount(trainer.test.labels).tolist() == [int((whole == c).sum()) for c in TASK]
    assert len(unseen_images(tiny(classes=TASK, train_images=40, unseen=99))) == 99


@pytest.fixture(scope="module")
def student(tiny, kept):
    """A trainer of 96 images of a seed and 200 that a teacher labels, and the folder with its weights."""
    teacher = tiny(subset="seed", **SHORT)
    run = tiny(model="resnet-tiny8", teacher=teacher, pseudo=200, subset="seed", unseen=300, **SHORT)
    return Trainer(run, CPU, earlier=kept(teacher)), kept(teacher)


def test_a_teacher_labels_the_further_images_with_its_probabilities(student):
    trainer, folder = student
    own, told = trainer.train.labels[:96], trainer.train.labels[96:]
    assert len(trainer.labelled) == 96 and told.shape == (200, 10)
    assert np.array_equal(own, np.eye(10)[trainer.labelled.labels])
    assert np.allclose(told.sum(1), 1) and 0 < told.max() < 1
    further = replace_labels(trainer.train, told.argmax(1))
    teacher = trainer.run.teacher
    model = load_trained(weights_file(teacher, folder)).model
    assert evaluate(model, further, recipe_pixels(teacher.recipe, teacher.eval_size), "cpu")["top1"] == 100


def replace_labels(images, labels):
    """The images that a teacher has labelled, with these classes."""
    return replace(images.take(np.arange(96, len(images))), labels=labels)


def test_no_image_is_labelled_twice_or_tested_as_unseen(student):
    trainer, _ = student

    def pixels(images):
        return {images.items[i].tobytes() for i in range(len(images))}

    unseen = unseen_images(trainer.run)
    assert len(pixels(trainer.train)) == 296 and not pixels(trainer.train) & pixels(unseen)
    assert pixels(unseen) == pixels(unseen_images(replace(trainer.run, teacher=None, pseudo=0)))


def test_the_teacher_is_judged_by_the_labels_that_nobody_is_told(student):
    trainer, _ = student
    pool, told = datasets.load("digits", "train"), trainer.train.labels[96:].argmax(1)
    by_pixels = {pool.items[i].tobytes(): label for i, label in enumerate(pool.labels)}
    true = [by_pixels[trainer.train.items[96 + i].tobytes()] for i in range(200)]
    assert trainer.teacher_top1 == 100 * np.mean(told == true)


def test_metrics_are_of_labelled_images(student):
    trainer, folder = student
    metrics = fit(trainer.run, "cpu", earlier=folder, progress=False, train_top1=True).metrics
    assert metrics["teacher_top1"] == trainer.teacher_top1
    assert metrics["train_top1"] < 100  # any class would be right of those with probabilities


def test_a_teacher_of_other_classes_is_refused(tiny, kept):
    teacher = tiny(classes=FIRST, **SHORT)
    with pytest.raises(ValueError, match=f"teacher, run {teacher.key}, knows the classes 0, 1, 2, 3, 4, 5, the images"):
        Trainer(tiny(teacher=teacher, pseudo=10), CPU, earlier=kept(teacher))
    with pytest.raises(ValueError, match="asked for 5,000 further images of 1,438, of which 1,342 are left"):
        Trainer(tiny(teacher=teacher, pseudo=5000), CPU, earlier=kept(teacher))


def test_descriptions_name_what_a_run_builds_on(tiny):
    text = describe(tiny(after=tiny(), teacher=tiny(), pseudo=160))
    assert f"from run {tiny().key}, on digits" in text and f"and 160 that run {tiny().key} labels" in text
    assert "32 steps of 32 images, 4 epochs" in text
