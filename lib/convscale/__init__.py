"""convscale: scaling and training ConvNets as EfficientNet, ResNet-RS and EfficientNetV2 describe it."""

import warnings

__version__ = "0.1.0"

# Progress bars are text here; tqdm warns about that in every notebook without ipywidgets.
warnings.filterwarnings("ignore", message="IProgress not found")
