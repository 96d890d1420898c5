"""What was run and measured: checked, sealed, and stored once; records know no claims."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
