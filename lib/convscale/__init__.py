"""convscale: scaling and training ConvNets as EfficientNet, ResNet-RS and EfficientNetV2 describe it."""

__version__ = "0.1.0"
