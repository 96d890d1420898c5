from .display import Drawing as Drawing
from .glyphs import badge as badge
from .glyphs import family as family
from .glyphs import glyph as glyph
from .intervals import forest as forest
from .small import boxes as boxes
from .small import interval as interval
from .small import mini as mini
