"""The ledger page: every claim with all there is to know about it, in HTML without scripts, and links that lead on."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from convscale.drawing.ledger_marks import effect_mark, number_marks, place
from convscale.evidence.claims import KINDS, claims
from convscale.evidence.findings import findings
from convscale.pages.ledger import anchor, ledger_html
from convscale.pages.ledger_row import prose
from convscale.pages.ledger_values import our_number, values
from convscale.pages.sections import sections
from convscale.pages.sources import sources
from convscale.paths import CHECKOUT

DISCREPANCIES = set(re.findall(r"^\| ([A-Z]\d+) \|", (CHECKOUT / "book/discrepancies.md").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def found():
    return findings()


@pytest.fixture(scope="module")
def html(found):
    return ledger_html(found)


@pytest.fixture(scope="module")
def page(html):
    return BeautifulSoup(html, "html.parser")


def opened(page, id):
    """Term -> what is said, of a claim."""
    claim = page.find(id=id)
    return dict(zip((t.text for t in claim.find_all("dt")), claim.find_all("dd"), strict=True))


def test_every_claim_is_an_anchor_in_the_order_of_the_papers(page):
    ids = [claim["id"] for claim in page.find_all("details")]
    assert sorted(ids) == sorted(claim["id"] for claim in claims())
    assert len({tag["id"] for tag in page.find_all(id=True)}) == len(page.find_all(id=True))
    assert [part["data-p"] for part in page.select(".sf-family")] == ["v1", "rs", "v2"]
    page_of = {claim["id"]: claim["page"] for claim in claims()}
    assert list(dict.fromkeys(page_of[id] for id in ids)) == [page for page in sections() if page in page_of.values()]


def test_the_html_is_well_formed_and_light(html):
    """As XML, where the few attributes without a value and tags without an end are written out."""
    text = re.sub(r" hidden>", ' hidden="">', re.sub(r"<br>", "<br/>", html))
    ElementTree.fromstring(re.sub(r"<input([^>]*)>", r"<input\1/>", text))
    assert len(html.encode()) / len(claims()) < 1700  # bytes a claim, so that a page of 264 stays below 450 kB


def test_it_is_the_same_every_time(html):
    assert ledger_html(findings()) == html


def test_every_kind_opens_to_what_belongs_to_it(page):
    for kind in KINDS:
        some = [claim["id"] for claim in claims() if claim["kind"] == kind]
        for id in some:
            terms = opened(page, id)
            assert {"Where", "Rule", "Verdict", "Cite"} <= terms.keys(), id
            assert ("Numbers" in terms) == (kind in ("exact", "release", "printed")), id
            assert ("Paper's scale" in terms) == (kind in ("trend", "interaction", "ratio")), id
            assert terms["Cite"].a["href"] == f"#{id}"


def test_a_counted_claim_shows_its_rows_with_their_cause(page):
    rows = [
        [cell.text.strip() for cell in row.find_all("td")] for row in opened(page, "v2-table7-params")["Numbers"]("tr")
    ]
    assert rows[1:3] == [
        ["differs EfficientNetV2-S", "22", "21.46", "\u22122.5 %", "A14"],
        ["EfficientNetV2-M", "54", "54.14", "+0.3 %", ""],
    ]
    assert "Fixed in" in opened(page, "v2-table7-params")["Rule"].text


def test_a_measured_claim_shows_its_interval_and_its_records(page, found):
    claim = page.find(id="v2-table7-21k-s")
    finding = next(f for f in found if f.claim["id"] == "v2-table7-21k-s")
    half = (finding.found.high - finding.found.low) / 2
    assert claim.select_one(".sf-ov").text == f"{finding.found.estimate:+.1f} ± {half:.1f}"
    assert claim.select_one(".sf-pv").text == "+1.0"
    records = opened(page, "v2-table7-21k-s")["Records"]
    assert [link.text for link in records("a")] == ["10", "11", "12", "13"] * 2
    assert "the error also rests on 1 other arm of the experiment" in records.text
    design = opened(page, "v2-section3-3-search-fused")["Records"]  # 64 arms are not listed
    assert "64 runs, all of" in design.text and "papers/v2_search.py" in design.a["href"]
    assert "4 seeds at small decide 2 claims together" in opened(page, "v2-table7-21k-s")["Run it"].text


def test_values_are_those_of_the_summary(page, found):
    for finding in found:
        claim = page.find(id=finding.claim["id"])
        assert claim.summary.svg.title.text == finding.shown["verdict"]
        shown = finding.shown
        if finding.group == "measured here" and shown["published"] != "-":
            assert claim.select_one(".sf-pv").text.replace("\u2212", "-").replace("\u00d7", "x") == shown["published"]
        assert values(finding)[1] or finding.found.verdict == "not run", finding.claim["id"]


def test_every_link_has_a_target(page):
    ids = {tag["id"] for tag in page.find_all(id=True)}
    for link in page.find_all("a"):
        address = link["href"]
        if address.startswith("#"):
            assert address[1:] in ids
        elif row := re.fullmatch(r"discrepancies\.html#disc-([A-Z]\d+)", address):
            assert row[1] in DISCREPANCIES
        elif "/blob/" in address:
            assert (CHECKOUT / re.sub(r".*/blob/[^/]+/", "", address)).is_file()
        elif not address.startswith("https://"):
            assert address.removesuffix(".html") in sources()
    used = {use["href"][1:] for use in page.find_all("use")}
    assert used <= ids


def test_what_is_planned_is_said_and_not_linked(page):
    for section in sections().values():
        if heading := page.find(id=anchor(section)):
            assert (heading.a is None) == (section.page not in sources()), section.page
            assert ("page planned" in heading.text) == (section.page not in sources())


def test_a_claim_of_an_unknown_section_is_said(found):
    strange = replace(found[0], claim=found[0].claim | {"page": "efficientnet/9-nowhere"})
    with pytest.raises(KeyError, match=r"efficientnet/9-nowhere.*sections.csv"):
        ledger_html([strange])


def test_prose_links_rows_of_the_discrepancies_and_escapes():
    link = '<a href="discrepancies.html#disc-A12">row A12</a>'
    assert prose("`a-1` < -1 (row A12)") == f"<code>a-1</code> &lt; \u22121 ({link})"


def test_marks_keep_inside_and_share_one_scale():
    assert place(0, "points") == place(1, "ratio") == 52
    assert place(4, "ratio") - place(2, "ratio") == place(2, "ratio") - place(1, "ratio") == 22
    assert place(-100, "points") == place(float("-inf"), "loss") == 4 and place(1e9, "ratio") == 128
    drawn = effect_mark("t", "yes", "points", (0, float("inf")), 1.0, (2.0, 1.0, 3.0))
    assert "M60 6l4 4" in drawn and 'cx="68"' in drawn and "M60 10H76" in drawn
    xs = [float(x) for x in re.findall(r"M([\d.]+) ", number_marks("t", [True, False] * 20))]
    assert len(xs) == 40 and max(xs) < 130


def test_the_published_page_shows_the_ledger():
    page = json.loads((CHECKOUT / "book/claims.ipynb").read_text())
    assert page["metadata"]["html_theme.sidebar_secondary.remove"]
    shown = "".join("".join(o["data"].get("text/html", "")) for c in page["cells"] for o in c.get("outputs", []))
    assert {claim["id"] for claim in claims()} == set(re.findall(r'<details class="sf-c" id="([^"]+)"', shown))


def test_ranges_of_negative_numbers_can_be_read(found):
    finding = next(f for f in found if f.claim["id"] == "v2-table7-params")
    row = finding.rows.iloc[0].copy()
    row["low"], row["high"] = -18.0, -15.3
    assert our_number(row, 1) == "\u221218.0 to \u221215.3"
    row["low"], row["high"] = 1.9, 2.1
    assert our_number(row, 1) == "1.9\u20132.1"
