"""How networks are named: ours by themselves, those of timm as `timm:<name or name.tag>`."""

TIMM = "timm:"


def timm_name(name: object) -> str | None:
    """timm's own name of a network of timm; None for one of ours, by name or as a table.

    >>> timm_name("timm:resnet50.a1_in1k"), timm_name("resnet-50")
    ('resnet50.a1_in1k', None)
    """
    return name.removeprefix(TIMM) if isinstance(name, str) and name.startswith(TIMM) else None
