"""What the book's extension adds to a page: how it was made, and the words that others show of it."""

import pytest
from docutils import nodes
from docutils.utils import new_document

from convscale.pages.sphinx_ext import made_by
from convscale.pages.sphinx_html import description, head

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


def test_a_page_without_parameters_says_nothing_of_them():
    assert "in 1.0 s with <code>seeds=2</code>.</p>" in made_by(MADE | dict(commit=None, state="unknown"))
    assert "in 1.0 s.</p>" in made_by(MADE | dict(commit=None, state="unknown", parameters={}))


def test_what_made_a_page_is_said():
    versions = {"convscale": "1.2.0", "python": "3.11.7"}
    said = made_by(MADE | dict(commit=None, state="unknown", versions=versions))
    assert "<code>seeds=2</code> by convscale 1.2.0 on Python 3.11.7.</p>" in said


def document(*paragraphs: str) -> nodes.document:
    found = new_document("page")
    found += nodes.section("", *(nodes.paragraph("", text) for text in paragraphs))
    return found


LONG = "How far accuracy rises when regularization grows with the image, as in Table 13. " * 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Short [Tan and Le, 2021].", "Short."),
        (LONG, (LONG[:81] * 2).strip()),
        (
            "Of Bello et al. and many other words " + "word " * 50,
            "Of Bello et al. and many other words " + "word " * 32 + "…",
        ),
    ],
)
def test_the_description_is_the_start_of_the_text(text, words):
    assert description(document(text, "More.")) == words


def test_a_page_without_text_has_no_description():
    assert description(document()) == ""
    assert "description" not in head("Search", "Book", "", "")


def test_addresses_are_absolute_or_absent():
    assert 'property="og:url" content="https://a.org/b.html"' in head("A", "Book", "Words", "https://a.org/b.html")
    assert "og:url" not in head("A", "Book", "Words", "")
    assert 'content="1 &lt; 2"' in head("A", "Book", "1 < 2", "")
