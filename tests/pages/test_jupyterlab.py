"""The source of a page that was opened in JupyterLab, run, and saved."""

import jupytext
import pytest
from jupytext.config import load_jupytext_configuration_file

from convscale.pages.sources import sources
from convscale.paths import CHECKOUT

LANGUAGE = {"name": "python", "pygments_lexer": "ipython3", "version": "3.11.7", "file_extension": ".py"}
FENCE = "```{code-cell}"


@pytest.mark.parametrize("name", sources())
def test_its_text_is_as_it_was_but_for_the_word_behind_a_fence(name):
    text = sources()[name].read_text(encoding="utf-8")
    opened = jupytext.reads(text, "md:myst")
    opened.metadata |= {"language_info": LANGUAGE, "widgets": {}}
    for number, cell in enumerate(opened.cells):
        cell.metadata["trusted"] = True
        if cell.cell_type == "code":
            cell |= {"execution_count": number, "outputs": []}
            cell.metadata["execution"] = {"iopub.status.busy": "2026-11-28T00:00:00Z"}
    saved = jupytext.writes(opened, "md:myst", config=load_jupytext_configuration_file(str(CHECKOUT / "jupytext.toml")))
    lines = saved.replace(f"{FENCE} {LANGUAGE['pygments_lexer']}\n", f"{FENCE}\n").splitlines()
    assert [line for line in lines if line] == [line for line in text.splitlines() if line]
