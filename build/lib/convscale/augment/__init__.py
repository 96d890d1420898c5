"""What becomes of images before a network sees them: on the host one by one with PIL, on the device in batches."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
