"""The box under a page says whether its code is known, and never that it is when it is not."""

import pytest

from convscale.pages.sphinx_ext import made_by

MADE = {"source": "notebooks/a.md", "parameters": {"seeds": 2}, "date": "2026-11-21", "seconds": 1.0}


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (dict(commit="a" * 40, state="clean"), "<code>aaaaaaaaaa</code>"),
        (dict(commit="a" * 40, state="dirty"), "<code>aaaaaaaaaa with local changes</code>"),
        (dict(commit="a" * 40, state="unknown"), "<code>aaaaaaaaaa, local changes unknown</code>"),
        (dict(commit=None, state="unknown"), "<code>unknown</code>"),
        (dict(commit="a" * 40, dirty=True), "<code>aaaaaaaaaa with local changes</code>"),  # executed before
        (dict(commit=None, dirty=False), "<code>unknown</code>"),
    ],
)
def test_the_state_of_the_code_is_said(origin, words):
    assert f"at commit {words}, executed on" in made_by(MADE | origin)
