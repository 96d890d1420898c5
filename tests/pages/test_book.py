"""The HTML of the book from its committed pages: no warning, nothing from elsewhere, no dead link."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from browser import chapters
from bs4 import BeautifulSoup

from convscale.paths import CHECKOUT

pytestmark = pytest.mark.slow
LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "embed": "src",
    "object": "data",
}


@pytest.fixture(scope="module")
def pages(html) -> dict[Path, BeautifulSoup]:
    return {
        page: BeautifulSoup(page.read_text(), "html.parser")
        for page in html.rglob("*.html")
        if "_static" not in page.parts
    }


def test_every_chapter_is_there(html):
    assert [name for name in chapters() if not (html / f"{name}.html").exists()] == []


def foreign(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def test_pages_load_nothing_from_elsewhere(pages):
    """A reader without network sees the whole book; only plain links lead out of it."""
    found = []
    for page, soup in pages.items():
        for tag in soup.find_all(True):
            if (address := tag.get(LOADS.get(tag.name, ""))) and foreign(address):
                found.append((page.name, address))
            if tag.name == "link" and foreign(tag.get("href", "")) and not {"canonical"} & set(tag.get("rel", [])):
                found.append((page.name, tag["href"]))
        found += [(page.name, "import") for s in soup.find_all("script") if "import" in s.text and "https://" in s.text]
    assert found == []


def test_stylesheets_load_nothing_from_elsewhere(html):
    assert [s.name for s in html.rglob("*.css") if "url(http" in s.read_text().replace("'", "").replace('"', "")] == []


def test_links_inside_the_book_lead_somewhere(html, pages):
    anchors = {page: {tag["id"] for tag in soup.find_all(id=True)} for page, soup in pages.items()}
    dead = []
    for page, soup in pages.items():
        for link in soup.find_all("a", href=True):
            parts = urlsplit(link["href"])
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            ids = anchors.get(target)
            if not target.exists() or (parts.fragment and ids is not None and unquote(parts.fragment) not in ids):
                dead.append((page.name, link["href"]))
    assert dead == []


def test_images_are_there_and_described(html, pages):
    for page, soup in pages.items():
        for image in soup.find_all("img", src=True):
            if not image["src"].startswith("data:"):
                assert (page.parent / unquote(urlsplit(image["src"]).path)).exists(), (page.name, image["src"])
        for image in soup.select("article img"):
            assert image.get("alt"), (page.name, image["src"])


def executed():
    return [name for name in chapters() if (CHECKOUT / f"{name}.ipynb").exists()]


def test_executed_pages_say_how_they_were_made(html, pages):
    assert executed()
    for name in executed():
        made = json.loads((CHECKOUT / f"{name}.ipynb").read_text())["metadata"]["convscale"]
        boxes = pages[html / f"{name}.html"].select('aside[aria-label="Provenance"]')
        assert len(boxes) == 1, name
        text = boxes[0].get_text()
        assert "How this page was made" in text and made["source"] in text
        assert made["commit"][:10] in text and made["date"] in text and f"{made['seconds']} s" in text


def test_executed_pages_have_a_colab_button_on_the_committed_notebook(html, pages):
    home = yaml.safe_load((CHECKOUT / "_config.yml").read_text())["repository"]
    place = home["url"].removeprefix("https://github.com/")
    for name in executed():
        links = [a["href"] for a in pages[html / f"{name}.html"].find_all("a", href=True)]
        assert f"https://colab.research.google.com/github/{place}/blob/{home['branch']}/{name}.ipynb" in links


def test_scripts_are_loaded_once(pages):
    for page, soup in pages.items():
        loaded = [urlsplit(s["src"]).path for s in soup.find_all("script", src=True)]
        assert len(loaded) == len(set(loaded)), page.name
        assert not any("thebe" in path for path in loaded), page.name


def test_tables_are_numbered_tables_of_the_book(html, pages):
    """Not pictures, not raw markdown: the emphasis in a verdict is emphasis."""
    soup = pages[html / "book/efficientnetv2/6-3-adaptive-regularization.html"]
    captions = [c.get_text() for c in soup.select("article table caption")]
    assert len(captions) >= 4 and all(c.startswith("Table") for c in captions)
    assert "**" not in soup.select_one("article").get_text()
