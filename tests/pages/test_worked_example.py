"""The page in CONTRIBUTING.md is written as pages are."""

import ast
import re

from convscale.evidence.claims import claims
from convscale.experiments.registry import experiments
from convscale.pages import Page, Results
from convscale.pages.parameters import PARAMETERS
from convscale.pages.sources import cells_of, parameters_of
from convscale.paths import CHECKOUT

GUIDE = (CHECKOUT / "CONTRIBUTING.md").read_text()
EXAMPLE = re.search(r"^````markdown\n(.*?)^````$", GUIDE, re.DOTALL | re.MULTILINE)[1]


def test_it_calls_what_pages_and_results_have():
    cells = cells_of(EXAMPLE)
    assert list(parameters_of(cells)) == list(PARAMETERS)
    code = ast.parse("\n".join(cell.source for cell in cells))
    called = {(n.value.id, n.attr) for n in ast.walk(code) if isinstance(n, ast.Attribute)}
    assert {owner for owner, _ in called} == {"page", "results"}
    has = {"page": Page, "results": Results}
    assert [call for call in called if not hasattr(has[call[0]], call[1])] == []
    words = {n.value for n in ast.walk(code) if isinstance(n, ast.Constant)}
    assert words & experiments().keys() and words & {claim["page"] for claim in claims()}
