"""Weights from and to timm, torchvision and files; all of a checkpoint fits or none of it is loaded."""

from pathlib import Path

from torch import Tensor, nn

from ..errors import check_name
from ..files import replace_file
from ..words import plural
from .layouts import Layout, layouts, style_of
from .names import timm_name
from .packages import PACKAGE, package_file
from .weight_files import read

CLASSIFIER = ("classifier.weight", "classifier.bias")
LISTED = 12  # names of each kind that an error prints; the count is always exact


def load_weights(model: nn.Module, source: str | Path | nn.Module, *, classifier: bool = True) -> nn.Module:
    """Copy weights and batch-norm statistics from `source` into `model`, one of our networks, and return it.

    `source` is "package", for the networks in `packages.PACKAGES`, whose installed package holds them; "timm:<name or
    name.tag>", whose pretrained weights timm downloads or has in its cache; a timm, torchvision or convscale module; or
    the path of a .safetensors or torch file with names of one of the four, "./package" for a file of that name.
    Torch files are read as tensors only: no code in them runs. `classifier=False` keeps the model's own classifier,
    for a data set of other classes.

    Raises ValueError if names or shapes do not fit, listing them, or if the source was made for another padding or
    batch-norm epsilon, which a file with timm's names does not tell; FileNotFoundError for a missing file or package;
    RuntimeError if timm cannot get the weights. The model is then unchanged.
    """
    if (name := timm_name(source)) is not None:
        source = pretrained(name)
    elif source == PACKAGE:
        source = package_file(model.table.name)
    if isinstance(source, nn.Module):
        state, style, label = source.state_dict(), style_of(source), type(source).__name__
    else:
        state, style, label = read(Path(source)), None, str(source)
    layout = closest(model, state)
    check_style(model, style or layout.style, label)
    names = {theirs: our for theirs, our in layout.names.items() if classifier or our not in CLASSIFIER}
    ignored = layout.names.keys() - names.keys()
    state = {name: tensor for name, tensor in state.items() if name not in ignored}
    check_fit(model, state, names, label)
    model.load_state_dict({names[name]: tensor for name, tensor in state.items()}, strict=False)
    return model


def export_weights(model: nn.Module, target: str | Path | nn.Module, *, layout: str = "convscale") -> None:
    """Copy the weights of `model`, one of our networks, into a timm, torchvision or convscale module or a file.

    A file is written as safetensors under the names of `layout`: "convscale", "timm", "torchvision" or "package". It
    replaces an older one only when it is complete. Raises ValueError if the module's weights are of other names,
    shapes, padding or batch-norm epsilon, or if the model has no such layout.
    """
    known = layouts(model)
    ours = model.state_dict()
    if isinstance(target, nn.Module):
        theirs, label = target.state_dict(), type(target).__name__
        names = closest(model, theirs).names
        check_style(model, style_of(target), label)
        check_fit(model, theirs, names, label)
        target.load_state_dict({their: ours[our] for their, our in names.items()})
        return
    from safetensors.torch import save_file

    names = known[check_name(f"layout of {model.table.name}", layout, known)].names
    metadata = {"format": "pt", "model": model.table.name, "layout": layout}
    named = {their: ours[our].contiguous() for their, our in names.items()}
    replace_file(Path(target), lambda file: save_file(named, file, metadata))


def pretrained(name: str) -> nn.Module:
    """timm's model `name` with its pretrained weights and all of their classes.

    Raises ValueError for an unknown name, RuntimeError if there are no weights or they cannot be downloaded.
    """
    import timm

    arch = check_name("timm model", timm.models.get_arch_name(name), timm.list_models())
    if name != arch:
        check_name("pretrained timm model", name, timm.list_pretrained(f"{arch}.*"))
    try:
        return timm.create_model(name, pretrained=True)
    except Exception as error:  # the hub's errors have no common class
        raise out_of_reach(name, error) from error


def out_of_reach(name: str, error: Exception) -> RuntimeError:
    """What to say where timm could not fetch the weights of its model `name`."""
    return RuntimeError(
        f"timm could not get the weights of {name} ({type(error).__name__}: {error}). Offline? Download the file where "
        "there is a network and pass its path instead"
    )


def closest(model: nn.Module, state: dict[str, Tensor]) -> Layout:
    """The layout of `model` that shares most names with `state`."""
    return max(layouts(model).values(), key=lambda layout: len(layout.names.keys() & state.keys()))


def check_style(model: nn.Module, style: dict | None, label: str) -> None:
    """Raise ValueError if `style` (of `style_of`) differs from the table of `model`."""
    ours = {field: getattr(model.table, field) for field in style or {} if hasattr(model.table, field)}
    wrong = {field: style[field] for field, value in ours.items() if style[field] != value}
    if wrong:
        options = ", ".join(f"{field}={value!r}" for field, value in wrong.items())
        raise ValueError(
            f"{label} has other padding or batch-norm epsilon than {model.table.name} with {ours}: its weights would "
            f"give other outputs. Use build({model.table.name!r}, {options})"
        )


def check_fit(model: nn.Module, state: dict[str, Tensor], names: dict[str, str], label: str) -> None:
    """Raise ValueError with all missing, unexpected and misshaped names unless `state` fits `model` by `names`."""
    lines, misshaped = misfits(model.state_dict(), state, names)
    if lines:
        hint = ""
        if misshaped and all(names[name] in CLASSIFIER for name in misshaped):
            hint = (
                "\n  only the classifier differs, which is of other classes: load with classifier=False to keep the "
                "model's own, as `train --weights` does"
            )
        fits = f"{label} does not fit {model.table.name} with {plural(model.num_classes, 'class')}; nothing was loaded"
        raise ValueError("\n".join([fits, *lines]) + hint)


def misfits(ours: dict[str, Tensor], state: dict[str, Tensor], names: dict[str, str]) -> tuple[list[str], list[str]]:
    """A line for each kind of difference between `state` and `ours`, whose names `names` gives for those of `state`;
    and the names of `state` whose shapes differ."""
    # Files of old torch versions and conversions from TensorFlow have no count of batches, which nothing needs.
    missing = [n for n in names if n not in state and not n.endswith("num_batches_tracked")]
    unexpected = [n for n in state if n not in names]
    misshaped = [n for n, t in state.items() if n in names and t.shape != ours[names[n]].shape]
    shapes = [f"{n} {tuple(state[n].shape)}, not {tuple(ours[names[n]].shape)}" for n in misshaped]
    problems = {"missing": missing, "unexpected": unexpected, "misshaped": shapes}
    lines = [
        f"  {kind} ({len(found)}): {', '.join(found[:LISTED])}{', ...' if len(found) > LISTED else ''}"
        for kind, found in problems.items()
        if found
    ]
    return lines, misshaped
