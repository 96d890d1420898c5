"""Every page in a browser: silent, whole, within its width, and readable by everybody, in both themes.

Needs Chromium or Chrome on this machine; nothing is downloaded. CHROME names one that is not found by itself.
"""

import pytest
from browser import WIDTHS, chapters, look, start, unringed

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright here: the extra `test`")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here: the extra `test`")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = start(playwright)
        yield browser
        browser.close()


VISITS = [(page, theme) for page in [*chapters(), "search"] for theme in ("light", "dark")]


@pytest.fixture(scope="module", params=VISITS, ids=" ".join)
def visit(request, browser, html):
    return look(browser, axe_api.Axe(), html, *request.param)


def test_console_says_nothing_on_a_first_visit(visit):
    assert visit.console == []


def test_the_theme_is_that_of_the_readers_system(visit, request):
    assert visit.theme == request.node.callspec.params["visit"][1]


def test_nothing_is_missing_or_asked_for_elsewhere(visit):
    assert (visit.foreign, visit.failed) == ([], [])


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(visit, width):
    assert visit.overflow[width] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_captions_can_be_read_without_scrolling(visit, width):
    assert visit.cut[width] == []


def test_where_the_keyboard_is_can_be_seen(browser, html):
    assert unringed(browser, html, "book/efficientnet/4-architecture", steps=75) == []


def test_pictures_have_words(visit):
    assert visit.unnamed == []


def test_links_inside_the_page_lead_somewhere(visit):
    assert visit.dead == []


def test_paper_has_the_whole_article_and_nothing_that_scrolls(visit):
    assert visit.printed == []


def test_axe_finds_nothing(visit):
    assert visit.axe == []
