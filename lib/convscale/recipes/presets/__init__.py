"""The papers' trainings by name: `<who>:paper` and what each release does instead. Ours are `own` and `own:finetune`.

v1-b0 to b7, v2-s, m, l, xl, b0 to b3, v2-21k, v2-ft-1k, v2-transfer, rs-50-160 to rs-420-320, video-baseline, video-rs.
"""

from fnmatch import fnmatch

from ...errors import check_name
from . import own, resnet_rs, v1, v2, v2_transfer, video
from .base import Preset
from .shorten import shortened
from .text import text_of

__all__ = ["PRESETS", "Preset", "list_presets", "preset", "preset_text", "shortened"]

# Name -> training as a paper or its code states it: "v2-s:paper", "v2-s:release".
PRESETS = {p.name: p for family in (own, v1, v2, v2_transfer, resnet_rs, video) for p in family.presets()}


def list_presets(pattern: str = "*") -> list[str]:
    """Names that match a shell pattern: `list_presets("v2-*:paper")`."""
    return [name for name in PRESETS if fnmatch(name, pattern)]


def preset(name: str) -> Preset:
    """The preset `name`. Raises ValueError for another one, with the nearest or, for `v2-s` alone, its variants."""
    if name not in PRESETS and (variants := list_presets(f"{name}:*")):
        raise ValueError(f"preset {name!r} comes in {len(variants)} variants: choose {' or '.join(variants)}")
    return PRESETS[check_name("preset", name, PRESETS)]


def preset_text(name: str) -> str:
    """A plain table of the preset `name`: value and source of each field, and what the other variants have."""
    chosen = preset(name)
    return text_of(chosen, [p for p in PRESETS.values() if p.who == chosen.who and p is not chosen])
