from .glyphs import badge as badge
from .glyphs import family as family
from .glyphs import glyph as glyph
