"""Training and evaluation: one step, the loop around it, and what it keeps."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
