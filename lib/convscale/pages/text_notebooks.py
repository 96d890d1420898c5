"""Texts as notebooks, by jupytext; a text that is none is one sentence, whatever jupytext and nbformat would say."""

from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from .sources import cells_of


def notebook_of(text: str, file: str) -> NotebookNode:
    """The notebook whose source is this text, of a file of this name. Raises ValueError that says what is wrong."""
    ending = Path(file).suffix
    if ending == ".md":
        cells_of(text, file)  # says in which line a mistake is; what is left after it lies in the head
    try:
        notebook = jupytext.reads(text, ending)
        nbformat.validate(notebook)
    except Exception as error:  # they have many kinds
        place = ".".join(map(str, getattr(error, "absolute_path", ())))
        fault = ": ".join(filter(None, [place, str(error).partition("\n")[0]]))
        remedy = "compare its head with that of another page"
        raise ValueError(f"{file}: jupytext makes no notebook of it ({fault}): {remedy}") from None
    return notebook
