"""Where published weights of a network are, and how images are normalised for them."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import check_name
from .names import TIMM, timm_name
from .packages import PACKAGE, PACKAGES
from .preprocessing import NORMALISATIONS, released_preprocessing
from .references import REFERENCES
from .tables import NetworkTable

if TYPE_CHECKING:
    from timm.models import PretrainedCfg

PRETRAINED = "pretrained"  # as a source of weights: wherever they are published
# In px values of 0 to 255, and with room for rounding errors. timm has 0.5 for the 127 and 128 of the papers' code,
# half a px value from its 127.5; other normalisations are several px values apart.
ROUNDED, EQUAL = 0.501, 0.01


def pretrained_source(network: str | NetworkTable) -> str:
    """Where `load_weights` finds published weights of one of our networks: a package if there is one, else timm.

    Raises ValueError for a network that nobody has published weights of, and for a table.
    """
    if network in PACKAGES:
        return PACKAGE
    if network in REFERENCES:
        return f"{TIMM}{REFERENCES[network].timm}"
    name = network if isinstance(network, str) else network.name
    raise ValueError(f"weights 'pretrained': nobody has published any of {name}; give a file, or train from none")


def expected_normalisation(network: str | NetworkTable, weights: str | Path | None) -> str | None:
    """The name of the normalisation that one of our networks takes with `weights`; None where nothing says it.

    Of weights of timm their own configuration says it, of a package or a file the release of that network.
    Raises ValueError for one that has no name here, and for a video network.
    """
    if weights is None or not (timm_name(weights) or network in REFERENCES):
        return None
    release = released_preprocessing(network).normalisation
    tag = timm_name(weights)
    return release if tag is None else normalisation_of(tag, release)


def normalisation_of(timm_model: str, release: str | None = None) -> str:
    """The name of the normalisation that timm's weights `<name or name.tag>` were trained with.

    Where timm rounds what a `release` has, it is the release's. Raises ValueError for one that has no name here, and
    for a network or weights that timm does not have.
    """
    config = timm_config(timm_model)
    theirs = [255 * value for value in (*config.mean, *config.std)]
    for name in ([release] if release else []) + list(NORMALISATIONS):
        mean, std = NORMALISATIONS[name]
        near = ROUNDED if name == release else EQUAL
        if all(abs(a - b) <= near for a, b in zip(theirs, (*mean, *std), strict=True)):
            return name
    raise ValueError(
        f"timm:{timm_model} normalises with mean {config.mean} and deviation {config.std}, for which there is no name "
        f"in models.preprocessing.NORMALISATIONS ({', '.join(NORMALISATIONS)})"
    )


def from_the_papers(timm_model: str) -> bool:
    """Whether these weights of timm are those of the papers' release, converted: a "tf_" in their name or tag."""
    return timm_model.startswith("tf_") or timm_config(timm_model).tag.startswith("tf_")


def timm_config(timm_model: str) -> "PretrainedCfg":
    """timm's configuration of its weights `<name or name.tag>`. Raises ValueError if there are none of this name."""
    import timm

    arch = check_name("timm model", timm.models.get_arch_name(timm_model), timm.list_models())
    try:
        config = timm.get_pretrained_cfg(timm_model)
    except RuntimeError:  # of a tag that it does not know
        config = None
    if config is None:
        tagged = timm.list_pretrained(f"{arch}.*")
        raise ValueError(f"timm has no weights {timm_model!r}; those of {arch}: {', '.join(tagged)}")
    return config
