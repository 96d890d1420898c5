"""Trainings as values, without torch: recipes, schedules, runs, and the papers' own by name."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
