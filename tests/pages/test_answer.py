"""The strip that opens a section page says what the evidence says, and no more."""

import pytest
from bs4 import BeautifulSoup

from convscale.evidence import Verdict, judge
from convscale.evidence.claims import claim_of, claims
from convscale.evidence.judge_exact import decide
from convscale.evidence.judging import evidence_for
from convscale.pages.answer import answer
from convscale.records import Store, published

TABLE13, V1_4 = "efficientnetv2/6-3-adaptive-regularization", "efficientnet/4-architecture"
DECIDED = dict(seeds=16, scale="small", device="a CPU")


def strip(block) -> BeautifulSoup:
    return BeautifulSoup(block.html, "html.parser")


def facts(soup: BeautifulSoup) -> dict[str, str]:
    return {row.dt.get_text(): row.dd.b.get_text() for row in soup.select("dl > div")}


def test_before_all_runs_are_there_nothing_is_said_of_the_effect(tmp_path):
    soup = strip(answer(TABLE13, "Growing regularization", "v2-table13-progressive", Store(tmp_path)))
    assert soup.select_one(".sf-badge").get_text() == "Not run"
    assert soup.select_one(".sf-finding").get_text() == (
        "Growing regularization: not decided here yet. At the small scale 0 of 16 seeds are run."
    )
    assert facts(soup) == {"Effect": "not known yet", "Seeds": "16", "Scale": "small", "Cost": "0 of 112 runs"}


def test_the_number_of_the_paper_is_said_to_be_of_its_data(tmp_path):
    asked = ("resnet_rs/7-3-transfer", "Better training", "rs-table4-cifar100", Store(tmp_path))
    assert "paper +2.6, on CIFAR-100" in answer(*asked, on="CIFAR-100").html
    assert "paper +2.6, on ImageNet" in answer(*asked).html


def test_a_page_may_say_itself_what_it_has_counted():
    page = "efficientnetv2/4-2-progressive-learning"
    block = answer(page, finding="Growing images save half.")
    assert block.text == strip(block).select_one(".sf-finding").get_text() == "Growing images save half."
    assert answer(page).text.startswith("Of 14 numbers in the paper's sentences")


def test_what_a_page_has_counted_stands_before_what_its_claim_says(tmp_path):
    found = answer(
        TABLE13, "Growing regularization", "v2-table13-progressive", Store(tmp_path), "It gains 0.8 in print."
    )
    assert found.text.startswith("It gains 0.8 in print. Growing regularization: not decided here yet.")


@pytest.mark.parametrize(
    ("verdict", "finding"),
    [
        (
            Verdict("reproduced", "", 1.26, 0.4, 2.12, **DECIDED),
            "Growing regularization gained 1.3 points here. The whole interval is on the side of the claim.",
        ),
        (
            Verdict("not reproduced", "", -1.26, -2.1, -0.4, **DECIDED),
            "Growing regularization lost 1.3 points here. The whole interval is on the other side of the claim.",
        ),
        (
            Verdict("inconclusive", "", 0.31, -0.6, 1.2, **DECIDED),
            "Growing regularization gained 0.3 points here. 16 seeds cannot tell that from chance.",
        ),
        (
            Verdict("no difference seen", "", 0.1, -0.6, 0.8, **DECIDED),
            "Growing regularization gained 0.1 points here. That is less than the smallest effect of interest.",
        ),
    ],
)
def test_the_finding_says_what_the_verdict_says(verdict, finding, monkeypatch):
    monkeypatch.setattr("convscale.pages.answer.judge", lambda *_: verdict)
    block = answer(TABLE13, "Growing regularization", "v2-table13-progressive")
    soup = strip(block)
    assert soup.select_one(".sf-finding").get_text() == finding == block.text
    assert soup.select_one(".sf-badge").get_text().lower() == verdict.shown_word
    assert facts(soup)["Effect"].endswith("points") and "paper +0.8, on ImageNet" in soup.get_text()


def test_a_counted_page_says_how_many_numbers_agree_and_which_is_farthest_off():
    rows = [row for claim in claims(V1_4) if claim["kind"] == "exact" for row in decide(claim).to_dict("records")]
    good = sum(row["verdict"] == "reproduced" for row in rows)
    finding = strip(answer(V1_4)).select_one(".sf-finding").get_text()
    assert finding.startswith(f"Of {len(rows)} numbers that can be counted here, {good} agree")
    worst = max((row for row in rows if row["verdict"] != "reproduced"), key=lambda row: abs(row["deviation"]))
    assert worst["row"] in finding and worst["printed"] in finding


@pytest.mark.parametrize("page", [TABLE13, V1_4])
def test_every_claim_has_its_mark_which_leads_to_the_ledger(page):
    links = strip(answer(page)).select(".sf-tally a")
    assert [link["href"] for link in links] == [f"../claims.html#{claim['id']}" for claim in claims(page)]
    for link, claim in zip(links, claims(page), strict=True):
        word = judge(claim, evidence_for(claim, published())).shown_word
        assert link.svg.title.get_text() == f"{word}: {claim['statement']}"


def test_a_notebook_gets_no_links_of_the_book():
    shown = answer(V1_4)._repr_mimebundle_()
    assert "<a " in shown["text/markdown"] and "<a" not in shown["text/html"]


def test_where_a_notebook_shows_only_words_they_stand_apart():
    """As in JupyterLab, before the notebook is run there: no style, and of SVG the text."""
    soup = BeautifulSoup(answer(V1_4)._repr_mimebundle_()["text/html"], "html.parser")
    soup.style.extract()
    said = " ".join(soup.get_text().split())
    marks = [f"{judge(c, evidence_for(c, published())).shown_word}: {c['statement']}" for c in claims(V1_4)]
    assert f" agree {len(marks)} claims: {' '.join(' '.join(mark.split()) for mark in marks)} " in said
    assert said.endswith("Scale none the same on any machine Cost seconds nothing is trained")


def test_a_claim_without_runs_is_no_answer():
    counted = next(claim["id"] for claim in claims(V1_4) if claim["kind"] == "exact")
    with pytest.raises(ValueError, match="needs no run"):
        answer(V1_4, "Anything", counted)
    with pytest.raises(ValueError, match="unknown claim"):
        answer(V1_4, "Anything", "v1-section4-targt")
    assert claim_of(counted)["page"] == V1_4
