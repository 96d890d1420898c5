"""The list of sections: every page of a claim is in it, and every written one exists."""

import pytest

from convscale.evidence.claims import claims
from convscale.pages.sections import SHORT, address, label_of, section_of, sections
from convscale.pages.sources import sources


def test_every_claim_belongs_to_a_section():
    assert {claim["page"] for claim in claims()} <= sections().keys()


def test_every_page_of_a_paper_is_a_section():
    pages = {name for name in sources() if name.partition("/")[0] in SHORT}
    assert pages - {"efficientnetv2/tour"} <= sections().keys()


def test_sections_stand_in_the_order_of_the_papers():
    papers = [section.paper for section in sections().values()]
    assert papers == sorted(papers, key=list(SHORT).index)
    for paper in SHORT:
        numbers = [tuple(map(int, s.section.split("."))) for s in sections().values() if s.paper == paper]
        assert numbers == sorted(numbers)


def test_pages_lie_in_the_folder_of_their_paper_under_their_number():
    for name, section in sections().items():
        folder, _, rest = name.partition("/")
        assert folder == section.paper and rest.startswith(section.section.replace(".", "-") + "-")


@pytest.mark.parametrize(
    ("page", "label"),
    [
        ("efficientnetv2/6-3-adaptive-regularization", "v2-6-3"),
        ("efficientnet/4-architecture", "v1-4"),
        ("resnet_rs/7-1-speed-accuracy", "rs-7-1"),
        ("howto/your-own-images", "howto-your-own-images"),
        ("claims", "claims"),
    ],
)
def test_labels_are_made_of_the_name(page, label):
    assert label_of(page) == label


def test_addresses_are_relative():
    assert address("efficientnetv2/6-3-x", "claims#a") == "../claims.html#a"
    assert address("index", "efficientnet/4-architecture") == "efficientnet/4-architecture.html"


def test_an_unknown_section_is_refused():
    with pytest.raises(ValueError, match=r"data/sections\.csv .* 'efficientnet/4-architectur': did you mean"):
        section_of("efficientnet/4-architectur")
