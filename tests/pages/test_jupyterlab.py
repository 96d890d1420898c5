"""The source of a page that was opened in JupyterLab, run, and saved."""

import jupytext
import pytest
from jupytext.config import load_jupytext_configuration_file

from convscale.pages.sources import sources
from convscale.paths import CHECKOUT

LANGUAGE = {"name": "python", "pygments_lexer": "ipython3", "version": "3.11.7", "file_extension": ".py"}


def saved(text: str, opened_by: dict) -> str:
    """The text after the page was opened by a program that adds this to its head, run, and saved."""
    opened = jupytext.reads(text, "md:myst")
    opened.metadata |= opened_by
    for number, cell in enumerate(opened.cells):
        cell.metadata["trusted"] = True
        if cell.cell_type == "code":
            cell |= {"execution_count": number, "outputs": []}
            cell.metadata["execution"] = {"iopub.status.busy": "2026-11-28T00:00:00Z"}
    return jupytext.writes(opened, "md:myst", config=load_jupytext_configuration_file(str(CHECKOUT / "jupytext.toml")))


@pytest.mark.parametrize("opened_by", [{"language_info": LANGUAGE, "widgets": {}}, {}], ids=["jupyterlab", "jupytext"])
@pytest.mark.parametrize("name", sources())
def test_its_text_is_as_it_was(name, opened_by):
    text = sources()[name].read_text(encoding="utf-8")
    assert saved(text, opened_by) == text
