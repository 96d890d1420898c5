"""Name -> network table, for every network of ours."""

from fnmatch import fnmatch

from ..errors import check_name
from .efficientnet import EFFICIENTNETS
from .efficientnet_lite import EFFICIENTNET_LITES
from .efficientnetv2 import EFFICIENTNETV2S
from .mobilenet import MOBILENETS
from .resnet_tables import RESNETS, ResNetTable
from .stages import ConvNetTable
from .video_tables import VIDEOS, VideoTable

NetworkTable = ConvNetTable | ResNetTable | VideoTable  # what `table` returns and `build` takes
TABLES: dict[str, NetworkTable] = {
    t.name: t for t in (*EFFICIENTNETV2S, *EFFICIENTNETS, *EFFICIENTNET_LITES, *RESNETS, *MOBILENETS, *VIDEOS)
}


def list_models(pattern: str = "*") -> list[str]:
    """Our model names that match a shell pattern, e.g. `list_models("efficientnetv2*")`."""
    return [name for name in TABLES if fnmatch(name, pattern)]


def table(name: str) -> NetworkTable:
    """The table of one of `list_models()`. Raises ValueError for another name, with the nearest ones."""
    return TABLES[check_name("model", name, TABLES)]


def image_table(model: str | NetworkTable) -> ConvNetTable | ResNetTable:
    """The table of a network of images, by its name or as it is.

    Raises ValueError for another name, with the nearest ones, and for a network of video.
    """
    if isinstance(model, str) and model not in TABLES:
        check_name("model", model, [name for name, table in TABLES.items() if not isinstance(table, VideoTable)])
    found = table(model) if isinstance(model, str) else model
    if isinstance(found, VideoTable):
        raise ValueError(f"{found.name} is a network for video clips and takes no images: choose another")
    return found
