"""The training-aware architecture search: spaces, rewards, samplers on Optuna, and workers that share a study."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
