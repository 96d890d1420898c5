"""The papers' tables as lists of runs: what is trained at each scale, what it costs, and how records are made of it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
