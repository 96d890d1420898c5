"""What people see first, README and its picture, is what the project is."""

import re

import pytest
import torch
import yaml

from convscale.cli import parser
from convscale.evidence import paper_table
from convscale.measure import count_params
from convscale.models import build
from convscale.paths import CHECKOUT
from tools.readme_picture import PICTURE, picture

README = (CHECKOUT / "README.md").read_text()
GUIDE = (CHECKOUT / "CONTRIBUTING.md").read_text()


def test_the_picture_is_of_the_verdicts_of_now():
    assert PICTURE.read_text() == picture(), "make drawings"


def test_the_book_is_where_the_repository_publishes_it():
    home = yaml.safe_load((CHECKOUT / "_config.yml").read_text())["repository"]["url"]
    owner, name = home.removeprefix("https://github.com/").split("/")
    assert f"[book](https://{owner}.github.io/{name}/)" in README


@pytest.mark.parametrize("text", [README, GUIDE], ids=["README", "CONTRIBUTING"])
def test_files_that_are_named_are_there(text):
    linked = re.findall(r"\]\((?!https?:|#|\.\./)([^)#]+)", text)
    named = re.findall(r"`((?:lib|tests|tools|data|benchmarks)/[^`]*)`", text)
    missing = [name for name in linked + named if not any(CHECKOUT.glob(name))]
    assert len(linked + named) > 5 and missing == []


def test_commands_of_the_readme_are_commands():
    written = re.findall(r"^    convscale (.*?)(?:\s+#.*)?$", README, re.MULTILINE)
    assert len(written) > 8
    for command in written:
        parser().parse_args(command.replace("<folder>", "folder").split())


def test_the_result_of_the_readme_is_so():
    with torch.device("meta"):
        counted = count_params(build("efficientnetv2-s"))
    printed = {}
    for table, row in (("v2:7", "EfficientNetV2-S"), ("v2:8", "EfficientNetV2-S"), ("v2:11", "V2-S")):
        rows = paper_table(table)
        (printed[table],) = rows[(rows["row"] == row) & (rows["column"] == "params")]["value"]
    assert printed == {"v2:7": 22, "v2:8": 24, "v2:11": 24}
    words = f"EfficientNetV2-S has {counted / 1e6:.1f} million parameters"
    assert words in README and "22 million in its\nTable 7, and 24 million in Tables 8 and 11" in README
