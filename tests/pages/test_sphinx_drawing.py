"""The directive of figures, in a book of one page."""

import subprocess
import sys
from textwrap import dedent

import pytest

PAGE = """\
(top)=
# A page

See {numref}`fig-a`.

:::{drawing} As in {ref}`top`, *paired*.
:name: fig-a
:csv: YSxiCjEsMgo=

<div class="sf"><svg class="sfx wide"><title>a < b</title></svg></div>
:::
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    settings = """\
        extensions = ["myst_nb", "convscale.pages.sphinx_drawing"]
        numfig = True
        myst_enable_extensions = ["colon_fence"]
        """
    (folder / "conf.py").write_text(dedent(settings))
    (folder / "index.md").write_text(PAGE)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-n", "-b", "html", str(folder), str(folder / "html")]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return (folder / "html/index.html").read_text()


def test_a_drawing_is_a_numbered_figure_that_numref_finds(built):
    assert 'href="#fig-a"><span class="std std-numref">Fig. 1</span>' in built
    assert '<svg class="sfx wide"><title>a < b</title></svg>' in built


def test_its_caption_has_roles_and_the_data(built):
    caption = built.split("<figcaption>")[1].split("</figcaption>")[0]
    assert 'href="#top"' in caption and "<em>paired</em>" in caption
    assert '<a download="fig-a.csv" href="data:text/csv;charset=utf-8;base64,YSxiCjEsMgo=">Data (CSV)</a>' in caption


def test_its_script_is_loaded_by_every_page(built):
    assert "_static/figures.js" in built
