"""Lets papermill read text notebooks: `papermill notebooks/x.md out.ipynb -p scale small`.

papermill picks a handler by the beginning of a path, so pyproject.toml registers this one for the beginnings
that local paths have. Everything but reading text is left to papermill's own handler.
"""

import json

import jupytext
from papermill.iorw import LocalHandler

TEXT = (".md", ".py")


class TextHandler(LocalHandler):
    def read(self, path: str) -> str:
        if not str(path).endswith(TEXT):
            return super().read(path)
        return json.dumps(jupytext.read(path))


handler = TextHandler()
