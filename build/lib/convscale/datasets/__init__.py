"""Image sets and the loader whose order, randomness and image size are functions of seed and step."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
