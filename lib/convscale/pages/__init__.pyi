from .block import Block as Block
from .page import Page as Page
from .page import start as start
from .results import Results as Results
from .results import source_of as source_of
from .tables import BookTable as BookTable
