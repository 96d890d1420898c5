"""What notebooks import, and what turns them into pages of the book."""

__all__ = ["Page", "start"]


def __getattr__(name: str):
    """Loaded on demand: papermill imports our handler whenever it starts, and should not wait for torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import page

    return getattr(page, name)
