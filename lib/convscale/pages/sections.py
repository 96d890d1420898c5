"""The sections of the three papers, each a page of the book, written or planned."""

import csv
from dataclasses import dataclass
from functools import cache

from ..errors import check_name
from ..paths import DATA

SHORT = {"efficientnet": "v1", "resnet_rs": "rs", "efficientnetv2": "v2"}  # in the order of the book


@dataclass(frozen=True)
class Section:
    """One row of data/sections.csv: the page, the paper, its number and heading there, and its name in the menu."""

    page: str
    paper: str
    section: str
    heading: str
    menu: str

    @property
    def family(self) -> str:
        """ "v1", "rs" or "v2"."""
        return SHORT[self.paper]

    @property
    def label(self) -> str:
        """What the page's figures and tables are named by, e.g. "v2-6-3"."""
        return label_of(self.page)


@cache
def sections() -> dict[str, Section]:
    """Page name -> section, in the order of the papers and of their sections."""
    with (DATA / "sections.csv").open(newline="", encoding="utf-8") as file:
        return {row["page"]: Section(**row) for row in csv.DictReader(file)}


def section_of(page: str) -> Section:
    """Raises ValueError for a page that is no section, with the nearest names."""
    return sections()[check_name("section page (data/sections.csv has a row for each)", page, sections())]


def numbered(page: str) -> str:
    """The paper and the number of the section: "v2-6-3"."""
    folder, _, rest = page.partition("/")
    return "-".join([SHORT[folder], *(part for part in rest.split("-") if part.isdigit())])


def label_of(page: str) -> str:
    """ "efficientnetv2/6-3-adaptive-regularization" -> "v2-6-3"; of other pages the name with dashes for slashes.

    A second page on one section has the first word of its name, too: "efficientnet/4-grid-search" -> "v1-4-grid".
    """
    if page.partition("/")[0] not in SHORT:
        return page.replace("/", "-")
    label = numbered(page)
    first = next((other for other in sections() if numbered(other) == label), page)
    words = [part for part in page.partition("/")[2].split("-") if not part.isdigit()]
    return label if page == first else f"{label}-{words[0]}"


def address(page: str, target: str) -> str:
    """The link from `page` to `target`, both names of pages below book/, with an anchor if the target has one."""
    name, hash, anchor = target.partition("#")
    return "../" * page.count("/") + f"{name}.html{hash}{anchor}"
