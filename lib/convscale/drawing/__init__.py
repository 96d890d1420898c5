"""Pictures for the book: inline SVG in the book's colours, drawn for a wide and for a narrow page."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
