"""What a reader's browser makes of a page of the built book, as plain values; used by test_browser.py.

One visit is a first one (a fresh profile, no network) to one page in one theme: the light one by a small laptop, the
dark one by a phone, so that axe sees both layouts. The widths are ours.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from convscale.paths import CHECKOUT

WIDTHS = (390, 1280)  # px
VISITOR = {"light": 1280, "dark": 390}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # of WCAG 2.1 A, but experimental in axe
    "resultTypes": ["violations"],  # else every node of the page comes back
    "preload": False,  # it would ask for stylesheets once more
}
STILL = "* { transition: none !important }"  # what moves is measured where it ends

OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth <= wide) return found;
  const boxed = (e) => { // in a box that scrolls by itself, or in a drawer beside the page
    for (let p = e; p && p !== document.body; p = p.parentElement) {
      const style = getComputedStyle(p);
      if (style.position === "fixed" || (p !== e && ["auto", "scroll"].includes(style.overflowX))) return true;
    }
  };
  for (const e of document.body.querySelectorAll("*")) {
    const right = Math.round(e.getBoundingClientRect().right);
    if (right > wide && !boxed(e)) found.push(`${e.tagName} ${e.getAttribute("class") || ""} ${right} px`);
  }
  return found.length ? found : [`document ${document.documentElement.scrollWidth} px`];
}"""
CUT = """() => [...document.querySelectorAll("article caption")]
  .filter((e) => e.offsetWidth > document.documentElement.clientWidth).map((e) => e.textContent.trim())"""
RING = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const ring = style.boxShadow !== "none" || (style.outlineStyle !== "none" && style.outlineWidth !== "0px");
  return e === document.body || ring ? "" : `${e.tagName} ${e.getAttribute("class") || e.textContent.trim()}`;
}"""
UNNAMED = """() => [...document.querySelectorAll("article img, article svg")].filter((e) => {
  const hidden = e.closest("[aria-hidden=true]"), role = e.getAttribute("role");
  if (e.closest("summary, button, a")) return false; // axe asks for the control's name
  if (e.tagName === "IMG") return !hidden && !e.getAttribute("alt");
  return !hidden && role !== "presentation" && !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")
    && !e.querySelector(":scope > title");
}).map((e) => e.outerHTML.slice(0, 200))"""
PRINTED = """() => [...document.querySelectorAll("body *")].filter((e) => {
  const style = getComputedStyle(e);
  if (!e.getClientRects().length || style.visibility === "hidden") return e.matches("article h1");
  const scrolls = ["auto", "scroll"].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1;
  return scrolls || e.matches("[class*=bd-sidebar], .bd-header-article, details.hide > summary, .copybtn");
}).map((e) => `${e.tagName} ${e.getAttribute("class") || e.textContent.trim()}`)"""
DEAD = """() => [...document.querySelectorAll("a[href^='#'], use[href^='#']")]
  .map((e) => decodeURIComponent(e.getAttribute("href").slice(1)))
  .filter((id) => id && !document.getElementById(id))"""


@dataclass(frozen=True)
class Visit:
    """What was found on a page; each is empty on a sound one."""

    theme: str  # as the page shows it
    console: list[str]  # errors, warnings, and exceptions of scripts
    foreign: list[str]  # addresses asked for outside the book
    failed: list[str]  # files of the book that are not there
    overflow: dict[int, list[str]]  # width in px -> what sticks out of the page
    cut: dict[int, list[str]]  # width in px -> captions that are wider than the window
    unnamed: list[str]  # pictures without words
    dead: list[str]  # links and uses of marks inside the page that lead nowhere
    printed: list[str]  # on paper: what only a screen can do, and a title that is missing
    axe: list[str]  # rule, and the first elements that break it


def program() -> str | None:
    """The browser of this machine: $CHROME, or the first that is found."""
    if given := os.environ.get("CHROME"):
        return given
    return next(filter(None, map(shutil.which, NAMES)), MACOS if Path(MACOS).exists() else None)


def chapters() -> list[str]:
    """Every page of the book, without suffix, as _toc.yml lists them."""

    def below(entry: dict) -> list[str]:
        own = [entry[key] for key in ("root", "file") if key in entry]
        children = (c for key in ("parts", "chapters", "sections") for c in entry.get(key, ()))
        return own + [name for child in children for name in below(child)]

    return below(yaml.safe_load((CHECKOUT / "_toc.yml").read_text()))


def start(playwright: Any) -> Any:
    """The browser, or a skipped test that says what to install."""
    if not (found := program()):
        pytest.skip("no browser: install chromium, or name one in CHROME")
    return playwright.chromium.launch(executable_path=found, args=["--disable-gpu"])


def look(browser: Any, axe: Any, root: Path, name: str, theme: str) -> Visit:
    """First visit to page `name` of the book in `root`, by a reader whose system prefers `theme`."""
    visitor = VISITOR[theme]
    context = browser.new_context(color_scheme=theme, offline=True, viewport={"width": visitor, "height": 900})
    console: list[str] = []
    asked: list[str] = []
    failed: list[str] = []
    try:
        page = context.new_page()
        page.on("console", lambda m: console.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: console.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.goto((root / f"{name}.html").as_uri(), wait_until="load")
        page.add_style_tag(content=STILL)
        found = axe.run(page, options=AXE).response["violations"]
        overflow, cut = {}, {}
        for width in (visitor, *({*WIDTHS} - {visitor})):
            page.set_viewport_size({"width": width, "height": 900})
            overflow[width], cut[width] = page.evaluate(OVERFLOW), page.evaluate(CUT)
        page.emulate_media(media="print")
        printed = page.evaluate(PRINTED)
        page.emulate_media(media="screen")
        return Visit(
            printed=printed,
            theme=page.evaluate("document.documentElement.dataset.theme"),
            console=console,
            foreign=[url for url in asked if not url.startswith(("file:", "data:", "blob:"))],
            failed=[url for url in failed if url.startswith("file:")],
            overflow=overflow,
            cut=cut,
            unnamed=page.evaluate(UNNAMED),
            dead=page.evaluate(DEAD),
            axe=[
                f"{rule['id']} ({len(rule['nodes'])}): {rule['help']}: "
                + "; ".join(str(node["target"]) for node in rule["nodes"][:5])
                for rule in found
            ],
        )
    finally:
        context.close()


def unringed(browser: Any, root: Path, name: str, steps: int) -> list[str]:
    """What has no ring when the keyboard comes to it, among the first `steps` places of a page."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto((root / f"{name}.html").as_uri(), wait_until="load")
        page.add_style_tag(content=STILL)
        found = []
        for _ in range(steps):
            page.keyboard.press("Tab")
            found.append(page.evaluate(RING))
        return [element for element in found if element]
    finally:
        context.close()
