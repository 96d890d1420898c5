"""convscale: scaling and training ConvNets as EfficientNet, ResNet-RS and EfficientNetV2 describe it.

The public names are those of `__init__.pyi`, here and in each room; each is imported when it is first used.
"""

import warnings

import lazy_loader

__version__ = "0.1.0.dev0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# Progress bars are text here; tqdm warns about that in every notebook without ipywidgets.
warnings.filterwarnings("ignore", message="IProgress not found")
