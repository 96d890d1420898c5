"""A preset as plain text."""

from .base import Preset


def written(value) -> str:
    """A value as a reader expects it: no more digits than it needs, "-" for nothing."""
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return ", ".join(written(v) for v in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def text_of(preset: Preset, others: list[Preset]) -> str:
    """One line a field: its value, its source, and the value of each other variant where it differs."""
    lines = [("field", "value", "source", "elsewhere")]
    theirs = {other.name.partition(":")[2] or other.name: other.values() for other in others}
    for name, value in preset.values().items():
        source = ("unstated: " if name in preset.unstated else "") + preset.sources[name]
        elsewhere = [f"{variant}: {written(v.get(name))}" for variant, v in theirs.items() if v.get(name) != value]
        lines.append((name, written(value), source, "; ".join(elsewhere)))
    widths = [max(len(line[i]) for line in lines) for i in range(3)]
    text = ["  ".join([*(cell.ljust(w) for cell, w in zip(line, widths, strict=False)), line[3]]) for line in lines]
    return "\n".join([preset.name, *(line.rstrip() for line in text)])
