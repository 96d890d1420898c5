"""A study: all trials of one search. What it searches is written in it once, and must not change."""

import warnings
from typing import Any

import optuna

from .candidates import Proxy
from .storage import is_missing, storage

SHOWN = 3  # differences in an error


def open_study(place: str, name: str, proxy: Proxy | None = None, sampler=None, pruner=None) -> optuna.Study:
    """The study of this name in a storage, begun with `proxy` where it is not there.

    Raises ValueError for a storage that cannot be reached; for a study that is not there and no `proxy`, naming those
    that are; and for one that searches something else, naming what differs.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if proxy is None and is_missing(place):
        raise ValueError(f"no study {name!r} in {place}: there is no such file; `convscale search run` begins one")
    where = storage(place)
    if proxy is None:
        names = sorted(study.study_name for study in where.get_all_studies())
        if name not in names:
            has = f"it has {', '.join(names)}" if names else "it has none"
            raise ValueError(f"no study {name!r} in {place}: {has}; `convscale search run` begins one")
        return optuna.load_study(study_name=name, storage=where)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(
            storage=where,
            study_name=name,
            sampler=sampler,
            pruner=pruner or optuna.pruners.NopPruner(),
            direction="maximize",
            load_if_exists=True,
        )
    wanted = plain(proxy.identity)
    if (known := study.user_attrs.get("search")) is None:
        study.set_user_attr("search", wanted)
    elif differing := differences(known, wanted):
        raise ValueError(
            f"study {name!r} in {place} searches something else: {in_short(differing)}; choose another name by "
            "--study, or another storage"
        )
    return study


def check_space(study: optuna.Study, proxy: Proxy) -> None:
    """Raise ValueError unless the study searches the space of `proxy`: the same choices may be another network."""
    known, wanted = study.user_attrs["search"], plain(proxy.identity)
    if differing := [d for part in ("space", "decisions") for d in differences(known[part], wanted[part], part)]:
        raise ValueError(
            f"study {study.study_name!r} searches another space: {in_short(differing)}; give the --space and the "
            "--scale that it was run with"
        )


def in_short(differing: list[str]) -> str:
    more = f" and {len(differing) - SHOWN} more" if len(differing) > SHOWN else ""
    return "; ".join(differing[:SHOWN]) + more


def plain(values: Any) -> Any:
    """As a storage gives it back: tuples are lists."""
    if isinstance(values, dict):
        return {name: plain(value) for name, value in values.items()}
    return [plain(value) for value in values] if isinstance(values, list | tuple) else values


def differences(known: Any, wanted: Any, path: str = "") -> list[str]:
    """What differs, "stage 3 kernel: [3, 5] there, [3, 5, 7] here"."""
    if isinstance(known, dict) and isinstance(wanted, dict):
        names = dict.fromkeys([*known, *wanted])
        return [d for name in names for d in differences(known.get(name), wanted.get(name), name)]
    return [] if known == wanted else [f"{path}: {known} there, {wanted} here"]
