"""Filters, order and permalinks of the ledger in a browser; without scripts everything is there."""

import shutil
from itertools import groupby

import pytest

from convscale.pages.ledger import ledger_html
from convscale.paths import CHECKOUT

playwright = pytest.importorskip("playwright.sync_api")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
MARK = "<script>document.documentElement.classList.add('sf-js')</script>"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The ledger on a bare page with the book's style and script."""
    folder = tmp_path_factory.mktemp("ledger")
    style = "".join((CHECKOUT / f"book/_static/{name}.css").read_text() for name in ("tokens", "theme", "ledger"))
    script = (CHECKOUT / "book/_static/ledger.js").read_text()
    (folder / "claims.html").write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Ledger</title>{MARK}<style>{style}</style>"
        f"<article class=bd-article style=max-width:43rem>{ledger_html()}</article><script>{script}</script></html>"
    )
    return (folder / "claims.html").as_uri()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def ids(page):
    return page.locator(".sf-c:visible").evaluate_all("(claims) => claims.map((claim) => claim.id)")


def test_filters_and_order_stand_in_the_address(browser, address):
    page = browser.new_page()
    page.goto(address)
    whole = ids(page)
    page.check("[value=rs]", force=True)
    page.check("[value=arithmetic]", force=True)
    page.fill("[name=q]", "table 4")
    # asked of the page itself: what Playwright keeps as `page.url` arrives a moment later
    assert page.evaluate("location.search") == "?paper=rs&kind=arithmetic&q=table+4"
    chosen = ids(page)
    assert 0 < len(chosen) < len(whole) and page.inner_text("[role=status]") == f"{len(chosen)} of {len(whole)} claims"
    page.reload()
    assert ids(page) == chosen
    page.click("[type=reset]")
    page.wait_for_function("!location.search")
    assert ids(page) == whole
    page.select_option("[name=sort]", "verdict")
    words = page.evaluate("[...document.querySelectorAll('.sf-c')].map((claim) => claim.dataset.v)")
    assert words[0] == "reproduced" and len(list(groupby(words))) == len(set(words))
    page.select_option("[name=sort]", "")
    assert ids(page) == whole
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_permalink_opens_its_row_in_sight_whatever_is_filtered(browser, address, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{address}?paper=v1#v2-table7-flops")
    row = page.locator("#v2-table7-flops")
    assert row.get_attribute("open") is not None
    place = row.bounding_box()
    bar = page.locator(".sf-stick").bounding_box()
    assert place["y"] < 800 and (place["y"] >= bar["y"] + bar["height"] or bar["y"] + bar["height"] < 0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_rows_open_by_keyboard(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.focus("#v2-table7-flops > summary")
    page.keyboard.press("Enter")
    assert page.locator("#v2-table7-flops table").is_visible()
    page.close()


def test_without_scripts_all_claims_are_shown_and_no_filters(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("form").is_hidden()
    assert page.locator(".sf-c:visible").count() == page.locator(".sf-c").count() > 200
    context.close()
