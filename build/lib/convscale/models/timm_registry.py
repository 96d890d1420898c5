"""Our models in timm's registry, once this module is imported:

import convscale.models.timm_registry
timm.create_model("convscale_efficientnetv2_s")
"""

from dataclasses import replace

from timm.models import register_model
from torch import nn

from .preprocessing import released_preprocessing
from .pretrained import expected_normalisation, pretrained_source
from .tables import list_models
from .video_tables import VideoTable
from .weights import load_weights
from .zoo import build

TIMM_ONLY = ("pretrained_cfg", "pretrained_cfg_overlay", "cache_dir")  # what timm passes to every constructor


def entrypoint(name: str):
    """timm's constructor of our model `name`.

    It knows timm's `num_classes`, `drop_rate` and `drop_path_rate`; other keywords are fields of the table.
    `pretrained=True` loads published weights, and the configuration is then theirs.
    """

    def create(pretrained: bool = False, drop_rate: float | None = None, **kwargs) -> nn.Module:
        kwargs = {key: value for key, value in kwargs.items() if value is not None and key not in TIMM_ONLY}
        if drop_rate is not None:
            kwargs["dropout"] = drop_rate
        weights = pretrained_source(name) if pretrained else None
        model = build(name, **kwargs)
        if not isinstance(model.table, VideoTable):
            expected = released_preprocessing(model.table)
            normalisation = expected_normalisation(name, weights) or expected.normalisation
            model.pretrained_cfg = model.default_cfg = replace(expected, normalisation=normalisation).timm_config()
        return load_weights(model, weights) if weights else model

    create.__name__ = "convscale_" + name.replace("-", "_")
    create.__doc__ = f"convscale's {name}."
    return create


for _name in list_models():
    register_model(entrypoint(_name))
